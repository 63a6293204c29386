"""[pure] Which language a text is in, by rule; must say `other` where it is neither Russian nor English, and `und` where
there are no letters.

A rule, not a head: the two languages differ in script, so counting letters is right nearly always and costs nothing;
what is left (English among Latin scripts, Russian among Cyrillic ones) is told by letters that the other languages
use and by their commonest words, for which no labelled texts of other languages are needed.
"""

import re
import unicodedata
from collections import Counter

from sentiment.contract import Label
from sentiment.text import is_plain, visible

_WORD = re.compile(r"[^\W\d_]+")
# Addresses and account names are Latin in a text of any language, and so are many tags. The bounds keep a text of
# nothing but @ from taking hours: without them each letter begins a search to the end of the text.
_NAMES = re.compile(
    r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,64}@[^\s@.]{1,100}\.[^\s@]{1,200}|@\w+", re.IGNORECASE
)
_TAGS = re.compile(r"#\w+")

_MOST_CHARACTERS = 20_000

# Letters of Cyrillic alphabets that Russian lacks: Ukrainian, Belarusian, Serbian, Macedonian, Kazakh, Tatar.
_NOT_RUSSIAN = frozenset("іїєґўјљњћђџѓќѕәғқңөұүһҗ")
_RUSSIAN_ONLY = frozenset("ыэъё")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_RUSSIAN_WORDS = _words("""
    и в не на я что с а как это но по у за то так же вы мы он она они было все еще уже нет да если когда для от до
    меня мне вам вас очень только или бы есть был
""")
_CYRILLIC_WORDS = _words("""
    що як це дуже мене вже немає їх та але від щоб який яка або бо вони тільки съм няма много са се ще
    је није што као али још шта гэта яно вельмі толькі але бұл мен бар емес
""")
_ENGLISH_WORDS = _words("""
    the a an and to of in is it you that for on was with are this have not be my your at but so just i we they he
    she what how why when can will do does did no yes me all if or from there been has had very good great bad
    never thanks thank please love best worst app service would could should get got its dont cant im as
    this our their them who which more than too only out about after again every even still because
""")
_LATIN_WORDS = _words("""
    el la los las que de y en un una por con para es muy pero mas como del se lo le les des et est une pas dans pour
    qui sur ce je vous nous der die das und ist nicht ich sie ein eine mit auf von zu den wir il di che non per sono
    con molto gli um uma nao os mais foi nie jest sie na bardzo jak ale bir ve bu cok icin degil het een
    van niet voor ik och att det som ar inte pa har jag
    no me ne tres bien jamais aucun aucune mais avec cette sont merci sehr aber auch noch kein keine mir mich ihr bitte
    esta esto nunca questo anche piu perche meu minha foarte nem neni jsem gdzie moje nerede iyi kotu
    ochen ne na chto eto kak vse mne spasibo pochemu uzhe net kogda gde privet zdravstvuyte vash
""")


def tell_language(text: str) -> Label:
    """`ru`, `en`, `other` or `und`, with how sure the rule is."""
    letters = _NAMES.sub(" ", _composed(text[:_MOST_CHARACTERS])).lower()
    without_tags = _TAGS.sub(" ", letters)
    # Tags speak only where nothing else does.
    letters = without_tags if any(map(str.isalpha, without_tags)) else letters
    counts = Counter(map(_script, filter(str.isalpha, letters)))
    total = sum(counts.values())
    if not total:
        return Label("und", 1.0)
    cyrillic, latin = counts["cyrillic"] / total, counts["latin"] / total
    # A Russian text full of brand names is Russian, so a third of its letters is enough beside Latin ones.
    if cyrillic >= 0.3 and cyrillic + latin > 0.5:
        return _weigh(letters, "ru", min(1.0, 0.5 + cyrillic / 2))
    if latin > 0.5:
        return _weigh(letters, "en", min(1.0, 0.5 + latin / 2))
    return Label("other", round(max(0.5, 1 - max(cyrillic, latin)), 4))


def _composed(text: str) -> str:
    """Letters as people read them: accents on their letters, "𝗴𝗿𝗲𝗮𝘁" as great. Signs that would become letters (№, ™)
    say nothing of a language."""
    if text.isascii() or is_plain(text):
        return text
    shown = (" " if unicodedata.category(char) == "So" else char for char in visible(text))
    return unicodedata.normalize("NFKC", "".join(shown))[:_MOST_CHARACTERS]


def _script(letter: str) -> str:
    code = ord(letter)
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "latin"
    return "cyrillic" if 0x400 <= code < 0x530 else "foreign"


def _weigh(letters: str, language: str, share: float) -> Label:
    """Common words and telling letters for the language against those for its neighbours of the same script."""
    words = Counter(_WORD.findall(letters))
    # Accents count once a word, so a long text is measured by its different words: repeated, it stays what it was.
    total = sum(words.values()) if language == "ru" else len(words)
    ours, theirs = (_RUSSIAN_WORDS, _CYRILLIC_WORDS) if language == "ru" else (_ENGLISH_WORDS, _LATIN_WORDS)
    # A word that both sides use tells nothing.
    for_us = sum(count for word, count in words.items() if word in ours and word not in theirs)
    against = sum(count for word, count in words.items() if word in theirs and word not in ours)
    if language == "ru":
        for_us += 2 * sum(count for word, count in words.items() if _RUSSIAN_ONLY & set(word))
        against += 2 * sum(count for word, count in words.items() if _NOT_RUSSIAN & set(word))
    else:
        against += _accented(words, has_known=against > 0)
    if against > for_us and against >= (1 if total <= 6 else max(2.0, 0.1 * total)):
        return Label("other", round(against / (against + for_us + 1.0) * share + (1 - share) * 0.5, 4))
    # Without a known word the alphabet alone speaks: strong for Cyrillic, weaker for Latin, which many languages use.
    prior = 4.0 if language == "ru" else 2.0
    return Label(language, round((for_us + prior) / (for_us + against + prior + 0.3) * share, 4))


def _accented(words: Counter[str], *, has_known: bool) -> int:
    """What accents say against English. One such word alone is a name or a loan (Nestlé, café), unless it or another is
    among the common ones of its language, or nothing else is said; and no name says more for being repeated."""
    accented = [word for word in words if not word.isascii()]
    known = sum(words[word] for word in accented if _bare(word) in _LATIN_WORDS)
    if len(accented) == 1 and len(words) > 1 and not (known or has_known):
        return 0
    return known + len(accented)


def _bare(word: str) -> str:
    """Without accents, as the common words are listed."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter)
    )
