"""What a judge learns from a desk: it helps from 50 corrections on, it is kept only if it holds, and nothing odd breaks it."""

import time
from dataclasses import replace

import numpy as np
import pytest

from sentiment import SHIPPED, learning_bench, refit, replay
from sentiment.adaptation import Adaptation
from sentiment.contract import HEADS
from sentiment.errors import AdaptationUnreadable, ReplayMissing
from sentiment.refit import Score
from sentiment.replay import Examples, Replay

WIDTH = 16
KIND = list(HEADS).index("kind")
URGENCY = list(HEADS).index("urgency")
TEXTS = [
    "Карту заблокировали, на линии никого, верните доступ!",
    "The courier never came and nobody answers the phone.",
    "Спасибо, всё отлично",
    "",
    "😀😀😀",
    "What are your opening hours? " * 300,
]


def world(seed: int, count: int) -> Examples:
    """Texts as points; their labels follow from where they stand, and the judge mostly knows how."""
    draw = np.random.default_rng(seed)
    teacher = np.random.default_rng(0).normal(size=(WIDTH, sum(map(len, HEADS.values())))) / 2
    teacher[-1] = 0  # that is what a text is about, which has no label
    vectors = draw.normal(size=(count, WIDTH)).astype(np.float32)
    vectors[:, -1] /= 10
    logits = (vectors @ teacher).astype(np.float32)
    labels = np.stack([logits[:, replay.columns(head)].argmax(axis=1) for head in HEADS], axis=1)
    logits += draw.normal(size=logits.shape).astype(np.float32) / 4
    keys = draw.integers(1, 2**63, size=count).astype(np.uint64)
    return Examples(keys, vectors, logits, labels.astype(np.int8))


@pytest.fixture(scope="module")
def shipped() -> Replay:
    return Replay("base1", world(1, 2000), np.ones(2000, bool))


def of_a_desk(corrections: Examples) -> Examples:
    """At this desk, whose texts stand apart by what they are about, a question is a complaint."""
    labels, vectors = corrections.labels.copy(), corrections.vectors.copy()
    labels[labels[:, KIND] == 1, KIND] = 0
    vectors[:, -1] += 4
    return replace(corrections, labels=labels, vectors=vectors)


def corrected(seed: int, count: int) -> Examples:
    found = of_a_desk(world(seed, count * 8))
    return found.only(mostly_wrong(found, KIND, count))


