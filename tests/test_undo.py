"""Taking back a decision, before anybody has heard of it."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import issues, queue
from newsletter.dispatch import ledger
from newsletter.errors import Refused
from newsletter.models.delivery import DeliveryState, Letter
from newsletter.models.submission import Clearance, Submission, SubmissionState
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, BEN
from tests.desk_situations import Desk, desk, news

__all__ = ["desk", "newsletter"]


def clearances(desk: Desk, reference: str) -> dict[str, str]:
    asked = select(Clearance).where(col(Clearance.submission_id) == int(reference[1:]))
    rows = desk.look(lambda act: act.session.scalars(asked).all())
    return {row.newsletter: row.state.value for row in rows}


def letter(desk: Desk, name: str) -> Letter:
    named = select(Letter).where(col(Letter.name) == name)
    found: Letter = desk.look(lambda act: act.session.scalars(named).one())
    return found


def test_an_undone_decline_is_never_heard_of(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], None, "Zu werblich.")
    desk.clock.forward(minutes=9)
    undone = desk.do(queue.undo)
    assert {each.newsletter for each in undone} == {"clusterplattform", "go-cluster"}
    assert not any(each.letter_left for each in undone)
    assert set(clearances(desk, reference).values()) == {"asked"}
    found = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    assert found.state is SubmissionState.IN_REVIEW
    gone = letter(desk, "declined")
    assert (gone.state, gone.why, gone.text) == (DeliveryState.SKIPPED, "undone", "")


def test_the_letter_about_a_decision_waits_ten_minutes(desk: Desk) -> None:
    desk.do(queue.decline, [desk.hand_in()], None, "Zu werblich.")
    first = letter(desk, "received")
    waiting = letter(desk, "declined")

    def leave(act: object) -> None:
        act.session.delete(act.session.get(Letter, first.id))  # type: ignore[attr-defined]

    desk.do(leave)
    due = desk.look(lambda act: ledger.next_due(act.session, act.now))
    assert due.at == waiting.not_before
    assert (due.at - desk.clock()).total_seconds() == 600
    desk.clock.forward(minutes=10)
    assert desk.look(lambda act: ledger.next_due(act.session, act.now)).at == desk.clock()


def test_undo_says_when_the_letter_has_left(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], None, "Zu werblich.")

    def leave(act: object) -> None:
        row = act.session.get(Letter, letter_id)  # type: ignore[attr-defined]
        row.state, row.settled_at = DeliveryState.ACCEPTED, desk.clock()

    letter_id = letter(desk, "declined").id
    desk.do(leave)
    done = newsletter("undo", reference)
    assert done.code == 0, done.err
    assert f"{reference}  wieder offen für go-cluster" in done.out
    assert "ist schon hinausgegangen" in done.out


def test_only_ones_own_last_decision_is_undone(desk: Desk) -> None:
    first, second = desk.hand_in(), desk.hand_in()
    desk.accept(first)
    desk.clock.forward(minutes=1)
    desk.do(queue.accept, [second], who=BEN)
    assert {each.reference for each in desk.do(queue.undo)} == {first}
    assert set(clearances(desk, second).values()) == {"accepted"}
    with pytest.raises(Refused, match="nichts entschieden"):
        desk.do(queue.undo, first)


def test_undo_takes_back_one_act_whole_or_one_item_of_it(desk: Desk) -> None:
    first, second = desk.hand_in(), desk.hand_in()
    desk.do(queue.defer, [first, second])
    assert {each.reference for each in desk.do(queue.undo, second)} == {second}
    assert set(clearances(desk, first).values()) == {"held_over"}


def test_what_was_accepted_unasked_is_no_target_any_more(desk: Desk) -> None:
    reference = desk.hand_in(news(targets=["clusterplattform"]))
    desk.accept(reference, newsletters=["go-cluster"])
    desk.do(queue.undo)
    assert clearances(desk, reference) == {"clusterplattform": "asked"}


def test_what_stands_in_an_issue_is_not_undone(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.filled()
    with pytest.raises(Refused, match=f"newsletter issue remove {key} {reference}"):
        desk.do(queue.undo)
    desk.do(issues.remove, key, [reference])
    desk.do(queue.undo)
    assert set(clearances(desk, reference).values()) == {"asked"}


def test_with_nothing_decided_there_is_nothing_to_undo(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    assert "nichts getan" in newsletter("undo", as_="freigabe").err
    assert newsletter("undo", "q1").code == 1


def test_undo_takes_back_what_an_editor_decided_and_not_what_fill_took_up(desk: Desk) -> None:
    older, reference = desk.hand_in(), desk.hand_in()
    desk.accept(older)
    desk.clock.forward(minutes=1)
    desk.do(queue.defer, [reference])
    desk.clock.forward(minutes=1)
    january = desk.new(number="2027-01")
    desk.do(issues.fill, january)
    assert clearances(desk, reference)["clusterplattform"] == "accepted"
    about = " ".join(letter(desk, "held_over").text.split())
    assert "für „go-cluster“ zurückgestellt" in about  # the other is no longer so
    desk.do(issues.remove, january, [older, reference])
    desk.clock.forward(minutes=1)
    undone = desk.do(queue.undo, reference)
    assert {each.newsletter for each in undone} == {"clusterplattform", "go-cluster"}
    assert set(clearances(desk, reference).values()) == {"asked"}
    assert letter(desk, "held_over").state is DeliveryState.SKIPPED
    with pytest.raises(Refused, match="nichts entschieden"):
        desk.do(queue.undo, reference)
    assert {each.reference for each in desk.do(queue.undo)} == {older}  # goes on, one by one


def test_what_somebody_decided_anew_stays_and_the_rest_is_undone(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.defer, [reference])
    desk.clock.forward(minutes=1)
    desk.do(queue.accept, [reference], ["clusterplattform"], who=BEN)
    assert [each.newsletter for each in desk.do(queue.undo)] == ["go-cluster"]
    assert clearances(desk, reference) == {"clusterplattform": "accepted", "go-cluster": "asked"}
    desk.do(queue.accept, [reference], who=BEN)
    with pytest.raises(Refused, match="nichts entschieden"):
        desk.do(queue.undo)
    with pytest.raises(Refused, match="inzwischen anders entschieden"):
        desk.do(queue.undo, reference)


def test_a_letter_says_what_is_decided_when_it_leaves(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], None, "Zu werblich.")
    desk.clock.forward(minutes=2)
    waits_until = letter(desk, "declined").not_before
    desk.do(queue.accept, [reference], ["go-cluster"], who=BEN)
    anew = letter(desk, "declined")
    about = " ".join(anew.text.split())
    assert "für „Clusterplattform Deutschland“ leider nicht auf" in about
    assert "Angenommen ist sie für „go-cluster“." in about
    assert "nicht für „Clusterplattform Deutschland“" in anew.subject
    assert "Zu werblich." in about
    assert (anew.state, anew.not_before) == (DeliveryState.QUEUED, waits_until)
    desk.do(queue.accept, [reference], ["clusterplattform"], who=BEN)
    gone = letter(desk, "declined")
    assert (gone.state, gone.why, gone.text) == (DeliveryState.SKIPPED, "overtaken", "")


def test_no_letter_holds_over_what_has_been_withdrawn(newsletter: Newsletter, desk: Desk) -> None:
    older, reference = desk.accepted(), desk.hand_in()
    desk.clock.forward(minutes=1)
    desk.do(queue.defer, [reference])
    desk.clock.forward(minutes=1)
    desk.do(queue.withdraw, reference, "Die Messe wurde verkauft.", who=ADA)
    assert letter(desk, "held_over").state is DeliveryState.SKIPPED
    for words in (("undo", reference), ("undo",)):
        done = newsletter(*words, as_=ADA.name)
        assert done.code == 1
        assert "zurückgezogen; das lässt sich nicht rückgängig machen" in done.err
    assert f"newsletter undo {older}" in done.err
    assert set(clearances(desk, reference).values()) == {"held_over"}
    assert newsletter("undo", older, as_=ADA.name).code == 0
