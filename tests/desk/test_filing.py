"""What does not belong to a brand is kept in a folder, opens no case, and comes back where a person says so."""

from datetime import datetime

import pytest
import sqlalchemy as sa

from channels.contract import AuthorSeen
from desk.base import db
from desk.base.errors import NotAllowed
from desk.base.words import CaseStatus, FiledBy, Folder, Intent
from desk.brands import brands
from desk.mentions import filing, folders, mention_list
from desk.mentions.mention_list import Filters
from desk.models import Brand, Mention, Source
from desk.pipeline import brand_setup, triage
from tests.world.desk import World, ours

WITH_QUERY = '(acme OR "акме") -school'


@pytest.fixture
def filtered(world: World) -> World:
    """A source that is a search, of a brand with a query."""
    with db.transaction() as session:
        source = session.get_one(Source, world.source_id)
        source.is_filtered = True
        brands.change_query(session, source.brand_id, WITH_QUERY)
    return world


def where(world: World, external_id: str) -> tuple[Folder | None, FiledBy | None]:
    found = world.mention(external_id)
    return found.folder, found.filed_by


def file(world: World, external_id: str, folder: Folder | None, who: str = "") -> None:
    with db.transaction() as session:
        mention_id = world.mention(external_id).id
        triage.file(session, mention_id, world.user(session, who), folder, world.now)


def listed(filters: Filters) -> set[str]:
    with db.snapshot() as session:
        return {one.external_id for one in mention_list.page(session, filters).rows}


def test_what_does_not_match_is_kept_in_a_folder_and_opens_no_case(filtered: World) -> None:
    filtered.say("in", "Acme kettles break.", author="Ann")
    filtered.say("out", "My school called Acme is closed.", author="Bob", thread="t2")
    filtered.judge()
    assert where(filtered, "in") == (None, None)
    assert where(filtered, "out") == (Folder.OFF_TOPIC, FiledBy.QUERY)
    assert [case.mention_id for case in filtered.cases()] == [filtered.mention("in").id]
    assert listed(Filters()) == {"in"}
    assert listed(Filters(is_filed=True)) == listed(Filters(folder=Folder.OFF_TOPIC)) == {"out"}
    assert listed(Filters(is_filed=None)) == {"in", "out"}
    with db.snapshot() as session:
        found = filing.outcome(session.get_one(Mention, filtered.mention("out").id))
        assert found is not None
        assert [(one.field, one.start) for one in found.passages] == [("text", 3)]


def test_one_s_own_places_are_never_filtered(world: World) -> None:
    world.say("m1", "It broke on the first day.")
    world.judge()
    assert where(world, "m1") == (None, None)
    assert len(world.cases()) == 1


def test_what_belongs_to_a_conversation_with_the_brand_is_never_filtered(filtered: World) -> None:
    filtered.say("m1", "Acme broke.")
    filtered.judge()
    filtered.say("m2", "Still broken!")
    filtered.crawl(ours("a1", "Acme is sorry.", filtered.now, thread="t9"))
    filtered.say("m3", "Thanks for nothing.", author="Zoe", thread="t9", parent="a1")
    filtered.judge()
    assert where(filtered, "m2") == where(filtered, "m3") == (None, None)


def test_a_person_brings_back_what_was_filed_and_a_case_opens(filtered: World) -> None:
    filtered.say("m1", "It broke on the first day.")
    filtered.judge()
    assert filtered.cases() == []
    file(filtered, "m1", None)
    assert where(filtered, "m1") == (None, FiledBy.PERSON)
    assert [case.status for case in filtered.cases()] == [CaseStatus.OPEN]
    assert "unfiled" in filtered.events()


def test_the_word_of_a_person_stays_after_an_edit(filtered: World) -> None:
    filtered.say("m1", "It broke.")
    filtered.judge()
    file(filtered, "m1", None)
    filtered.later(minutes=5)
    filtered.say("m1", "It broke again, and nobody answers me here.")
    filtered.judge()
    assert where(filtered, "m1") == (None, FiledBy.PERSON)


def test_an_edit_may_bring_a_mention_back(filtered: World) -> None:
    filtered.say("m1", "It broke.")
    filtered.judge()
    filtered.later(minutes=5)
    filtered.say("m1", "It broke: my kettle of Acme leaks all over the kitchen.")
    filtered.judge()
    assert where(filtered, "m1") == (None, None)
    assert len(filtered.cases()) == 1


def test_spam_that_a_person_files_closes_its_case(world: World) -> None:
    world.complain("m1")
    file(world, "m1", Folder.SPAM)
    assert where(world, "m1") == (Folder.SPAM, FiledBy.PERSON)
    assert [case.status for case in world.cases()] == [CaseStatus.CLOSED]


def test_whoever_only_reads_files_nothing(world: World) -> None:
    world.complain("m1")
    with pytest.raises(NotAllowed):
        file(world, "m1", Folder.SPAM, "boris")


