"""Language is told by rule; neighbours of Russian and English are not passed off as them."""

import pytest

from sentiment.language import tell_language


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "Доставка опоздала на три дня"),
        ("ru", "Не работает iPhone 15 Pro Max после обновления iOS"),
        ("ru", "норм"),
        ("ru", "@shop_support ну и где заказ? https://shop.example/orders/1"),
        ("en", "The delivery was late again"),
        ("en", "Love it"),
        ("en", "refund pls"),
        ("other", "Де моє замовлення? Це вже дуже довго"),
        ("other", "Не разумем зашто није стигла пошиљка"),
        ("other", "El servicio es muy malo y no me gusta"),
        ("other", "Die Lieferung ist nicht angekommen und das ist schlecht"),
        ("other", "Le service est très mauvais, je ne suis pas content"),
        ("other", "服务很差"),
        ("other", "خدمة سيئة"),
        ("other", "privet, zakaz ne prishel, pochemu tak"),
        ("ru", "#суббота #отпуск"),
        ("en", "Sacramento fun as hell"),
        ("ru", "Сам решил, спасибо"),
        ("en", "Nestlé chocolate tastes stale"),
        ("en", "Great café!"),
        ("en", "Pokémon game crashes"),
        ("en", "Citroën dealer ignored me again"),
        ("en", "L'Oréal shampoo ruined hair"),
        ("en", "Škoda broke down twice this month"),
        ("en", "The crème brûlée was great"),
        ("en", "Nestlé again! Nestlé never replies, Nestlé is awful"),
        ("en", "Nestlé and Lancôme ignored my emails"),
        ("en", "Cafe\u0301 closed early"),
        ("en", "𝗚𝗿𝗲𝗮𝘁 𝗮𝗽𝗽"),
        ("en", "Ｇｒｅａｔ ａｐｐ"),
        ("en", "Love it™"),
        ("ru", "и\u0306ога не работает, верните деньги"),
        ("other", "Très bien"),
        ("other", "Très déçu"),
        ("other", "Jamais reçu ma commande, honteux"),
        ("other", "Schlechter Service, völlig überteuert"),
        ("other", "Größe passt, Qualität schlecht"),
        ("other", "Könnt ihr mir bitte helfen?"),
        ("other", "Nunca más compro aquí"),
        ("other", "No me gustó, pésimo"),
        ("other", "Paczka nie dotarła, obsługa fatalna"),
        ("other", "Gdzie jest moje zamówienie?"),
        ("other", "Çok kötü bir uygulama, hiç beğenmedim"),
        ("other", "Sipariş nerede?"),
        ("other", "Não recomendo"),
        ("other", "Schön!"),
        ("other", "špatná kvalita, opožděné dodání. " * 500),
        ("und", "№ 12345"),
        ("und", ""),
        ("und", "5/5 !!! 😡"),
        ("und", "https://example.org @name"),
    ],
)
def test_languages(language: str, text: str) -> None:
    label = tell_language(text)
    assert label.value == language
    assert 0 < label.probability <= 1


def test_one_common_word_is_less_sure_than_a_sentence() -> None:
    short, long = (
        tell_language("plan"),
        tell_language("the plan that you have sent to me was not what I wanted"),
    )
    assert short.probability < long.probability
