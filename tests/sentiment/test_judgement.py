"""The shipped model on clear cases: not its quality (the card has that), but that it judges at all, in both languages."""

import pytest

from sentiment import Backend, ModelMissing, load

CLEAR = [
    ("ru", "negative", "complaint", "Отвратительное обслуживание, заказ потеряли, деньги не возвращают!"),
    ("ru", "negative", "complaint", "Приложение постоянно вылетает, пользоваться невозможно."),
    ("ru", "positive", "praise", "Спасибо огромное, всё сделали быстро и вежливо, очень довольны!"),
    ("ru", "positive", "praise", "Отличный магазин, рекомендую всем."),
    ("ru", "neutral", "question", "Подскажите, пожалуйста, до скольки работает пункт выдачи?"),
    ("ru", "neutral", "question", "Доставляете ли вы в Казань?"),
    ("en", "negative", "complaint", "Terrible service, my order never arrived and nobody answers the phone."),
    ("en", "negative", "complaint", "The app crashes every time I open it, useless."),
    ("en", "positive", "praise", "Excellent service, very friendly staff, thank you so much!"),
    ("en", "positive", "praise", "Love this shop, great quality and fast delivery."),
    ("en", "neutral", "question", "What time do you open on Sundays?"),
    ("en", "neutral", "question", "Do you deliver to Ireland?"),
]


@pytest.mark.parametrize(("language", "sentiment", "kind", "text"), CLEAR)
def test_clear_cases(judge: Backend, language: str, sentiment: str, kind: str, text: str) -> None:
    (verdict,) = judge.classify([text])
    assert (verdict.language.value, verdict.sentiment.value, verdict.kind.value) == (
        language,
        sentiment,
        kind,
    )


def test_theft_is_more_urgent_than_thanks(judge: Backend) -> None:
    stolen, thanks = judge.classify(
        ["У меня прямо сейчас списывают деньги с карты, заблокируйте срочно!", "Спасибо, всё понравилось!"]
    )
    assert stolen.urgency.value in ("critical", "high")
    assert thanks.urgency.value == "low"


def test_cleaning_makes_spellings_equal(judge: Backend) -> None:
    one, other = judge.classify(["Всё плохо https://a.example/1", "ВСЕ   ПЛОХО https://b.example/2"])
    assert one.sentiment == other.sentiment


def test_a_folder_without_a_model_is_refused(tmp_path: object) -> None:
    with pytest.raises(ModelMissing, match=r"lacks model\.onnx"):
        load(str(tmp_path))


def test_the_environment_chooses_the_model(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SENTIMENT_MODEL", str(tmp_path))
    with pytest.raises(ModelMissing):
        load()


def test_threads_do_not_change_verdicts(judge: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTKLIK_SENTIMENT_THREADS", "2")
    texts = [text for _, _, _, text in CLEAR]
    assert load().classify(texts) == judge.classify(texts)
