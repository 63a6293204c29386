"""The arithmetic of `evaluate`, against numbers counted by hand, and what it leaves out."""

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest

from sentiment import Label, Verdict
from sentiment.errors import TableUnreadable
from sentiment.measuring import describe, measure, read_table
from sentiment.scores import score, score_group, score_poles, weighted_kappa


class Parrot:
    """A backend that answers what the text says: "negative complaint high"."""

    name = "parrot"
    revision = "1"

    def classify(self, texts: Sequence[str]) -> list[Verdict]:
        return [self._verdict(*text.split()) for text in texts]

    def _verdict(self, sentiment: str, kind: str = "other", urgency: str = "low") -> Verdict:
        said = [Label(value, 1.0) for value in ("en", sentiment, kind, urgency, "ok")]
        return Verdict(*said, needs_look=False, backend=self.name, revision=self.revision)


def test_scores_counted_by_hand() -> None:
    gold = ["a", "a", "a", "a", "b", "b"]
    answers = ["a", "a", "a", "b", "b", "c"]
    found = score(gold, answers)
    # a: 3 right of 3 answered and 4 in gold: F1 6/7; b: 1 right of 2 answered and 2 in gold: F1 1/2; c is not in gold.
    assert found.macro_f1 == pytest.approx((6 / 7 + 1 / 2) / 2, abs=1e-6)
    assert found.macro_recall == pytest.approx((3 / 4 + 1 / 2) / 2, abs=1e-6)
    assert found.accuracy == pytest.approx(4 / 6, abs=1e-6)
    assert [(row.label, row.n, row.precision) for row in found.classes] == [("a", 4, 1.0), ("b", 2, 0.5)]


def test_the_poles_leave_neutral_out() -> None:
    gold = ["positive", "positive", "negative", "neutral", "neutral"]
    found = score(gold, ["positive", "neutral", "negative", "negative", "neutral"])
    # positive: 1 of 1 and 2, F1 2/3; negative: 1 of 2 and 1, F1 2/3; neutral is not asked.
    assert score_poles(found) == pytest.approx(2 / 3, abs=1e-6)
    assert score_poles(score(["positive"], ["positive"])) is None


def test_weighted_kappa_punishes_by_the_square_of_the_distance() -> None:
    order = ("critical", "high", "normal", "low")
    gold = ["critical", "high", "normal", "low"]
    assert weighted_kappa(gold, gold, order) == 1.0
    # One answer is off by one: 1 in all. By chance, over all pairs of gold and answers: 40 of squares, 4 rows: 10.
    assert weighted_kappa(gold, ["critical", "normal", "normal", "low"], order) == pytest.approx(1 - 1 / 10)
    assert weighted_kappa(gold, list(reversed(gold)), order) == pytest.approx(-1.0)


def test_a_group_of_labels_is_found_whichever_of_them_is_said() -> None:
    found = score_group(
        ["critical", "high", "low", "low"], ["high", "low", "high", "low"], ("critical", "high")
    )
    assert (found.recall, found.precision) == (0.5, 0.5)
    nothing = score_group(["low"], ["low"], ("critical",))
    assert (nothing.recall, nothing.precision) == (0.0, 0.0)


def test_a_class_never_answered_counts_as_nothing() -> None:
    found = score(["a", "b"], ["a", "a"])
    assert [row.f1 for row in found.classes] == [pytest.approx(2 / 3, abs=1e-6), 0.0]


def test_no_rows_no_division_by_nothing() -> None:
    assert score([], []).n == 0


def row(text: str, label: str, task: str) -> dict[str, str]:
    return {"text": text, "label": label, "task": task}


def test_stars_are_read_as_tone_and_three_are_left_out() -> None:
    rows = [
        row("negative", "1", "rating"),
        row("neutral", "5", "rating"),
        row("positive", "4", "rating"),
        row("positive", "3", "rating"),
    ]
    (result,), unknown = measure(rows, Parrot())
    assert (result.scores.n, result.left_out, unknown) == (3, {"3": 1}, {})
    assert result.scores.macro_recall == pytest.approx(0.75)
    assert result.scores.accuracy == pytest.approx(2 / 3, abs=1e-6)


def test_complaint_asks_one_thing_only() -> None:
    rows = [
        row("neutral question", "not_complaint", "complaint"),
        row("neutral complaint", "complaint", "complaint"),
    ]
    (result,), _ = measure(rows, Parrot())
    assert result.scores.macro_f1 == 1.0


def test_three_levels_of_urgency_join_ours() -> None:
    rows = [
        row("neutral other critical", "high", "urgency"),
        row("neutral other normal", "medium", "urgency"),
        row("neutral other low", "low", "urgency"),
    ]
    (result,), _ = measure(rows, Parrot())
    assert result.scores.accuracy == 1.0


def test_four_levels_are_kept_apart() -> None:
    rows = [
        row("neutral other critical", "high", "urgency"),
        row("neutral other critical", "critical", "urgency"),
    ]
    (result,), _ = measure(rows, Parrot())
    assert result.scores.accuracy == 0.5


def test_each_task_has_its_result_and_unknown_ones_are_counted() -> None:
    rows = [
        row("positive praise", "positive", "sentiment"),
        row("positive praise", "praise", "intent"),
        row("positive praise", "rating_only", "intent"),
        row("positive", "sport", "topic"),
    ]
    shown = describe(*measure(rows, Parrot()))
    tasks = shown["tasks"]
    assert isinstance(tasks, dict)
    assert set(tasks) == {"sentiment", "intent"}
    assert tasks["intent"]["left_out"] == {"rating_only": 1}
    assert shown["tasks_left_out"] == {"topic": 1}
    assert "macro_f1" not in shown


def test_one_task_stands_at_the_top() -> None:
    shown = describe(*measure([row("negative", "negative", "sentiment")], Parrot()))
    assert (shown["macro_f1"], shown["n"], shown["accuracy"]) == (1.0, 1, 1.0)


def test_tables_are_read_packed_and_plain(tmp_path: Path) -> None:
    content = 'id\ttext\tlabel\ttask\n1\tsaid "so\tpositive\tsentiment\n'
    (tmp_path / "a.tsv").write_text(content, encoding="utf-8")
    with gzip.open(tmp_path / "a.tsv.gz", "wt", encoding="utf-8") as out:
        out.write(content)
    expected = [row('said "so', "positive", "sentiment")]
    assert read_table(tmp_path / "a.tsv") == read_table(tmp_path / "a.tsv.gz") == expected


def test_a_table_that_excel_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"\xef\xbb\xbftext\tlabel\ttask\r\nfine\tpositive\tsentiment\r\n")
    assert read_table(tmp_path / "a.tsv") == [row("fine", "positive", "sentiment")]


@pytest.mark.parametrize("content", [b"", b"text\tlabel\nx\ty\n"])
def test_a_table_without_its_columns_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.tsv").write_bytes(content)
    with pytest.raises(TableUnreadable, match="no column"):
        read_table(tmp_path / "bad.tsv")


def test_a_file_that_only_looks_packed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.tsv.gz").write_bytes(b"text\tlabel\ttask\n")
    with pytest.raises(TableUnreadable, match="cannot be read"):
        read_table(tmp_path / "bad.tsv.gz")
