"""[pure] What is wrong with a query, and where, in both languages of the pages."""

from typing import Final

from desk.base.errors import Invalid
from desk.base.sentences import Sentence

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "empty": (
        "Write at least one word to look for.",
        "Напишите хотя бы одно слово, которое нужно найти.",
    ),
    "too_wide": (
        "This would match nearly everything: add a word that must be there.",
        "Так подойдёт почти всё: добавьте слово, которое должно быть в тексте.",
    ),
    "too_long": (
        "The query is too long: at most {most} characters.",
        "Слишком длинный запрос: самое большее {most} знаков.",
    ),
    "too_many": ("Too many words: at most {most}.", "Слишком много слов: самое большее {most}."),
    "too_deep": (
        "Too many parentheses inside one another: at most {most}.",
        "Слишком много скобок друг в друге: самое большее {most}.",
    ),
    "quote_open": ("This quote is not closed.", "Эти кавычки не закрыты."),
    "quote_stray": ("This quote was never opened.", "Эти кавычки не открыты."),
    "quote_empty": (
        "There is no word between these quotes.",
        "Между этими кавычками нет ни одного слова.",
    ),
    "parenthesis_open": ("This parenthesis is not closed.", "Эта скобка не закрыта."),
    "parenthesis_stray": (
        "This parenthesis closes nothing: remove it, or open one before it.",
        "Эта скобка ничего не закрывает: уберите её или откройте скобку раньше.",
    ),
    "parentheses_empty": (
        "There is nothing between these parentheses.",
        "Между этими скобками ничего нет.",
    ),
    "nothing_before": ("A word is missing before {said}.", "Перед {said} не хватает слова."),
    "nothing_behind": ("A word is missing after {said}.", "После {said} не хватает слова."),
    "no_word": (
        "There is no letter or digit in {said}, so it cannot be looked for.",
        "В {said} нет ни буквы, ни цифры: искать нечего.",
    ),
    "mark_wrong": (
        "After # come letters, digits and _, after @ also full stops and hyphens. {said} is neither a hashtag nor a handle.",
        "После # идут буквы, цифры и _, после @ ещё точки и дефисы. {said} — не хештег и не имя профиля.",
    ),
    "star_misplaced": (
        "A star stands at the end of a word of at least two letters: deliver*.",
        "Звёздочка ставится в конце слова, в котором не меньше двух букв: достав*.",
    ),
    "distance_wrong": (
        "A distance in words is written /1 to /{most}, with spaces around it.",
        "Расстояние в словах пишется от /1 до /{most}, с пробелами вокруг.",
    ),
    "near_operand": (
        "Beside a distance stand words, phrases, or several of them in parentheses with OR. AND, NOT and lang: cannot.",
        "Рядом с расстоянием стоят слова, фразы или несколько из них в скобках через ИЛИ. И, НЕ и lang: не могут.",
    ),
    "language_unknown": (
        "A language is two or three Latin letters, as in lang:ru or lang:en.",
        "Язык — две или три латинские буквы, например lang:ru или lang:en.",
    ),
}


class QueryFault(Invalid):
    """`start` and `end` are the characters of the query that are meant, `code` is a key of SENTENCES; the sentence
    itself is kept in both languages (`said`)."""

    said: Sentence

    def __init__(self, code: str, start: int, end: int, **values: object) -> None:
        en, ru = SENTENCES[code]
        super().__init__(Sentence(en.format(**values), ru.format(**values)), field="query")
        self.code, self.start, self.end = code, start, end
