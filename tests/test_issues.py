"""An issue from its beginning to the moment it is put to somebody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from newsletter import issues, queue
from newsletter.content import EventState
from newsletter.errors import Invalid, NotFound, Refused, WrongUsage
from newsletter.models.issue import (
    IssueState,
    Placement,
)
from newsletter.settings import Settings
from tests.conftest import ADA, BEN
from tests.desk_situations import BOTH, Desk, desk, fair, news
from tests.issue_situations import DECEMBER, findings, history, plan

__all__ = ["desk"]


def order(desk: Desk, key: str = DECEMBER) -> dict[str, list[str]]:
    """What a reader of the issue would see: references by section."""

    def read(act: Any) -> dict[str, list[str]]:
        issue = issues.find(act.session, key)
        content = issues.content_of(act.session, act.settings, issue, act.now)
        return {s.key: [item.reference for item in s.items] for s in content.sections}

    found: dict[str, list[str]] = desk.look(read)
    return found


# -- beginning ----------------------------------------------------------------------------


def test_a_new_issue_opens_with_its_newsletters_words(desk: Desk) -> None:
    issue = desk.issue(desk.new())
    assert issue.id == DECEMBER
    assert issue.subject == "Clusterplattform Deutschland: Ausgabe Dezember 2026"
    assert issue.opening.startswith("willkommen zur Ausgabe Dezember 2026 des Newsletters")
    assert len(issue.read_key) == 43


def test_the_next_issue_gets_the_next_number(desk: Desk) -> None:
    assert [desk.new(), desk.new()] == [DECEMBER, "clusterplattform-2027-01"]
    assert desk.new("go-cluster") == "go-cluster-2026-12"


def test_a_special_issue_is_named(desk: Desk) -> None:
    assert desk.new(number="2026-12-s1") == "clusterplattform-2026-12-s1"


def test_a_number_is_given_once(desk: Desk) -> None:
    desk.new()
    with pytest.raises(Refused, match="2026-12-s1"):
        desk.new(number="2026-12")
    with pytest.raises(WrongUsage, match="keine Nummer"):
        desk.new(number="Dezember")


def test_after_a_cancelled_issue_nobody_gets_the_month_after_by_surprise(desk: Desk) -> None:
    desk.do(issues.cancel, desk.new())
    with pytest.raises(Refused, match=r"abgesagt.* 2026-12; .* 2027-01"):
        desk.new()


def test_an_issue_is_found_by_the_beginning_of_its_id(desk: Desk) -> None:
    desk.new()
    desk.new("go-cluster")
    assert desk.issue("clu").id == DECEMBER
    desk.new()
    with pytest.raises(Refused, match="2026-12, clusterplattform-2027-01"):
        desk.issue("clusterplattform")
    assert desk.issue(DECEMBER).id == DECEMBER
    for nobody in ("x", "", "%"):
        with pytest.raises(NotFound):
            desk.issue(nobody)


# -- assembling ---------------------------------------------------------------------------


def test_filling_puts_everything_where_it_belongs(desk: Desk) -> None:
    late = desk.accepted(fair(desk.clock() + timedelta(days=90)))
    early = desk.accepted(fair(desk.clock() + timedelta(days=60), title="Früher"))
    first, second = desk.accepted(), desk.accepted(news(title="Zweite", link=None))
    own = desk.do(queue.add, news(title="Aufruf"), source="BMWE").reference
    story = desk.accepted(news(kind="success_story", title="Erfolg", result="Zehnmal schneller"))
    desk.accept(own)
    desk.filled()
    assert order(desk) == {
        "programm": [own],
        "cluster": [first, second],
        "erfolge": [story],
        "termine": [early, late],
    }


def test_filling_again_takes_only_what_came_since(desk: Desk) -> None:
    late = desk.accepted(fair(desk.clock() + timedelta(days=90)))
    desk.filled()
    early = desk.accepted(fair(desk.clock() + timedelta(days=60), title="Früher"))
    desk.do(issues.fill, DECEMBER)
    assert order(desk) == {"termine": [early, late]}


def test_filling_with_nothing_new_keeps_the_approval(desk: Desk) -> None:
    desk.accepted()
    desk.approved()
    desk.do(issues.fill, DECEMBER)
    assert desk.issue(DECEMBER).state is IssueState.APPROVED


def test_an_item_goes_into_one_issue_of_a_newsletter(desk: Desk) -> None:
    reference = desk.accepted()
    desk.filled()
    january = desk.filled()
    assert order(desk, january) == {}
    desk.do(issues.cancel, DECEMBER)
    desk.do(issues.fill, january)
    assert order(desk, january) == {"cluster": [reference]}


def test_filling_says_why_something_stays_out(desk: Desk) -> None:
    start = desk.clock() + timedelta(days=10)
    soon = desk.accepted(fair(start))
    dark = desk.accepted(news(embargo_until=(start).isoformat()))
    torn = desk.accepted(news(title="TODO"))
    off = desk.accepted(fair(desk.clock() + timedelta(days=60)))
    desk.do(queue.cancel_date, off, EventState.CANCELLED)
    desk.new()
    proposal = desk.do(issues.fill, DECEMBER)
    assert proposal.placed == ()
    why = {left.reference: left.why for left in proposal.left_out}
    assert "versendet wird erst am Dienstag, 15.12.2026" in why[soon]
    assert "Sperrfrist" in why[dark]
    assert "Platzhalter" in why[torn]
    assert f"newsletter issue add {DECEMBER} {off}" in why[off]
    desk.do(issues.add, DECEMBER, [dark])
    assert findings(desk)["embargo"] == "hint"


def test_what_is_not_accepted_does_not_come_in(desk: Desk) -> None:
    reference = desk.hand_in()
    key = desk.filled()
    with pytest.raises(Refused, match=f"queue accept {reference} --for clusterplattform"):
        desk.do(issues.add, key, [reference])
    assert order(desk) == {}


def test_items_are_added_removed_and_moved(desk: Desk) -> None:
    a, b, c = (desk.accepted(news(title=f"Titel {n}", link=None)) for n in range(3))
    key = desk.new()
    desk.do(issues.add, key, [a, b, c])
    desk.do(issues.move, key, c, to=1)
    assert order(desk) == {"cluster": [c, a, b]}
    desk.do(issues.move, key, b, before=a)
    assert order(desk) == {"cluster": [c, b, a]}
    desk.do(issues.move, key, a, section="programm")
    assert order(desk) == {"programm": [a], "cluster": [c, b]}
    desk.do(issues.move, key, c, before=a)
    assert order(desk) == {"programm": [c, a], "cluster": [b]}
    desk.do(issues.remove, key, [a, b])
    assert order(desk) == {"programm": [c]}
    desk.do(issues.add, key, [b, a], "programm", 1)
    assert order(desk) == {"programm": [b, a, c]}


def test_dates_stand_by_their_day_unless_an_editor_moves_them(desk: Desk) -> None:
    day = desk.clock() + timedelta(days=60)
    late, early, middle, whole = (
        desk.accepted(fair(day + timedelta(days=days), title=f"Tag {days}", link=None))
        for days in (20, 1, 10, 5)
    )
    key = desk.new()
    desk.do(issues.add, key, [late, early])
    desk.do(issues.add, key, [middle])
    assert order(desk) == {"termine": [early, middle, late]}
    # postponed: taken anew, it moves to its day
    desk.do(queue.edit, early, fair(day + timedelta(days=15), title="Tag 15", link=None), 1)
    desk.do(issues.add, key, [early])
    assert order(desk) == {"termine": [middle, early, late]}
    desk.do(issues.add, key, [whole], "termine", 3)
    assert order(desk) == {"termine": [middle, early, whole, late]}
    # an editor's own order stays
    desk.do(queue.edit, middle, fair(day + timedelta(days=16), title="Tag 16", link=None), 1)
    desk.do(issues.add, key, [middle])
    assert order(desk) == {"termine": [middle, early, whole, late]}


def test_items_exchange_their_places_inside_and_with_the_outside(desk: Desk) -> None:
    a, b, c = (desk.accepted(news(title=f"Titel {n}", link=None)) for n in range(3))
    key, waiting = desk.new(), desk.hand_in(news(title="Wartet"))
    desk.do(issues.add, key, [a])
    desk.do(issues.add, key, [b], "programm")
    desk.do(issues.swap, key, a, b)
    assert order(desk) == {"programm": [a], "cluster": [b]}
    desk.do(issues.swap, key, a, c)
    assert order(desk) == {"programm": [c], "cluster": [b]}
    with pytest.raises(Refused, match="nicht angenommen"):
        desk.do(issues.swap, key, waiting, b)
    with pytest.raises(Refused, match="steht nicht in"):
        desk.do(issues.swap, key, a, waiting)
    assert order(desk) == {"programm": [c], "cluster": [b]}


def test_what_is_not_there_is_named(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.new()
    for verb in (issues.move, issues.remove):
        with pytest.raises(Refused, match="steht nicht in"):
            desk.do(verb, key, reference if verb is issues.move else [reference])
    with pytest.raises(WrongUsage, match="programm, cluster, erfolge, termine"):
        desk.do(issues.add, key, [reference], "vermischtes")


def test_adding_again_takes_the_newest_revision_at_its_place(desk: Desk) -> None:
    a, _ = desk.accepted(), desk.accepted(news(title="Zweite", link=None))
    key = desk.filled()
    before = order(desk)
    desk.do(queue.edit, a, news(title="Neuer Titel"), 1)
    assert findings(desk)["newer-revision"] == "warning"
    (addition,) = desk.do(issues.add, key, [a])
    assert (addition.before, addition.revision) == (1, 2)
    assert order(desk) == before
    assert "newer-revision" not in findings(desk)


def test_an_item_in_another_issue_is_told(desk: Desk) -> None:
    reference = desk.accepted()
    desk.filled()
    january = desk.new()
    (addition,) = desk.do(issues.add, january, [reference])
    assert addition.elsewhere == (DECEMBER,)


# -- one document -------------------------------------------------------------------------


def test_a_plan_sets_texts_and_order(desk: Desk) -> None:
    a, b = desk.accepted(), desk.accepted(news(title="Zweite", link=None))
    key = desk.filled()
    seen = desk.issue(key).version
    wanted = plan(opening="Guten *Tag*", order=(("programm", (b,)), ("cluster", (a,))))
    desk.do(issues.edit, key, wanted, seen)
    assert order(desk) == {"programm": [b], "cluster": [a]}
    assert desk.issue(key).subject == "Betreff"
    now = desk.issue(key).version
    desk.do(issues.edit, key, wanted, seen)  # the same again: all of it is there already
    assert desk.issue(key).version == now
    with pytest.raises(Refused, match="inzwischen geändert"):  # nobody knows that version
        desk.do(issues.edit, key, plan(subject="Anders", order=wanted.order), 0)


def test_a_plan_keeps_the_revisions_that_stand(desk: Desk) -> None:
    a = desk.accepted()
    key = desk.filled()
    desk.do(queue.edit, a, news(title="Neuer Titel"), 1)
    desk.do(issues.edit, key, plan(order=(("programm", (a,)),)))
    assert findings(desk)["newer-revision"] == "warning"


def test_every_problem_of_a_plan_is_told_and_nothing_is_changed(desk: Desk) -> None:
    a = desk.accepted()
    key = desk.filled()
    broken = plan(subject=" ", order=(("nirgends", (a, "q99", a)), ("cluster", ())))
    with pytest.raises(Invalid) as refused:
        desk.do(issues.edit, key, broken)
    assert [p.field for p in refused.value.problems] == ["subject", "section nirgends", "q99", a]
    assert order(desk) == {"cluster": [a]}


def test_an_edit_that_changes_nothing_keeps_the_approval(desk: Desk) -> None:
    a = desk.accepted()
    key = desk.approved()
    issue = desk.issue(key)
    same = plan(
        subject=issue.subject,
        preheader=issue.preheader,
        opening=issue.opening,
        order=(("cluster", (a,)),),
    )
    assert desk.do(issues.edit, key, same).state is IssueState.APPROVED


# -- looking ------------------------------------------------------------------------------


def test_the_status_keeps_its_contract(desk: Desk) -> None:
    key = desk.new()
    found = desk.look(lambda act: issues.status(act.session, key))
    assert found["id"] == key
    assert found["state"] == "draft"
    assert found["recipients"] is None
    assert found["deliveries"] == {}


def test_issues_are_listed_the_newest_first(desk: Desk) -> None:
    desk.accepted()
    desk.filled()
    desk.new()
    lines = desk.look(lambda act: issues.list_(act.session))
    assert [(line.issue.number, line.items) for line in lines] == [("2027-01", 0), ("2026-12", 1)]
    assert desk.look(lambda act: issues.list_(act.session, "go-cluster")) == []


def test_who_did_what_stands_in_the_history(desk: Desk) -> None:
    desk.accepted()
    desk.scheduled()
    told = [(event.actor, event.what or event.to_state) for event in history(desk)]
    assert told == [
        (ADA.name, "made"),
        (ADA.name, "filled"),
        (ADA.name, "in_approval"),
        (BEN.name, "approved"),
        (ADA.name, "scheduled"),
    ]


def test_a_section_that_is_no_longer_configured_keeps_its_items(
    desk: Desk, settings: Settings
) -> None:
    reference = desk.accepted()
    key = desk.filled()
    desk.look(lambda act: act.session.execute(update(Placement).values(section="alt")))
    assert order(desk, key) == {"alt": [reference]}


def test_both_newsletters_take_the_same_item(desk: Desk) -> None:
    desk.accepted(news(targets=BOTH))
    assert order(desk, desk.filled("go-cluster")) == order(desk, desk.filled())