def test_a_query_that_cannot_be_read_files_nothing(filtered: World) -> None:
    with db.transaction() as session:
        session.execute(sa.update(Brand).values(query="(acme"))
    filtered.say("m1", "It broke.")
    filtered.judge()
    assert where(filtered, "m1") == (None, None)


def test_what_a_competitor_writes_opens_no_case(world: World, now: datetime) -> None:
    profile = "https://shop.example/users/rival"
    with db.transaction() as session:
        brand_setup.create(
            session, "Rival", own_names=["Rival Care", profile], time_zone="UTC", now=now, is_competitor=True
        )
    world.say("m1", "Acme breaks. Ours never does.", author=AuthorSeen("Ralph", "7", profile))
    world.say("m2", "Acme breaks.", author="Ann", thread="t2")
    world.judge()
    assert where(world, "m1") == (Folder.COMPETITOR, FiledBy.RULE)
    assert where(world, "m2") == (None, None)


def test_what_is_said_of_a_competitor_opens_no_case_and_lies_in_no_folder(world: World) -> None:
    with db.transaction() as session:
        session.execute(sa.update(Brand).values(is_competitor=True))
    world.say("m1", "It broke.")
    world.judge()
    assert (world.cases(), where(world, "m1")) == ([], (None, None))


def test_an_advertisement_of_the_brand_opens_no_case(world: World) -> None:
    text = "Чайник Acme за полцены! Реклама. ООО «Акме», erid: 2VtzqxAbCdE"
    world.say("m1", text, kind="post")
    world.say("m2", text, kind="review", thread="t2")
    world.judge(Intent.QUESTION)
    assert where(world, "m1") == (Folder.ADVERTISEMENT, FiledBy.RULE)
    assert where(world, "m2") == (None, None)


@pytest.mark.parametrize(
    "text",
    [
        "Новый чайник. erid: LjN8KabcD",
        "Реклама. ООО «Акме»",
        "На правах рекламы",
        "Лучший утюг #реклама",
        "New kettle #ad",
        "Paid partnership with Acme",
    ],
)
def test_marks_of_advertisements(text: str) -> None:
    assert folders.is_advertisement("post", text)
    assert not folders.is_advertisement("comment", text)


@pytest.mark.parametrize(
    "text",
    [
        "Ваша реклама обманывает!",
        "Реклама. Обещали чайник, пришёл утюг.",
        "#address of the shop",
        "I saw the ad and bought it",
    ],
)
def test_whoever_speaks_of_advertising_is_heard(text: str) -> None:
    assert not folders.is_advertisement("post", text)


SPAM = (
    "Зарабатывай от {} рублей в день без вложений, пиши в личку",
    "Зарабатывай от {} рублей в день, не выходя из дома, пиши в личку",
)


def file_spam(world: World, count: int) -> None:
    for number in range(count):
        world.say(
            f"spam{number}",
            SPAM[number % 2].format(1_000 + number),
            author=f"Bot {number}",
            thread=f"s{number}",
        )
        world.judge()
        file(world, f"spam{number}", Folder.SPAM)


def test_a_few_corrections_teach_the_folder(world: World) -> None:
    for number in range(5):
        world.complain(
            f"ham{number}",
            f"Чайник номер {number} течёт с первого дня",
            author=f"A{number}",
            thread=f"h{number}",
        )
    file_spam(world, 2)
    world.say("early", SPAM[0].format(77), author="Bot", thread="s77")
    world.judge()
    assert where(world, "early") == (None, None)
    file(world, "early", Folder.SPAM)
    world.say("late", SPAM[1].format(88), author="Bot", thread="s88")
    world.say("more", "Чайник без вложений: в день доставки течёт", author="Ann", thread="h88")
    world.judge()
    assert where(world, "late") == (Folder.SPAM, FiledBy.LEARNED)
    assert where(world, "more") == (None, None)


def test_learning_files_no_review_with_stars_and_no_answer_to_the_brand(world: World) -> None:
    file_spam(world, 4)
    world.crawl(ours("a1", "Acme is here.", world.now, thread="t9"))
    world.say("review", SPAM[0].format(7), author="Bot", thread="s7", rating=1.0)
    world.say("answer", SPAM[0].format(8), author="Bot", thread="t9", parent="a1")
    world.judge()
    assert where(world, "review") == where(world, "answer") == (None, None)


def test_taking_things_out_unteaches(world: World) -> None:
    file_spam(world, 4)
    for number in range(4):
        file(world, f"spam{number}", None)
    world.say("late", SPAM[1].format(88), author="Bot", thread="s88")
    world.judge()
    assert where(world, "late") == (None, None)


def test_what_turns_out_to_be_ours_lies_in_no_folder(filtered: World) -> None:
    filtered.say("m1", "We are open on Sunday.")
    filtered.judge()
    assert where(filtered, "m1") == (Folder.OFF_TOPIC, FiledBy.QUERY)
    filtered.say("m1", "We are open on Sunday.", is_by_brand=True)
    assert where(filtered, "m1") == (None, None)
