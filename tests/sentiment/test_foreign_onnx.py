"""Models of others in ONNX folders: their word on the sentiment, ours on the rest; refusals that say what to do."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from sentiment import SHIPPED, Backend, ModelMissing, load
from sentiment.contract import HEADS
from sentiment.foreign_onnx import OnnxReader
from tests.sentiment import strangers


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    return load(str(strangers.make_onnx(tmp_path_factory.mktemp("models") / "small-one")))


def test_it_tells_sentiment_and_ours_the_rest(stranger: Backend, judge: Backend) -> None:
    text = "Заказ: ужасно, плохо! Когда вернёте деньги?"
    (theirs,), (ours,) = stranger.classify([text]), judge.classify([text])
    # Two words weigh 2 each for negative, nothing for the others: e^4 / (e^4 + 2).
    assert theirs.sentiment.value == "negative"
    assert theirs.sentiment.probability == pytest.approx(np.exp(4) / (np.exp(4) + 2), abs=1e-5)
    for head in ("language", "kind", "urgency", "abuse"):
        assert getattr(theirs, head) == getattr(ours, head)


def test_a_verdict_names_both_models(stranger: Backend, judge: Backend) -> None:
    (verdict,) = stranger.classify(["отлично"])
    assert verdict.backend == stranger.name == "small-one + onnx"
    assert verdict.revision == stranger.revision
    assert verdict.revision.endswith(f" + {judge.revision}")


def test_other_weights_or_labels_are_another_revision(tmp_path: Path, stranger: Backend) -> None:
    same = load(str(strangers.make_onnx(tmp_path / "same")))
    other = load(str(strangers.make_onnx(tmp_path / "other", ("positive", "neutral", "negative"))))
    assert same.revision == stranger.revision != other.revision


def test_whatever_changes_verdicts_is_another_revision(tmp_path: Path, stranger: Backend) -> None:
    """Or the desk would pass over what the same name has judged, though it would judge otherwise now."""
    folder = strangers.make_onnx(tmp_path / "m")
    turned = load(str(folder), labels="negative=positive,neutral=neutral,positive=negative")
    lax, strict = (load(str(folder), threshold=share) for share in (0.5, 0.9))
    path = folder / "tokenizer.json"
    path.write_text(path.read_text("utf-8").replace('"ужасно"', '"ужасна"'), "utf-8")
    revisions = {one.revision for one in (stranger, turned, lax, strict, load(str(folder)))}
    assert len(revisions) == 5
    assert {len(one.split(" + ")[0]) for one in revisions} == {12}
    assert load(str(folder), threshold=0.7).revision == load(str(folder)).revision


def test_how_sure_it_has_to_be_can_be_set(tmp_path: Path) -> None:
    folder = str(strangers.make_onnx(tmp_path / "m"))
    text = ["Отлично, спасибо, всё понравилось!"]
    lax, strict = load(folder, threshold=0.5).classify(text), load(folder, threshold=1.0).classify(text)
    assert lax[0].sentiment == strict[0].sentiment
    assert (lax[0].needs_look, strict[0].needs_look) == (False, True)


def test_its_sureness_does_not_silence_our_doubts(stranger: Backend) -> None:
    (verdict,) = stranger.classify(
        ["awful awful awful awful 中文评论很差中文评论很差中文评论很差中文评论很差"]
    )
    assert verdict.sentiment.probability > 0.99
    assert verdict.language.value == "other" and verdict.needs_look


def test_five_levels_are_added_up(tmp_path: Path) -> None:
    names = ("Very Negative", "Negative", "Neutral", "Positive", "Very Positive")
    (verdict,) = load(str(strangers.make_onnx(tmp_path / "five", names))).classify(["ужасно"])
    rest = np.exp(2) + 4
    assert verdict.sentiment.value == "negative"
    assert verdict.sentiment.probability == pytest.approx((np.exp(2) + 1) / rest, abs=1e-5)


def test_yes_or_no_models_are_read_as_such(tmp_path: Path) -> None:
    folder = strangers.make_onnx(tmp_path / "yesno", problem_type="multi_label_classification")
    (verdict,) = load(str(folder)).classify(["ужасно"])
    yes, half = 1 / (1 + np.exp(-2)), 0.5
    assert verdict.sentiment.probability == pytest.approx(yes / (yes + 2 * half), abs=1e-5)


def test_labels_without_names_need_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(strangers.make_onnx(tmp_path / "numbers", ("LABEL_0", "LABEL_1", "LABEL_2")))
    with pytest.raises(ModelMissing, match="OTKLIK_SENTIMENT_LABELS="):
        load(folder)
    monkeypatch.setenv("OTKLIK_SENTIMENT_LABELS", "LABEL_0=positive,LABEL_1=neutral,LABEL_2=negative")
    assert load(folder).classify(["ужасно"])[0].sentiment.value == "positive"


@pytest.mark.parametrize("more", [{}, {"num_labels": 3}, {"id2label": None}, {"id2label": {}}])
def test_labels_that_are_left_out_are_numbers(tmp_path: Path, more: dict[str, object]) -> None:
    """transformers leaves id2label out where it gave the names LABEL_0 ... itself."""
    folder = strangers.make_onnx(tmp_path / "numbers", ("LABEL_0", "LABEL_1", "LABEL_2"))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"} | more))
    with pytest.raises(ModelMissing, match="LABEL_0=…,LABEL_1=…,LABEL_2=…"):
        load(str(folder))
    mapped = load(str(folder), labels="LABEL_0=positive,LABEL_1=neutral,LABEL_2=negative")
    assert mapped.classify(["ужасно"])[0].sentiment.value == "positive"


def test_long_texts_are_read_to_their_end(stranger: Backend) -> None:
    calm, angry = "заказ " * 400, "ужасно " * 600
    before, after = stranger.classify([calm + "отлично " * 100, calm + "отлично " * 100 + angry])
    assert before.sentiment.value == "positive"
    assert after.sentiment.value == "negative"


def test_company_never_changes_a_verdict(stranger: Backend) -> None:
    texts = [
        "ужасно",
        "",
        "отлично " * 300,
        "заказ и заказ",
        "ужасно плохо awful " * 90,
        "[SEP] [PAD] ужасно",
    ]
    alone = {text: stranger.classify([text])[0] for text in texts}
    company = texts * 3
    random.Random(2).shuffle(company)
    assert stranger.classify(company) == [alone[text] for text in company]


def test_threads_do_not_change_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(strangers.make_onnx(tmp_path / "m"))
    texts = ["ужасно", "отлично спасибо", "", "заказ " * 200]
    one = load(folder).classify(texts)
    monkeypatch.setenv("OTKLIK_SENTIMENT_THREADS", "3")
    assert load(folder).classify(texts) == one


def test_marks_in_a_text_are_words_and_its_own_marks_are_there(tmp_path: Path) -> None:
    reader = OnnxReader(strangers.make_onnx(tmp_path / "m"))
    marks = {strangers.VOCABULARY.index(mark) for mark in ("[PAD]", "[CLS]", "[SEP]")}
    assert not marks & set(reader.encode("ужасно [CLS] [SEP] [PAD]", is_framed=False))
    framed = reader.encode("ужасно", is_framed=True)
    assert [strangers.VOCABULARY[token] for token in framed] == ["[CLS]", "ужасно", "[SEP]"]


def test_without_token_types_it_works_too(tmp_path: Path) -> None:
    folder = strangers.make_onnx(tmp_path / "no-types", has_types=False)
    assert load(str(folder)).classify(["ужасно"])[0].sentiment.value == "negative"


def test_probabilities_of_every_label_add_up(stranger: Backend, judge: Backend) -> None:
    (chances,) = stranger.chances("sentiment", ["отлично"])
    assert set(chances) == set(HEADS["sentiment"]) and sum(chances.values()) == pytest.approx(1)
    assert stranger.chances("kind", ["отлично"]) == judge.chances("kind", ["отлично"])


def test_our_own_folder_stays_ours(judge: Backend) -> None:
    assert load(str(SHIPPED)).name == judge.name == "onnx"


def broken(folder: Path, how: str) -> None:
    if how == "answers":
        strangers.write_onnx(folder, strangers.THREE, ["input_ids", "attention_mask"], answers=2)
    elif how == "inputs":
        strangers.write_onnx(folder, strangers.THREE, ["input_ids", "attention_mask", "pixels"])
    elif how == "weights":
        (folder / "model.onnx").write_bytes(b"<html>404</html>")
    elif how == "half the weights":
        (folder / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:-200])
    elif how == "a word a token":
        strangers.write_onnx(folder, strangers.THREE, ["input_ids", "attention_mask"], is_by_word=True)
    elif how == "tokenizer":
        (folder / "tokenizer.json").write_text("{}")
    elif how == "new tokenizer":
        (folder / "tokenizer.json").write_text('{"model": {"type": "New"}}')
    elif how == "narrow tokenizer":
        Tokenizer(models.WordLevel({"a": 0}, unk_token="[UNK]")).save(str(folder / "tokenizer.json"))
    elif how == "config":
        (folder / "config.json").write_text("version https://git-lfs.github.com/spec/v1")
    elif how == "list":
        (folder / "config.json").write_text("[]")
    elif how == "labels":
        (folder / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": {"x": "a"}}))
    else:
        (folder / how).unlink()


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("answers", "names 3 labels"),
        ("inputs", "pixels"),
        ("weights", r"model\.onnx cannot be loaded"),
        ("half the weights", r"model\.onnx cannot be loaded"),
        ("a word a token", "is no text classifier"),
        ("tokenizer", r"tokenizer\.json is no tokenizer"),
        ("new tokenizer", r"tokenizer\.json is no tokenizer"),
        ("narrow tokenizer", "does not run: WordLevel error"),
        ("config", r"config\.json cannot be read"),
        ("list", r"config\.json holds no JSON object"),
        ("labels", "names no labels"),
        ("tokenizer.json", r"lacks tokenizer\.json"),
        ("config.json", r"lacks config\.json"),
        ("model.onnx", r"lacks model\.onnx"),
    ],
)
def test_a_broken_folder_is_one_sentence(tmp_path: Path, how: str, said: str) -> None:
    folder = strangers.make_onnx(tmp_path / "m")
    broken(folder, how)
    with pytest.raises(ModelMissing, match=said) as refusal:
        load(str(folder))
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 500


@pytest.mark.parametrize("name", ["/no/such/folder", "../gone/model", "a/b/c", "two words", "~/model"])
def test_a_path_that_leads_nowhere_is_said_so(name: str) -> None:
    with pytest.raises(ModelMissing, match="is no folder"):
        load(name)


@pytest.mark.parametrize("count", ["two", "1.5", "²"])
def test_threads_that_are_no_number_are_refused(count: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SENTIMENT_THREADS", count)
    with pytest.raises(ModelMissing, match="OTKLIK_SENTIMENT_THREADS"):
        load()


@pytest.mark.parametrize("share", ["1.5", "-0.1", "half", "nan"])
def test_a_threshold_that_is_no_share_is_refused(share: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SENTIMENT_THRESHOLD", share)
    with pytest.raises(ModelMissing, match="OTKLIK_SENTIMENT_THRESHOLD"):
        load()
