"""[pure] What every figure means, in the words that stand beside it on the page and in docs/metrics.md."""

from collections.abc import Mapping
from dataclasses import dataclass

# Satmetrix, 2012: the share of firms that did not react at all to what was said about them in social media. It counts
# firms, our figure counts mentions; docs/metrics.md says so.
NEVER_ANSWERED_IN_LITERATURE = 0.28


@dataclass(frozen=True)
class Definition:
    name_en: str
    name_ru: str
    text_en: str
    text_ru: str


DEFINITIONS: Mapping[str, Definition] = {
    "answered": Definition(
        "Response rate",
        "Доля ответов",
        "Of the answerable mentions published in the period: the share with a public answer that has been seen there.",
        "Доля упоминаний за период, требующих ответа, на которые есть публичный ответ, увиденный на площадке.",
    ),
    "in_time": Definition(
        "Answered in time",
        "Отвечено в срок",
        "Of the same mentions: the share answered within the response target of its case. An answer for which "
        "there was no target counts as in time.",
        "Доля тех же упоминаний, на которые ответили, не нарушив срок обращения. Ответ, для которого срок не назначался, "
        "считается данным в срок.",
    ),
    "confirmed": Definition(
        "Confirmed by the site",
        "Подтверждено площадкой",
        "Of the same mentions: the share whose answer no stranger has seen, but the site has confirmed to our account. Not "
        "part of the response rate.",
        "Доля тех же упоминаний, ответ на которые посторонние не видели, но площадка подтвердила его нашему аккаунту. В "
        "долю ответов не входит.",
    ),
    "receipt_only": Definition(
        "Accepted, cannot be checked",
        "Принято, проверить нельзя",
        "Of the same mentions: the share whose answer the site or the mail server accepted, where nobody can look whether it "
        "is there: private messages and mail. Not part of the response rate.",
        "Доля тех же упоминаний, ответ на которые площадка или почтовый сервер приняли, а проверить его нельзя: личные "
        "сообщения и почта. В долю ответов не входит.",
    ),
    "sent_unverified": Definition(
        "Sent, not seen yet",
        "Отправлено, ещё не видно",
        "Of the same mentions: the share whose answer was sent or posted by hand but has not been seen in public, those "
        "that the site holds for moderation among them. Not part of the response rate.",
        "Доля тех же упоминаний, ответ на которые отправлен или отмечен опубликованным, но ещё не увиден на площадке, в "
        "том числе ждёт модерации. В долю ответов не входит.",
    ),
    "never_answered": Definition(
        "Never answered",
        "Остались без ответа",
        "Of the answerable mentions of the period that are at least 30 days old: the share without an answer seen in "
        "public, confirmed by the site or accepted. For comparison: 28 % of firms never reacted at all (Satmetrix, 2012).",
        "Доля упоминаний за период, требующих ответа и не моложе 30 дней, на которые нет ответа: ни увиденного, ни "
        "подтверждённого площадкой, ни принятого. "
        "Для сравнения: 28 % компаний не реагировали вообще (Satmetrix, 2012).",
    ),
    "first_answer_wall": Definition(
        "First answer",
        "Первый ответ",
        "From publication to the first public answer by a person, by the site's own times; only answers seen in "
        "public. Median and 90th percentile first; the mean is pulled up by a few late answers.",
        "От публикации до первого публичного ответа человека, по времени площадки; только увиденные ответы. Сначала "
        "медиана и 90-й процентиль: среднее завышают немногие поздние ответы.",
    ),
    "first_answer_business": Definition(
        "First answer, open hours",
        "Первый ответ, рабочие часы",
        "The same, counting only the open hours of the brand's calendar as it stood when the answer became known.",
        "То же, но считаются только рабочие часы календаря бренда, действовавшего, когда ответ стал известен.",
    ),
    "first_answer_collected": Definition(
        "First response after collection",
        "Первый ответ с момента сбора",
        "From the crawl that found the mention to the answer: without the delay of crawling. An answer older than "
        "the crawl counts as 0.",
        "От обхода, нашедшего упоминание, до ответа: без задержки сбора. Ответ, данный до обхода, считается нулём.",
    ),
    "unanswered": Definition(
        "Unanswered",
        "Без ответа",
        "Answerable mentions of the period that have no answer at all, with the age they have now. They are listed "
        "here because leaving them out would flatter the first answer time.",
        "Упоминания за период, требующие ответа и не получившие никакого, с их нынешним возрастом. Показаны отдельно: "
        "без них время первого ответа выглядело бы лучше, чем есть.",
    ),
    "target": Definition(
        "Within the response target",
        "В целевой срок",
        "Of the cases opened in the period: met / (met + missed). An open case past its time has missed it already, unless "
        "its answer is still awaited in public; undecided ones are shown apart.",
        "Из обращений, открытых за период: выдержанные / (выдержанные + нарушенные). Открытое обращение с истёкшим "
        "сроком уже нарушено, если только его ответ не ждёт появления на площадке; нерешённые показаны отдельно.",
    ),
    "backlog": Definition(
        "Open cases",
        "Открытые обращения",
        "Cases that wait for an answer at this moment, snoozed ones included, by the age of the oldest message that "
        "nobody has answered. Does not depend on the period.",
        "Обращения, ждущие ответа прямо сейчас, включая отложенные, по возрасту самого старого сообщения без ответа. "
        "От периода не зависит.",
    ),
    "sentiment_by_day": Definition(
        "Sentiment by day",
        "Тональность по дням",
        "All tagged mentions by the day of publication in the brand's time zone, without what the brand wrote itself.",
        "Все размеченные упоминания по дню публикации в часовом поясе бренда, без написанного самим брендом.",
    ),
    "answered_by_day": Definition(
        "Answers by day",
        "Ответы по дням",
        "Answerable mentions by the day of publication in the brand's time zone: answered in time, late, sent but "
        "not seen, not answered by now.",
        "Упоминания, требующие ответа, по дню публикации в часовом поясе бренда: отвечено в срок, с опозданием, "
        "отправлено, но не видно, пока без ответа.",
    ),
}

# Why a mention or a case is left out of a figure; each is counted under one reason, the first that holds.
LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "own": ("written by the brand itself", "написано самим брендом"),
    "filed": ("filed as off-topic, spam or advertisement", "в папке «Не о нас», «Спам» или «Реклама»"),
    "competitor": ("said of a competitor", "сказано о конкуренте"),
    "not_tagged": ("not tagged yet", "ещё не размечено"),
    "intent": ("neither a complaint, a question nor a review", "не жалоба, не вопрос и не отзыв"),
    "no_replies": ("the source accepts no answers", "площадка не принимает ответов"),
    "machine": ("written by a machine", "написано автоматически"),
    "not_open": ("the site takes no answer to it", "площадка не принимает на него ответ"),
    "withdrawn": ("withdrawn by its author before an answer", "удалено автором до ответа"),
    "date_unknown": ("date of publication unknown", "дата публикации неизвестна"),
    "abuse": ("closed as abuse", "закрыто как спам или оскорбление"),
    "duplicate": ("closed as a duplicate", "закрыто как повтор"),
    "not_for_us": ("closed as not for us", "закрыто как не наше"),
    "no_answer_needed": ("closed as needing no answer", "закрыто как не требующее ответа"),
    "too_young": ("younger than 30 days", "моложе 30 дней"),
    "unanswered": ("no answer seen yet", "ответа ещё не видно"),
}
