"""How many clicks or keys each decision takes, from a row back to the next one; `-s` prints the table.

What is counted: a click, a key, a chord (Ctrl+Enter) and a text of any length are one each. The aims leave the texts out, as
did the count of what it took before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from desk.base import db
from desk.models import Case, Journal
from tests.webapp.hands import Hands, case_in_pane
from tests.world.desk import World

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Decision:
    """`before` is what it took by mouse and by keys when it was walked through; `aim` is the most it may take now.
    Both without its text."""

    name: str
    mouse: Callable[[Hands], None]
    keys: Callable[[Hands], None]
    before: tuple[str, str]
    aim: int
    texts: int = 0
    stays: bool = False
    where: str = "blog"


def _hand_over_by_mouse(hands: Hands) -> None:
    hands.click('[data-test="assign-menu"]')
    hands.click('#pane .menu-item:has([value="team:marketing"])')
    hands.page.wait_for_function("document.activeElement.name === 'note'")
    hands.type("Посмотрите, пожалуйста")
    hands.click('[data-test="assign"]')


def _hand_over_by_keys(hands: Hands) -> None:
    hands.press("a", "1")
    hands.type("Посмотрите, пожалуйста")
    hands.press("Control+Enter")


def _publish_by_mouse(hands: Hands) -> None:
    hands.click('[data-test="answer-text"]')
    hands.type("Замена уедет завтра")
    hands.click('[data-test="publish-close"]')


def _publish_by_keys(hands: Hands) -> None:
    hands.press("r")
    hands.type("Замена уедет завтра")
    hands.press("Control+Shift+Enter")


def _copy_by_mouse(hands: Hands) -> None:
    hands.click('[data-test="answer-text"]')
    hands.type("Замена уедет завтра")
    _opening(hands, lambda: hands.click('[data-test="copy-open"]'))
    hands.click('[data-test="by-hand-close"]')


def _copy_by_keys(hands: Hands) -> None:
    hands.press("r")
    hands.type("Замена уедет завтра")
    _opening(hands, lambda: hands.press("Control+Enter"))
    hands.press("Control+Shift+Enter")


def _opening(hands: Hands, act: Callable[[], None]) -> None:
    """The text is on the clipboard when the page to paste it into opens."""
    with hands.page.expect_popup() as opened:
        act()
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()
    hands.page.bring_to_front()
    assert hands.page.evaluate("navigator.clipboard.readText()") == "Замена уедет завтра"


def _clicks(*selectors: str) -> Callable[[Hands], None]:
    return lambda hands: [hands.click(one) for one in selectors] and None


def _keys(*keys: str) -> Callable[[Hands], None]:
    return lambda hands: hands.press(*keys)


DECISIONS = (
    Decision("take", _clicks('[data-test="take"]'), _keys("t"), ("2", "6"), 1),
    Decision(
        "close, needs no answer",
        _clicks('[data-test="close-menu"]', '[data-test="close-no_answer_needed"]'),
        _keys("Shift+E"),
        ("3", "7"),
        2,
    ),
    Decision(
        "close, not for us",
        _clicks('[data-test="close-menu"]', '[data-test="close-not_for_us"]'),
        _keys("e", "2"),
        ("3", "8"),
        2,
    ),
    Decision(
        "snooze for an hour",
        _clicks('[data-test="snooze-menu"]', '[data-test="snooze-hour"]'),
        _keys("s", "1"),
        ("3", "7"),
        2,
    ),
    Decision("hand over with a note", _hand_over_by_mouse, _hand_over_by_keys, ("4", "10"), 3, texts=1),
    Decision(
        "correct one tag",
        _clicks('[data-test="correct-question"]'),
        _keys("c", "2"),
        ("2", "12"),
        2,
        stays=True,
    ),
    Decision("publish and close", _publish_by_mouse, _publish_by_keys, ("3", "9"), 2, texts=1),
    Decision("copy, open, posted", _copy_by_mouse, _copy_by_keys, ("7", "-"), 3, texts=1, where="feed"),
)


def fill(world: World, places: list[str]) -> list[int]:
    for number, where in enumerate(places):
        world.say(f"c{number}", f"Жалоба {number}", where)
    world.judge()
    return [world.case_of(f"c{number}") for number in range(len(places))]


def ready(browse: Callable[..., Any], first: int, address: str) -> Hands:
    page = browse()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
    case_in_pane(page, first)
    return Hands(page)


def test_each_decision_takes_no_more_than_its_aim(
    browse: Callable[..., Any], world: World, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = [(one, way) for one in DECISIONS for way in ("mouse", "keys")]
    ids = fill(world, [one.where for one, _way in tries] + ["blog"])
    hands = ready(browse, ids[0], address)
    taken: dict[tuple[str, str], int] = {}
    for place, (one, way) in enumerate(tries):
        hands.acts = 0
        getattr(one, way)(hands)
        if one.stays:
            hands.page.locator('[data-test="correct-question"][aria-pressed="true"]').wait_for()
            case_in_pane(hands.page, ids[place])
            hands.page.keyboard.press("j")  # the way on is no part of this decision
        taken[one.name, way] = hands.acts - one.texts
        case_in_pane(hands.page, ids[place + 1])
    with capsys.disabled():
        print("\n| decision | before: mouse, keys | now: mouse, keys | aim |\n|---|---|---|---|")
        for one in DECISIONS:
            text = " + text" if one.texts else ""
            now = f"{taken[one.name, 'mouse']}, {taken[one.name, 'keys']}{text}"
            print(f"| {one.name} | {', '.join(one.before)}{text} | {now} | {one.aim}{text} |")
    too_many = {
        (one.name, way): taken[one.name, way]
        for one in DECISIONS
        for way in ("mouse", "keys")
        if taken[one.name, way] > one.aim
    }
    assert too_many == {}


CLOSE = _keys("Shift+E")
TAKE = _keys("t")
TAG = _clicks('[data-test="correct-question"]')
SCATTERED = [CLOSE, TAG, TAKE, CLOSE, CLOSE, TAKE, TAG, _hand_over_by_keys, CLOSE, CLOSE, TAKE, _publish_by_keys,
             CLOSE, CLOSE, TAKE, TAG, _hand_over_by_keys, CLOSE, CLOSE, CLOSE]  # fmt: skip
# After a run of seven that need no answer, chosen as a range.
AFTER_A_RUN = [TAG, TAKE, CLOSE, TAKE, TAG, _hand_over_by_keys, CLOSE, TAKE, _publish_by_keys, CLOSE, TAKE, TAG,
               _hand_over_by_keys]  # fmt: skip


def decide(hands: Hands, ids: list[int], steps: list[Callable[[Hands], None]]) -> None:
    """One decision after the other, each on the row that is open after the one before."""
    place = 0
    for step in steps:
        case_in_pane(hands.page, ids[place])
        step(hands)
        if step is TAG:
            hands.page.locator('[data-test="correct-question"][aria-pressed="true"]').wait_for()
        else:
            place += 1
    case_in_pane(hands.page, ids[place])


def outcome() -> dict[str, int]:
    """How many steps of each kind the journal holds, and how many cases were closed by a person."""
    counted = ("closed", "taken", "judged_by_person", "handed_over", "approved")
    with db.snapshot() as session:
        events = [row.event for row in session.query(Journal)]
        assert session.query(Case).count() > 0
    return {event: events.count(event) for event in counted}


# Whoever answers takes the case as well.
USUAL = {"closed": 10, "taken": 4 + 1, "judged_by_person": 3, "handed_over": 2, "approved": 1}


def test_the_usual_twenty_one_by_one(
    browse: Callable[..., Any], world: World, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = fill(world, ["blog"] * 20)
    hands = ready(browse, ids[0], address)
    decide(hands, ids, SCATTERED)
    assert outcome() == USUAL
    with capsys.disabled():
        print(f"\nThe usual twenty, one by one: {hands.acts - 3} and 3 texts (before: about 55)")
    assert hands.acts - 3 <= 25


def test_the_usual_twenty_with_a_range(
    browse: Callable[..., Any], world: World, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = fill(world, ["blog"] * 20)
    hands = ready(browse, ids[0], address)
    hands.click(f"#case-{ids[0]} .pick")
    hands.click(f"#case-{ids[6]} .pick", modifiers=["Shift"])
    hands.press("e", "1")
    decide(hands, ids[7:], AFTER_A_RUN)
    assert outcome() == USUAL
    with capsys.disabled():
        print(f"\nThe usual twenty, seven of them a range: {hands.acts} with its 3 texts (before: about 55)")
    assert hands.acts <= 25
