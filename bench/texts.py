"""Sentences of our own, Russian and English, put together into as many different texts as a benchmark needs."""

from random import Random

RUSSIAN = {
    "complaint": (
        (
            "Заказывали {thing} {time} назад",
            "Купил {thing} в подарок",
            "Третий раз беру {thing}",
            "Взяла {thing} по акции",
        ),
        (
            "{thing} так и не привезли",
            "внутри оказалась чужая {part}",
            "{part} сломалась на второй день",
            "крышка треснула",
        ),
        (
            "поддержка молчит",
            "курьер нагрубил и уехал",
            "деньги не возвращают",
            "на письма никто не отвечает",
            "обещали перезвонить",
        ),
    ),
    "question": (
        ("Подскажите, пожалуйста", "Здравствуйте", "Добрый день", "А скажите"),
        (
            "подойдёт ли {part} к модели {number}",
            "когда будет доставка в {city}",
            "как вернуть {thing}",
            "где найти чек",
        ),
        ("спасибо заранее", "жду ответа", "очень надо до пятницы", "в инструкции этого нет"),
    ),
    "praise": (
        ("Пользуемся {time}", "Отличная {thing}", "Взяли маме", "Не ожидал такого"),
        ("{part} держится крепко", "работает тихо", "привезли в {city} за два дня", "цвет как на снимке"),
        ("всем советую", "спасибо магазину", "пять звёзд", "возьмём ещё одну"),
    ),
}
ENGLISH = {
    "complaint": (
        ("Ordered the {thing} {time} ago", "Bought this {thing} as a gift", "My second {thing} already"),
        (
            "it never arrived",
            "the {part} broke within a week",
            "the box came without the {part}",
            "wrong colour again",
        ),
        ("support does not answer", "nobody refunds my money", "the courier left it in the rain"),
    ),
    "question": (
        ("Hello", "Quick question", "Hi there"),
        ("does the {part} fit model {number}", "do you deliver to {city}", "how do I return the {thing}"),
        ("thanks in advance", "need it before Friday", "the manual does not say"),
    ),
    "praise": (
        ("Using the {thing} for {time}", "Lovely {thing}", "A great {thing}"),
        ("the {part} feels solid", "it is quiet", "it reached {city} in two days"),
        ("would buy again", "well done", "recommended to all my friends"),
    ),
}
FILLERS = {
    "ru": {
        "thing": (
            "кофеварка",
            "мясорубка",
            "сушилка",
            "лампа",
            "швабра",
            "ёлка",
            "куртка",
            "плита",
            "духовка",
        ),
        "part": ("ручка", "кнопка", "чаша", "щётка", "насадка", "лямка", "полка", "трубка"),
        "time": ("три недели", "месяц", "пять дней", "полгода", "сорок дней"),
        "city": ("Казань", "Тверь", "Псков", "Омск", "Йошкар-Олу", "Сочи"),
    },
    "en": {
        "thing": ("coffee maker", "grinder", "dryer", "lamp", "kettle", "jacket", "stove", "oven"),
        "part": ("handle", "button", "bowl", "brush", "strap", "shelf", "hose"),
        "time": ("three weeks", "a month", "five days", "half a year"),
        "city": ("Leeds", "Cork", "Porto", "Graz", "Bergen"),
    },
}


def text(random: Random, language: str, intent: str) -> str:
    """One text of one to three sentences; the order number makes nearly every text unlike the others."""
    parts = (RUSSIAN if language == "ru" else ENGLISH)[intent]
    number = random.randrange(100, 99_999)
    words = {name: random.choice(choices) for name, choices in FILLERS[language].items()}
    sentences = [
        ", ".join(random.choice(part) for part in parts) for _ in range(random.choice((1, 1, 1, 2, 3)))
    ]
    order = f"Заказ № {number}." if language == "ru" else f"Order no. {number}."
    return f"{'. '.join(sentences)}. {order}".format(**words, number=number)
