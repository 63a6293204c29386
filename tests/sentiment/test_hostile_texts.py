"""Whatever the texts hold: one verdict a text, in order, the same in any company."""

import random

import pytest

from sentiment import Backend, Verdict
from sentiment.contract import HEADS, LANGUAGES

HOSTILE = [
    "",
    " \t ",
    "😡😡😡🤬",
    "👨‍👩‍👧‍👦",
    "\u200b\u200d\ufeff",
    "\ud800 broken \udfff",
    "\x00\x01\x1b[31m",
    "https://example.org/a?b=c",
    "@somebody",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "это mixed текст с latin буквами",
    "privet, zakaz ne prishel uzhe nedelyu",
    "z̸̛̘a̴l̷g̵o̶" * 20,
    "中文评论很差",
    "خدمة سيئة للغاية",
    "ААААААААААААААА!!!!!!!!!!!!!!!!",
    "а" * 5_000,
    "[MASK] [SEP] [CLS] [PAD]",
    "\u202etxet desrever",
    "𝓖𝓻𝓮𝓪𝓽 𝓪𝓹𝓹",
]


def assert_sane(verdict: Verdict) -> None:
    assert verdict.language.value in LANGUAGES
    for head, labels in HEADS.items():
        label = getattr(verdict, head)
        assert label.value in labels
        assert 1 / len(labels) - 1e-6 <= label.probability <= 1
    assert 0 <= verdict.language.probability <= 1
    assert verdict.backend and verdict.revision


def test_hostile_texts_get_a_verdict_each(judge: Backend) -> None:
    verdicts = judge.classify(HOSTILE)
    assert len(verdicts) == len(HOSTILE)
    for verdict in verdicts:
        assert_sane(verdict)


@pytest.mark.parametrize("text", HOSTILE[:7])
def test_a_text_without_words_needs_a_look(judge: Backend, text: str) -> None:
    (verdict,) = judge.classify([text])
    assert verdict.needs_look or verdict.language.value == "en"


def test_no_texts_no_verdicts(judge: Backend) -> None:
    assert judge.classify([]) == []


@pytest.mark.parametrize("bare", ["one text", b"bytes"])
def test_a_bare_string_is_refused(judge: Backend, bare: str) -> None:
    with pytest.raises(TypeError, match="list of texts"):
        judge.classify(bare)


def test_company_and_order_never_change_a_verdict(judge: Backend) -> None:
    texts = [
        *HOSTILE,
        "Верните деньги, вы списали дважды!",
        "Great service, thank you",
        "Когда откроетесь?" * 60,
    ]
    alone = {text: judge.classify([text])[0] for text in texts}
    shuffled = texts * 2
    random.Random(1).shuffle(shuffled)
    for text, verdict in zip(shuffled, judge.classify(shuffled), strict=True):
        assert verdict.needs_look == alone[text].needs_look
        for head in HEADS:
            here, there = getattr(verdict, head), getattr(alone[text], head)
            assert here.value == there.value
            assert here.probability == pytest.approx(there.probability, abs=1e-5)


def test_a_million_characters_are_read(judge: Backend) -> None:
    complaint = "Ужасно, всё сломано, верните деньги. "
    (verdict,) = judge.classify([complaint * (1_000_000 // len(complaint))])
    assert_sane(verdict)
    assert verdict.sentiment.value == "negative"


def test_the_end_of_a_long_text_counts(judge: Backend) -> None:
    praise = "Чудесный отель, отличный завтрак, спасибо персоналу, всем рекомендую! " * 12
    anger = "Ужасно, отвратительный сервис, обманули, верните деньги, позор! " * 40
    before, after = judge.classify([praise, praise + anger])
    assert before.sentiment.value == "positive"
    assert after.sentiment.value == "negative"


def test_revision_names_the_weights(judge: Backend) -> None:
    assert judge.classify(["ok"])[0].revision == judge.revision
    assert judge.classify(["ok"])[0].backend == judge.name
