"""What becomes of an item besides yes and no: held over, withdrawn, cancelled."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import issues, queue
from newsletter.content import EventState
from newsletter.errors import Refused
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from newsletter.models.submission import Clearance, Submission, SubmissionState
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import BOTH, Desk, desk, fair, news

__all__ = ["desk", "newsletter"]


def clearances(desk: Desk, reference: str) -> dict[str, str]:
    asked = select(Clearance).where(col(Clearance.submission_id) == int(reference[1:]))
    rows = desk.look(lambda act: act.session.scalars(asked).all())
    return {row.newsletter: row.state.value for row in rows}


def submission(desk: Desk, reference: str) -> Submission:
    found: Submission = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    return found


def letters(desk: Desk, name: str) -> list[Letter]:
    named = select(Letter).where(col(Letter.name) == name)
    return list(desk.look(lambda act: act.session.scalars(named).all()))


def sending(desk: Desk, key: str) -> None:
    """As the sender leaves an issue whose first mails are out."""

    def begin(act: object) -> None:
        issue = desk_issue(act, key)
        issue.state, issue.recipients = IssueState.SENDING, 3

    desk.do(begin)


def desk_issue(act: object, key: str) -> Issue:
    return issues.find(act.session, key)  # type: ignore[attr-defined]


# -- held over ----------------------------------------------------------------------------


def test_what_is_held_over_misses_the_next_issue_and_comes_back_in_the_one_after(
    desk: Desk,
) -> None:
    reference = desk.accepted(news(targets=["clusterplattform"]))
    desk.do(queue.defer, [reference])
    assert clearances(desk, reference) == {"clusterplattform": "held_over"}
    desk.clock.forward(minutes=5)
    december, special = desk.new(number="2026-12"), desk.new(number="2026-12-s1")
    for key in (december, special):
        proposal = desk.do(issues.fill, key)
        assert proposal.placed == ()
        (left,) = proposal.left_out
        assert "Zurückgestellt bis 2027-01." in left.why
        assert f"newsletter queue accept {reference} --for clusterplattform" in left.why
    january = desk.new(number="2027-01")
    assert [a.reference for a in desk.do(issues.fill, january).placed] == [reference]
    assert clearances(desk, reference) == {"clusterplattform": "accepted"}


def test_an_item_may_wait_for_an_issue_that_an_editor_names(
    newsletter: Newsletter, desk: Desk
) -> None:
    reference = desk.accepted(news(targets=["clusterplattform"]))
    desk.do(queue.defer, [reference])
    done = newsletter("queue", "defer", reference, "--until", "2027-03")
    assert "clusterplattform: nicht in 2026-12; „issue fill“ nimmt sie ab 2027-03" in done.out
    assert "zurückgestellt bis 2027-03" in newsletter("queue", "list", "--plain").out
    shown = newsletter("queue", "show", reference).out
    assert shown.count("zurückgestellt bis 2027-03") == 2  # now, and in the history
    assert not desk.do(issues.fill, desk.new(number="2027-02")).placed
    assert desk.do(issues.fill, desk.new(number="2027-03")).placed
    for wrong in ("2026-12", "März"):
        refused = newsletter("queue", "defer", desk.accepted(), "--until", wrong)
        assert (refused.code, wrong in refused.err) == (2, True)


def test_what_waits_for_an_answer_says_so(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.ask, reference, "Dürfen wir das Bild zeigen?")
    listed = newsletter("queue", "list").out
    assert "go-cluster in Rückfrage" in listed
    assert "Als Nächstes" not in listed  # the answer is the contributor's
    shown = newsletter("queue", "show", reference).out
    assert "clusterplattform: in Rückfrage" in shown
    assert "Die Antwort steht noch aus." in shown
    assert "offen" not in shown


def test_an_issue_that_is_late_is_the_one_that_is_missed(desk: Desk) -> None:
    desk.new(number="2026-12")
    desk.clock.forward(days=23)  # its time by the rhythm has passed
    (held, _other) = desk.do(queue.defer, [desk.accepted()])
    assert (held.newsletter, held.wait.past, held.wait.until) == (
        "clusterplattform",
        "2026-12",
        "2027-01",
    )


def test_what_was_held_over_before_issues_were_named_waits_as_it_did(desk: Desk) -> None:
    reference = desk.accepted(news(targets=["clusterplattform"]))
    december = desk.new(number="2026-12")
    desk.clock.forward(minutes=5)
    desk.do(queue.defer, [reference])

    def forget(act: Any) -> None:
        act.session.scalars(select(Clearance)).one().held_until = None

    desk.do(forget)
    (left,) = desk.do(issues.fill, december).left_out
    assert "für eine spätere Ausgabe" in left.why
    assert desk.do(issues.fill, desk.new(number="2027-01")).placed


def test_an_open_item_is_decided_when_it_is_held_over(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.defer, [reference], ["go-cluster"])
    assert submission(desk, reference).state is SubmissionState.IN_REVIEW
    desk.do(queue.defer, [reference])
    assert submission(desk, reference).state is SubmissionState.DECIDED
    assert set(clearances(desk, reference).values()) == {"held_over"}


def test_an_editor_may_accept_what_was_held_over(desk: Desk) -> None:
    reference = desk.accepted()
    desk.do(queue.defer, [reference])
    desk.accept(reference)
    assert set(clearances(desk, reference).values()) == {"accepted"}


def test_the_contributor_hears_once_that_an_item_is_held_over(desk: Desk) -> None:
    reference = desk.hand_in(news(contact_email="fremd@anders.example"))
    desk.do(queue.defer, [reference])
    desk.do(queue.defer, [reference])
    (letter,) = letters(desk, "held_over")
    assert letter.to_email == "presse@lichtwerk.example"
    for part in (letter.text, letter.html):
        assert "für eine der nächsten Ausgaben wieder vor" in " ".join(part.split())
        assert "„Clusterplattform Deutschland“ und „go-cluster“" in " ".join(part.split())


def test_what_stands_in_an_issue_is_not_held_over(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.filled()
    with pytest.raises(Refused, match=f"newsletter issue remove {key} {reference}"):
        desk.do(queue.defer, [reference])
    desk.do(issues.remove, key, [reference])
    desk.do(queue.defer, [reference])
    assert set(clearances(desk, reference).values()) == {"held_over"}


def test_what_has_gone_out_in_one_newsletter_is_held_over_for_the_other(desk: Desk) -> None:
    reference = desk.accepted()
    sending(desk, desk.scheduled())
    desk.do(queue.defer, [reference])
    assert clearances(desk, reference) == {
        "clusterplattform": "accepted",
        "go-cluster": "held_over",
    }


def test_a_declined_item_is_not_held_over(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], ["go-cluster"], "Zu speziell.")
    with pytest.raises(Refused, match="queue accept"):
        desk.do(queue.defer, [reference], ["go-cluster"])
    desk.do(queue.defer, [reference])
    assert clearances(desk, reference) == {
        "clusterplattform": "held_over",
        "go-cluster": "declined",
    }


def test_defer_says_what_becomes_of_the_item(newsletter: Newsletter, desk: Desk) -> None:
    desk.hand_in()
    done = newsletter("queue", "defer", "q1", "--for", "go-cluster")
    assert done.code == 0, done.err
    assert "q1  zurückgestellt für go-cluster" in done.out
    facts = newsletter("queue", "defer", "q1", "--json").json
    assert {each["newsletter"]: each["changed"] for each in facts} == {
        "clusterplattform": True,
        "go-cluster": False,
    }
    assert "zurückgestellt" in newsletter("queue", "show", "q1", as_="").out
    assert newsletter("queue", "list", "--state", "held_over", "--json").json[0]["id"] == "q1"


# -- withdrawn ----------------------------------------------------------------------------


def test_a_withdrawn_item_voids_the_approval_of_its_issue(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    done = desk.do(queue.withdraw, reference, "Der Preis wurde zurückgegeben.")
    assert done.stopped == ((key, IssueState.DRAFT),)
    assert done.drafts == (key,)
    assert desk.issue(key).send_at is None
    found = desk.look(lambda act: issues.check(act.session, act.settings, key, act.now))
    assert "unusable" in {finding.check for finding in found.errors}
    alarms = desk.look(lambda act: act.session.scalars(select(Event.detail)).all())
    assert any("zurückgezogen" in (each or {}).get("alarm", "") for each in alarms)


def test_a_withdrawn_item_pauses_the_issue_that_is_being_sent(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    sending(desk, key)
    done = desk.do(queue.withdraw, reference, "Falsche Angaben.")
    assert done.stopped == ((key, IssueState.PAUSED),)
    assert done.gone_out == (key,)
    (letter,) = letters(desk, "withdrawn")
    assert "„Clusterplattform Deutschland“, Ausgabe 2026-12" in " ".join(letter.text.split())


def test_withdrawing_tells_the_contributor_why(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.withdraw, reference, "Auf Wunsch von\nFrau Muster.")
    assert submission(desk, reference).state is SubmissionState.WITHDRAWN
    (letter,) = letters(desk, "withdrawn")
    assert letter.to_email == "presse@lichtwerk.example"
    assert "Frau Muster." in letter.text
    assert "Frau Muster." in letter.html
    assert "Sie erscheint nirgends mehr." in letter.text


def test_withdrawing_needs_a_reason_and_happens_once(desk: Desk) -> None:
    reference = desk.hand_in()
    with pytest.raises(Refused, match="--reason"):
        desk.do(queue.withdraw, reference, " ")
    desk.do(queue.withdraw, reference, "Doppelt.")
    with pytest.raises(Refused, match="ist zurückgezogen"):
        desk.do(queue.withdraw, reference, "Doppelt.")
    with pytest.raises(Refused, match="zurückgezogen"):
        desk.accept(reference)


def test_withdraw_names_the_next_step(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.accepted(news(targets=BOTH))
    key = desk.approved()
    done = newsletter("queue", "withdraw", reference, "--reason", "Doppelt.")
    assert done.code == 0, done.err
    assert f"Achtung: {key} ist deshalb wieder ein Entwurf" in done.out
    assert f"newsletter issue remove {key} {reference}" in done.out
    assert newsletter("issue", "remove", key, reference).code == 0
    assert newsletter("queue", "withdraw", reference, "--reason", "x").code == 1
    assert newsletter("queue", "withdraw", reference).code == 1


# -- dates --------------------------------------------------------------------------------


@pytest.fixture
def date(desk: Desk) -> str:
    """A date that is accepted, eight weeks ahead of the real clock and of the desk's."""
    ahead = max(datetime.now(UTC), desk.clock()) + timedelta(days=56)
    return desk.accepted(fair(ahead.replace(hour=9, minute=0, second=0, microsecond=0)))


