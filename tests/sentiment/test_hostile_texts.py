"""Whatever the texts hold: one verdict a text, in order, the same in any company; by our judge and by one of others."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment import Backend, Verdict, load
from sentiment.contract import HEADS, LANGUAGES, URGENT
from sentiment.language import tell_language
from sentiment.text import clean
from tests import effort
from tests.sentiment import strangers

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
    "Обслуживание ниже всякой кр\u200bи\u200bт\u200bики, vernite dengi!!! 😡 https://x.example/ahah",
    "Žlutá káva nebyla dobrá, už nikdy",
    "Қызмет өте нашар, ақшамды қайтарыңыз",
    "שירות נורא \u202e!תודה",
    "\udcff\udc80" * 50,
    "\ufffe\uffff\U0010ffff",
    "а\x00б" * 100,
]
HUGE = {
    "one word": "а" * 100_000,
    "words": "Ужасно, всё сломано, верните деньги. " * 2_700,
    "different words": " ".join(f"слово{number * 7919 % 99991}" for number in range(3_000)),
    "accents on one letter": "а" + "\u0301\u0323" * 5_000,
    "accents and nothings": "а" + "\u200b\u0301\u0323" * 33_000,
    "accents alone": "\u0301" * 100_000,
    "at signs": "@" * 100_000,
    "accounts": "a@" * 50_000,
    "addresses": "http://" * 15_000,
    "almost an address of mail": "a" * 50_000 + "@" + "b" * 50_000,
    "ampersands": "&" * 100_000,
    "entities": "&#x41;&amp;" * 10_000,
    "emoji": "😡" * 100_000,
    "marks": "?!" * 50_000,
    "spaces": " \t\n" * 33_000,
    "NUL": "\x00" * 100_000,
    "surrogates": "\ud800" * 100_000,
    "right to left": "\u202eرديء " * 15_000,
    "Chinese without spaces": "非常差的服务" * 16_000,
    "[MASK]": "[MASK][SEP]" * 9_000,
    "letters that grow": "\ufdfa" * 20_000,
}


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Backend:
    return load(str(strangers.make_onnx(tmp_path_factory.mktemp("strangers") / "small")))


@pytest.fixture(scope="module", params=["ours", "of others"])
def either(request: pytest.FixtureRequest, judge: Backend, stranger: Backend) -> Backend:
    return judge if request.param == "ours" else stranger


def assert_sane(verdict: Verdict) -> None:
    assert verdict.language.value in LANGUAGES
    for head, labels in HEADS.items():
        label = getattr(verdict, head)
        assert label.value in labels
        # What must not be missed may be chosen with any probability; all else only as the likeliest.
        least = 0 if label.value in URGENT else 1 / len(labels)
        assert least - 1e-6 <= label.probability <= 1
    assert 0 <= verdict.language.probability <= 1
    assert verdict.backend and verdict.revision


def test_hostile_texts_get_a_verdict_each(either: Backend) -> None:
    verdicts = either.classify(HOSTILE)
    assert len(verdicts) == len(HOSTILE)
    for verdict in verdicts:
        assert_sane(verdict)


@pytest.mark.parametrize("text", HOSTILE[:7])
def test_a_text_without_words_needs_a_look(judge: Backend, text: str) -> None:
    (verdict,) = judge.classify([text])
    assert verdict.needs_look or verdict.language.value == "en"


def test_no_texts_no_verdicts(either: Backend) -> None:
    assert either.classify([]) == []


@pytest.mark.parametrize("bare", ["one text", b"bytes"])
def test_a_bare_string_is_refused(either: Backend, bare: str) -> None:
    with pytest.raises(TypeError, match="list of texts"):
        either.classify(bare)


def test_company_and_order_never_change_a_verdict(either: Backend) -> None:
    texts = [
        *HOSTILE,
        "Верните деньги, вы списали дважды!",
        "Great service, thank you",
        "Когда откроетесь?" * 60,
    ]
    alone = {text: either.classify([text])[0] for text in texts}
    shuffled = texts * 2
    random.Random(1).shuffle(shuffled)
    for text, verdict in zip(shuffled, either.classify(shuffled), strict=True):
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


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_huge_texts_get_a_verdict(either: Backend, text: str) -> None:
    """Texts that take time that grows with the square of their length would not end within this suite's limit."""
    (verdict,) = either.classify([text])
    assert_sane(verdict)


@pytest.mark.parametrize(
    "text", ["中文评论很差", "خدمة سيئة للغاية", "Қызмет өте нашар", "ochen plohoy servis, uzhe ne rabotaet"]
)
def test_other_languages_are_said_and_not_guessed(either: Backend, text: str) -> None:
    (verdict,) = either.classify([text])
    assert verdict.language.value == "other"
    assert verdict.needs_look


@pytest.mark.parametrize(
    "text", ["", " ", "😡😡", "12345", "\x00", "\u200b", "\ud800", "https://a.example/b"]
)
def test_no_language_is_told_where_there_are_no_words(either: Backend, text: str) -> None:
    (verdict,) = either.classify([text])
    assert verdict.language.value == "und"
    assert verdict.needs_look


any_text = st.text(st.characters(codec=None), max_size=300)
pasted = st.lists(
    st.sampled_from([*HOSTILE, "Ужасно! ", "great ", "\u0301", "@", "&", "\u202e"]), max_size=6
).map("".join)


@settings(max_examples=effort.times(60))
@given(st.lists(any_text | pasted, max_size=4))
def test_any_texts_get_a_verdict_each(judge: Backend, stranger: Backend, texts: list[str]) -> None:
    for backend in (judge, stranger):
        verdicts = backend.classify(texts)
        assert len(verdicts) == len(texts)
        for text, verdict in zip(texts, verdicts, strict=True):
            assert_sane(verdict)
            assert backend.classify([text]) == [verdict]


@given(any_text | pasted)
def test_cleaning_and_telling_the_language_never_fail(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert cleaned == " ".join(cleaned.split())
    assert tell_language(text).value in LANGUAGES


def test_a_few_accents_stay_and_a_pile_does_not() -> None:
    assert clean("й и\u0306 हिन्दी") == clean("й й हिन्दी")
    assert len(clean("а" + "\u0323\u0301" * 5_000)) < 20
