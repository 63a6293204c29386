"""The folder that learns: how much of new spam is filed after a few corrections, and how much of what belongs to the brand is filed by
mistake. Spam of five kinds, each text unlike the others; the brand's mentions as in the other benchmarks."""

import time
from random import Random
from typing import Any

from bench import texts
from desk.base.words import Folder
from desk.mentions.learned_folders import Example, Learned, signs_of

CORRECTIONS = (0, 3, 5, 10, 30)
KEPT, ASKED, SEED, ROUNDS = 300, 400, 5, 10
SPAM = (
    "{hi} Зарабатывай от {number} рублей в день {how}! Пиши в личку, ссылка: https://easy{number}.example/{code}",
    "{hi} Бонус {number} рублей на первый депозит, казино {name} выплачивает сразу, регистрация по ссылке {code}",
    "{hi} Накрутка подписчиков и лайков дёшево, {number} за день, гарантия, телеграм @likes{number}",
    "{hi} Buy {number} followers cheap, fast delivery, visit https://promo.example/{code} now",
    "{hi} Crypto signals group, {number}% profit every week, join {name} channel, link in bio {code}",
)
HI = ("Привет!", "Всем доброго дня!", "Hello dear!", "Внимание!", "")
HOW = ("без вложений", "не выходя из дома", "прямо с телефона", "в свободное время")
NAMES = ("Вулкан", "Фортуна", "Lucky", "Moon", "Азарт")


def measure() -> dict[str, Any]:
    filed: dict[int, list[float]] = {count: [] for count in CORRECTIONS}
    wrongly: dict[int, list[float]] = {count: [] for count in CORRECTIONS}
    alone: dict[int, list[float]] = {count: [] for count in CORRECTIONS}
    seconds = 0.0
    for number in range(ROUNDS):
        random = Random(SEED + number)
        kept = [Example(_signs(_ham(random)), None) for _ in range(KEPT)]
        taught = [Example(_signs(_spam(random)), Folder.SPAM) for _ in range(max(CORRECTIONS))]
        kind = random.choice(SPAM)
        same = [Example(_signs(_spam(random, kind)), Folder.SPAM) for _ in range(max(CORRECTIONS))]
        more = [_signs(_spam(random, kind)) for _ in range(ASKED)]
        spam, ham = ([_signs(make(random)) for _ in range(ASKED)] for make in (_spam, _ham))
        for count in CORRECTIONS:
            learned = Learned([*kept, *taught[:count]])
            begun = time.perf_counter()
            filed[count].append(sum(learned.folder_of(one) is not None for one in spam) / ASKED)
            wrongly[count].append(sum(learned.folder_of(one) is not None for one in ham) / ASKED)
            of_kind = Learned([*kept, *same[:count]])
            alone[count].append(sum(of_kind.folder_of(one) is not None for one in more) / ASKED)
            seconds += time.perf_counter() - begun
    asked = 3 * ASKED * len(CORRECTIONS) * ROUNDS
    return {
        "name": "the folder that learns",
        "corrections": list(CORRECTIONS),
        "spam_of_five_kinds_filed": _means(filed),
        "spam_of_one_kind_filed": _means(alone),
        "wrongly_filed": _means(wrongly),
        "target_wrongly_filed": 0.005,
        "asked_per_second": round(asked / seconds),
    }


def _means(found: dict[int, list[float]]) -> dict[str, float]:
    return {str(count): round(sum(shares) / ROUNDS, 4) for count, shares in found.items()}


def _ham(random: Random) -> str:
    return texts.text(random, random.choice(("ru", "en")), random.choice(list(texts.RUSSIAN)))


def _spam(random: Random, kind: str = "") -> str:
    return (kind or random.choice(SPAM)).format(
        hi=random.choice(HI),
        number=random.randrange(100, 99_999),
        how=random.choice(HOW),
        name=random.choice(NAMES),
        code=f"{random.randrange(16**6):06x}",
    )


def _signs(text: str) -> frozenset[str]:
    return signs_of("", text, None)