def test_a_cancelled_date_voids_the_approval_and_is_announced_as_cancelled(
    desk: Desk, date: str
) -> None:
    key = desk.scheduled()
    done = desk.do(queue.cancel_date, date)
    assert done.stopped == ((key, IssueState.DRAFT),)
    assert submission(desk, date).event_state is EventState.CANCELLED
    built = desk.look(lambda act: issues.check(act.session, act.settings, key, act.now))
    assert built.edition is not None
    assert "Abgesagt: Fachtagung" in " ".join(built.edition.text.split())
    assert "event-state" in {finding.check for finding in built.warnings}


def test_an_issue_that_says_so_goes_out_with_the_cancelled_date(desk: Desk, date: str) -> None:
    desk.do(queue.cancel_date, date)
    key = desk.new()
    desk.do(issues.add, key, [date])
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key)
    assert desk.do(queue.cancel_date, date).stopped == ()
    assert desk.issue(key).state is IssueState.SCHEDULED
    assert desk.do(queue.cancel_date, date, EventState.POSTPONED).stopped == (
        (key, IssueState.DRAFT),
    )


def test_calendars_learn_of_each_change_by_the_sequence(desk: Desk, date: str) -> None:
    changes = [EventState.POSTPONED, EventState.CANCELLED, EventState.CANCELLED, EventState.ON]
    assert [desk.do(queue.cancel_date, date, to).sequence for to in changes] == [1, 2, 2, 3]
    whys = desk.look(lambda act: act.session.scalars(select(Event.to_state)).all())
    assert [each for each in whys if each in set(EventState)] == ["postponed", "cancelled", "on"]


