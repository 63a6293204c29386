"""What follows from corrections: little at first, and never a guess."""

from hypothesis import given
from hypothesis import strategies as st

from desk.base.words import Folder
from desk.mentions.learned_folders import Example, Learned, signs_of

KEPT = [
    Example(signs_of("", f"чайник номер {number} течёт и не греет", "Анна"), None) for number in range(20)
]


def spam(text: str, folder: Folder = Folder.SPAM, author: str = "") -> Example:
    return Example(signs_of("", text, author), folder)


def asked(learned: Learned, text: str, author: str = "") -> Folder | None:
    return learned.folder_of(signs_of("", text, author))


def test_words_pairs_hosts_and_authors_are_signs() -> None:
    assert signs_of("Бонус", "Жми https://www.Casino.example/a?b=1 сейчас!", "Bot") == {
        "бонус", "жми", "сейчас", "бонус жми", "жми сейчас", "host:casino.example", "author:bot",
    }  # fmt: skip
    assert signs_of("", "https://[broken", None) == frozenset()


def test_two_corrections_teach_nothing_and_three_do() -> None:
    text = "накрутка подписчиков и лайков дёшево"
    assert asked(Learned([*KEPT, spam(text), spam(text)]), text) is None
    assert asked(Learned([*KEPT, *[spam(text)] * 3]), text) is Folder.SPAM


def test_each_folder_is_taught_by_itself() -> None:
    hotel = "отель над рекой завтрак бассейн вид"
    learned = Learned(
        [*KEPT, *[spam("накрутка подписчиков и лайков дёшево")] * 3, *[spam(hotel, Folder.OFF_TOPIC)] * 3]
    )
    assert asked(learned, f"Были тут: {hotel}") is Folder.OFF_TOPIC
    assert asked(learned, "дёшево накрутка подписчиков и лайков") is Folder.SPAM


def test_what_is_said_of_the_brand_as_often_tells_nothing() -> None:
    text = "чайник номер 5 течёт и не греет"
    assert asked(Learned([*KEPT, *[spam(text)] * 3]), text, "Анна") is None


def test_rules_teach_nothing() -> None:
    text = "реклама чайника скидка только сегодня"
    assert asked(Learned([*KEPT, *[spam(text, Folder.ADVERTISEMENT)] * 9]), text) is None


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.text(max_size=30), st.sampled_from([None, *Folder])), max_size=8),
)
def test_whatever_was_taught_only_taught_folders_are_proposed(
    text: str, taught: list[tuple[str, Folder | None]]
) -> None:
    learned = Learned(Example(signs_of("", said, None), folder) for said, folder in taught)
    assert asked(learned, text) in (None, Folder.SPAM, Folder.OFF_TOPIC)