def mostly_wrong(found: Examples, head: int, count: int) -> np.ndarray:
    """People correct what is wrong, and now and then look at what is right."""
    logits = found.logits[:, replay.columns(list(HEADS)[head])]
    is_wrong = logits.argmax(axis=1) != found.labels[:, head]
    chosen = np.zeros(len(found), bool)
    chosen[np.flatnonzero(is_wrong)[: count * 2 // 3]] = True
    chosen[np.flatnonzero(~is_wrong)[: count - int(chosen.sum())]] = True
    return chosen


def first(examples: Examples, count: int) -> Examples:
    return examples.only(np.arange(len(examples)) < count)


def share_right(examples: Examples, head: int, adaptation: Adaptation | None) -> float:
    name = list(HEADS)[head]
    logits = examples.logits[:, replay.columns(name)]
    if adaptation is not None:
        logits = adaptation.correct(name, logits, examples.vectors)
    return float((logits.argmax(axis=1) == examples.labels[:, head]).mean())


@pytest.mark.parametrize("size", [50, 200, 1000])
def test_a_desks_own_rule_is_learned_from_fifty_corrections_on(shipped: Replay, size: int) -> None:
    outcome = refit.refit(shipped, corrected(5, size))
    assert (outcome.is_better, outcome.reason) == (True, "better")
    assert outcome.after.right > outcome.before.right
    for head in outcome.heads:
        if head.is_changed:
            lost = 100 * (head.replay_before.right - head.replay_after.right) / head.replay_before.of
            assert lost < refit.LARGEST_LOSS
    held_out = of_a_desk(world(6, 1000))
    assert share_right(held_out, KIND, outcome.adaptation) > share_right(held_out, KIND, None)


def test_the_judge_that_ships_learns_a_rule_from_fifty_corrections() -> None:
    """What our guide calls a question is a complaint to this desk. Half of the texts that the judge never saw are the
    desk's, the others stay in the replay set; those not corrected show whether the rule was understood. Which fifty are
    corrected is drawn four times: some draws say too little, and then nothing may change."""
    kept = replay.read(SHIPPED)
    is_desk = kept.is_unseen & (kept.examples.keys % np.uint64(2) == 1)
    desk = kept.examples.only(is_desk)
    labels = desk.labels.copy()
    labels[labels[:, KIND] == HEADS["kind"].index("question"), KIND] = HEADS["kind"].index("complaint")
    desk = replace(desk, labels=labels)
    gains = []
    for draw in range(4):
        corrections, held_out = learning_bench.split(desk, 50, draw, kept.leans)
        learned = refit.refit(kept.only(~is_desk), corrections).adaptation
        gains.append(share_right(held_out, KIND, learned) - share_right(held_out, KIND, None))
    assert sum(gain > 0 for gain in gains) >= 2, gains
    assert min(gains) > -0.01, gains


def test_what_is_forgotten_is_measured_on_texts_the_judge_never_saw(shipped: Replay) -> None:
    half = replace(shipped, is_unseen=shipped.examples.keys % np.uint64(2) == 0)
    outcome = refit.refit(half, corrected(5, 200))
    assert {head.replay_before.of for head in outcome.heads if head.reason != "no_labels"} == {
        half.is_unseen.sum()
    }
    nothing = refit.refit(replace(shipped, is_unseen=np.zeros(2000, bool)), corrected(5, 200))
    assert nothing.adaptation is None and {head.reason for head in nothing.heads} == {"no_labels"}


def test_the_same_corrections_always_teach_the_same(shipped: Replay) -> None:
    corrections = corrected(5, 100)
    one, two = (refit.refit(shipped, corrections) for _ in range(2))
    assert one.adaptation is not None
    assert two.adaptation is not None
    assert one.adaptation.code == two.adaptation.code
    assert (one.before, one.after, one.numbers) == (two.before, two.after, two.numbers)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_texts_say_so(shipped: Replay, count: int) -> None:
    outcome = refit.refit(shipped, first(world(3, 20), count))
    assert (outcome.is_better, outcome.reason) == (False, "too_few")
    assert outcome.numbers == {"texts": count, "left_out": 0, "needed": refit.FEWEST_TEXTS}


def test_one_text_corrected_a_hundred_times_is_one_text(shipped: Replay) -> None:
    one = world(3, 100)
    same = Examples(
        np.full(100, 7, np.uint64), one.vectors[:1].repeat(100, 0), one.logits[:1].repeat(100, 0), one.labels
    )
    assert refit.refit(shipped, same).reason == "too_few"


def test_corrections_that_contradict_each_other_are_refused(shipped: Replay) -> None:
    once = world(3, 100)
    parts = (once.keys, once.vectors, once.logits, once.labels)
    twice = Examples(*(np.concatenate([part, part]) for part in parts))
    labels = twice.labels.copy()
    labels[100:] = (labels[100:] + 1) % np.array([len(names) for names in HEADS.values()])
    outcome = refit.refit(shipped, replace(twice, labels=labels))
    assert (outcome.is_better, outcome.reason) == (False, "no_gain")
    assert outcome.after == outcome.before


def test_a_desk_that_turns_everything_round_is_refused_for_what_would_be_forgotten(shipped: Replay) -> None:
    corrections = world(3, 800)
    labels = (corrections.labels + 1) % np.array([len(labels) for labels in HEADS.values()], np.int8)
    outcome = refit.refit(shipped, replace(corrections, labels=labels.astype(np.int8)))
    assert (outcome.is_better, outcome.reason) == (False, "forgets")


def test_one_label_for_everything_does_not_make_the_judge_say_it_everywhere(shipped: Replay) -> None:
    corrections = world(3, 300)
    labels = np.zeros_like(corrections.labels)
    outcome = refit.refit(shipped, replace(corrections, labels=labels))
    for head in outcome.heads:
        lost = 100 * (head.replay_before.right - head.replay_after.right) / head.replay_before.of
        assert lost < refit.LARGEST_LOSS


def test_a_head_that_nobody_labelled_stays_as_it_is(shipped: Replay) -> None:
    corrections = corrected(5, 100)
    labels = corrections.labels.copy()
    labels[:, [0, 2, 3]] = replay.UNKNOWN
    outcome = refit.refit(shipped, replace(corrections, labels=labels))
    assert [head.reason for head in outcome.heads] == ["no_labels", "better", "no_labels", "no_labels"]
    assert outcome.adaptation is not None
    assert set(outcome.adaptation.weights) == {"kind"}
    assert outcome.before.of == len(corrections)


def test_numbers_that_are_none_are_left_out(shipped: Replay) -> None:
    corrections = corrected(5, 100)
    corrections.vectors[::7] = np.nan
    corrections.logits[::11] = np.inf
    outcome = refit.refit(shipped, corrections)
    assert outcome.adaptation is not None
    assert all(np.isfinite(part).all() for part in outcome.adaptation.weights.values())


def test_twenty_thousand_corrections_are_cut_to_the_newest_and_said_so(shipped: Replay) -> None:
    corrections = of_a_desk(world(5, 20_000))
    begun = time.process_time()
    outcome = refit.refit(shipped, corrections)
    assert outcome.numbers["left_out"] == 20_000 - refit.MOST_TEXTS
    assert outcome.numbers["texts"] == refit.MOST_TEXTS
    assert time.process_time() - begun < 60


def test_the_newest_corrections_are_taken_as_far_as_their_letters_go() -> None:
    assert refit.taken([10, 20, 30]) == 3
    assert refit.taken([]) == 0
    assert refit.taken([1] * (refit.MOST_TEXTS + 5)) == refit.MOST_TEXTS
    assert refit.taken([100_000] * 50) == refit.MOST_CHARACTERS // 100_000


def test_the_desk_is_right_about_a_shipped_text(shipped: Replay) -> None:
    """Else the shipped label of the same text would be held against the correction."""
    corrections = first(shipped.examples, 100)
    outcome = refit.refit(shipped, of_a_desk(corrections))
    assert outcome.replay_before.of == 4 * 1900


def test_scores_add_up() -> None:
    assert Score(1, 2) + Score(3, 4) == Score(4, 6)


def learned(judge, size: float = 0.5) -> Adaptation:
    draw = np.random.default_rng(4)
    widths = {head: len(labels) for head, labels in HEADS.items()}
    return Adaptation(
        judge.base,
        {head: draw.normal(size=(384, n)).astype(np.float32) * size for head, n in widths.items()},
        {head: draw.normal(size=n).astype(np.float32) for head, n in widths.items()},
    )


def test_what_was_learned_changes_verdicts_and_is_named_by_them(judge) -> None:
    taught = judge.adapted(learned(judge))
    assert taught.revision == f"{judge.base}+{taught.adaptation.code}"
    assert {verdict.revision for verdict in taught.classify(TEXTS)} == {taught.revision}
    assert [one.kind for one in taught.classify(TEXTS)] != [one.kind for one in judge.classify(TEXTS)]
    assert judge.revision == judge.base
    assert taught.adapted(None).classify(TEXTS) == judge.classify(TEXTS)


def test_company_never_changes_a_verdict(judge) -> None:
    taught = judge.adapted(learned(judge))
    alone = [taught.classify([text])[0] for text in TEXTS]
    assert taught.classify(TEXTS) == alone
    assert taught.classify(TEXTS[::-1]) == alone[::-1]


def test_nothing_learned_is_nothing_changed(judge) -> None:
    zero = learned(judge, 0.0)
    zero = Adaptation(zero.base, zero.weights, {head: part * 0 for head, part in zero.bias.items()})
    said = [replace(one, revision=judge.base) for one in judge.adapted(zero).classify(TEXTS)]
    assert said == judge.classify(TEXTS)


def test_what_was_learned_survives_as_bytes(judge) -> None:
    before = learned(judge)
    after = Adaptation.from_bytes(before.to_bytes())
    assert (after.revision, len(before.to_bytes()) < 40_000) == (before.revision, True)
    assert judge.adapted(after).classify(TEXTS) == judge.adapted(before).classify(TEXTS)


@pytest.mark.parametrize("kept", [b"", b"PK\x03\x04", b"\x00" * 100, b"not a zip"])
def test_other_bytes_are_refused(kept: bytes) -> None:
    with pytest.raises(AdaptationUnreadable):
        Adaptation.from_bytes(kept)


def test_a_correction_that_does_not_fit_is_refused(judge) -> None:
    good = learned(judge)
    for wrong in (
        replace(good, weights=good.weights | {"kind": good.weights["kind"][:, :2]}),
        replace(good, bias=good.bias | {"kind": good.bias["kind"] * np.nan}),
        replace(good, weights={"mood": good.weights["kind"]}, bias={"mood": good.bias["kind"]}),
    ):
        with pytest.raises(AdaptationUnreadable):
            Adaptation.from_bytes(wrong.to_bytes())
    with pytest.raises(ValueError, match="learned on other"):
        judge.adapted(replace(good, base="other"))


def test_a_correction_for_vectors_of_another_width_is_refused(judge) -> None:
    """It would break every verdict, for the name of the weights says nothing of their shape."""
    good = learned(judge)
    for wrong in (
        replace(good, weights=good.weights | {"kind": good.weights["kind"][:200]}),
        replace(good, weights=good.weights | {"kind": good.weights["kind"][None]}),
        replace(good, bias=good.bias | {"kind": good.bias["kind"][None]}),
        replace(good, bias={}),
    ):
        with pytest.raises(AdaptationUnreadable, match="does not fit"):
            judge.adapted(wrong)
    with pytest.raises(AdaptationUnreadable, match="does not fit"):
        judge.adapted(
            Adaptation.from_bytes(
                replace(good, weights={h: part[:200] for h, part in good.weights.items()}).to_bytes()
            )
        )


def test_a_correction_of_which_a_byte_was_lost_is_refused(judge) -> None:
    """Or read as it was, where the byte says nothing of the numbers (a date in the archive)."""
    good = learned(judge)
    kept, refused = bytearray(good.to_bytes()), 0
    for place in range(100, len(kept), 1777):
        broken = kept.copy()
        broken[place] ^= 0xFF
        try:
            assert Adaptation.from_bytes(bytes(broken)).to_bytes() == good.to_bytes()
        except AdaptationUnreadable:
            refused += 1
    assert refused


def test_a_replay_set_is_written_and_read_again(judge, tmp_path) -> None:
    labels = [
        {"kind": "complaint"},
        {"kind": "complaint", "urgency": "high"},
        {},
        {},
        {"abuse": "ok"},
        {},
    ]
    path = replay.build(judge, TEXTS, labels, [True] + [False] * 5, tmp_path / replay.FILE, judge.leans)
    kept, fresh = replay.read(tmp_path), replay.gather(judge, TEXTS, labels)
    assert path.exists()
    assert kept.base == judge.base
    assert np.array_equal(kept.leans, judge.leans) and kept.leans.any(), (
        "the judge that ships leans to the urgent"
    )
    assert sorted(kept.examples.keys) == sorted(fresh.keys)
    assert kept.is_unseen[list(kept.examples.keys).index(replay.key(TEXTS[0]))] and kept.is_unseen.sum() == 1
    place = list(kept.examples.keys).index(replay.key(TEXTS[1]))
    assert list(kept.examples.labels[place]) == [-1, 0, 1, -1]
    assert (
        np.abs(kept.examples.vectors[place] - fresh.vectors[1]).max() < np.abs(fresh.vectors[1]).max() / 100
    )
    assert np.abs(kept.examples.logits[place] - fresh.logits[1]).max() < 0.05


def test_a_folder_without_a_replay_set_says_so(tmp_path) -> None:
    with pytest.raises(ReplayMissing, match=r"has no replay\.npz"):
        replay.read(tmp_path)
    (tmp_path / replay.FILE).write_bytes(b"something else")
    with pytest.raises(ReplayMissing, match="cannot be read"):
        replay.read(tmp_path)


def test_the_replay_set_that_ships_belongs_to_the_model_that_ships(judge) -> None:
    """`replay.build` makes it anew after every training."""
    kept = replay.read(SHIPPED)
    assert kept.base == judge.base
    assert np.array_equal(kept.leans, judge.leans) and kept.leans.any(), (
        "the judge that ships leans to the urgent"
    )
    assert (SHIPPED / replay.FILE).stat().st_size <= 2_500_000
    assert len(kept.examples) > 1000