def test_a_cancelled_date_pauses_the_issue_that_is_being_sent(desk: Desk, date: str) -> None:
    key = desk.scheduled()
    sending(desk, key)
    done = desk.do(queue.cancel_date, date)
    assert done.stopped == ((key, IssueState.PAUSED),)
    assert done.gone_out == (key,)


def test_the_contributor_hears_of_each_change_of_a_date(desk: Desk, date: str) -> None:
    for to in (EventState.CANCELLED, EventState.CANCELLED, EventState.POSTPONED, EventState.ON):
        desk.do(queue.cancel_date, date, to)
    told = letters(desk, "date_changed")
    words = ["abgesagt ist", "verschoben ist", "nun doch stattfindet"]
    for letter, word in zip(told, words, strict=True):
        assert word in " ".join(letter.text.split())
        assert word in letter.html
    assert [each.subject.partition(":")[0] for each in told] == [
        "Abgesagt",
        "Verschoben",
        "Findet statt",
    ]


def test_only_dates_are_cancelled(desk: Desk) -> None:
    with pytest.raises(Refused, match="ist kein Termin"):
        desk.do(queue.cancel_date, desk.hand_in())


def test_cancel_date_says_what_it_stopped(newsletter: Newsletter, desk: Desk, date: str) -> None:
    key = desk.approved()
    done = newsletter("queue", "cancel-date", date, "--postponed")
    assert done.code == 0, done.err
    assert f"{date}  verschoben: Fachtagung" in done.out
    assert f"Achtung: {key} ist deshalb wieder ein Entwurf" in done.out
    shown = newsletter("queue", "show", date, as_="").out
    assert "Termin: verschoben" in shown
    assert newsletter("queue", "show", date, "--json", as_="").json["event_state"] == "postponed"
    facts = newsletter("queue", "cancel-date", date, "--json").json
    assert (facts["event_state"], facts["sequence"], facts["changed"]) == ("cancelled", 2, True)
    assert newsletter("queue", "cancel-date", date, "--postponed", "--on").code == 2


# -- edited -------------------------------------------------------------------------------


def test_an_edit_is_told_all_its_mistakes_at_once(newsletter: Newsletter, desk: Desk) -> None:
    reference = desk.hand_in()
    standing = newsletter("queue", "show", reference, "--document").out
    wrong = re.sub("(?m)^title:.*$", "title:", standing)
    wrong = re.sub("(?m)^rights_confirmed:.*$", "rights_confirmed: vielleicht", wrong)
    wrong = re.sub("(?m)^embargo_until:.*$", "embargo_until: 31.02.2027", wrong)
    done = newsletter("queue", "edit", reference, "-", typed=wrong)
    assert done.code == 1
    assert "title: Bitte geben Sie einen Titel an." in done.err
    assert "Bitte ja oder nein angeben, nicht „vielleicht“." in done.err
    assert "Den 31.02.2027 gibt es nicht." in done.err
    half = re.sub("(?m)^rights_confirmed:.*$", "rights_confirmed: vielleicht", standing)
    assert newsletter("queue", "edit", reference, "-", typed=half).code == 1
    assert submission(desk, reference).revision == 1  # nothing half-done stays
