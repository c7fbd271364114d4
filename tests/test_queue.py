"""The editors' queue: their own items, and the decision about each."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from newsletter import clusters, issues, pictures, queue
from newsletter.content import Audience
from newsletter.errors import Invalid, NotFound, Refused, WrongUsage
from newsletter.history import Act
from newsletter.models.delivery import Letter
from newsletter.models.event import Event
from newsletter.models.issue import IssueState
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
)
from tests.desk_situations import BOTH, Desk, desk, fair, news
from tests.intake_situations import jpeg

__all__ = ["desk"]


def clearances(desk: Desk, reference: str) -> dict[str, str]:
    number = int(reference[1:])
    rows = desk.look(
        lambda act: act.session.scalars(
            select(Clearance).where(col(Clearance.submission_id) == number)
        ).all()
    )
    return {row.newsletter: row.state.value for row in rows}


def state(desk: Desk, reference: str) -> SubmissionState:
    found = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    return SubmissionState(found.state)


def errors(desk: Desk, key: str) -> set[str]:
    built = desk.look(lambda act: issues.check(act.session, act.settings, key, act.now))
    return {finding.check for finding in built.errors}


def letters(desk: Desk, name: str) -> list[Letter]:
    return list(
        desk.look(
            lambda act: act.session.scalars(select(Letter).where(col(Letter.name) == name)).all()
        )
    )


# -- accepting ----------------------------------------------------------------------------


def test_accepting_takes_what_the_contributor_asked_for(desk: Desk) -> None:
    both, members = desk.hand_in(), desk.hand_in(news(targets=["go-cluster"]))
    desk.accept(both, members)
    assert clearances(desk, both) == {"clusterplattform": "accepted", "go-cluster": "accepted"}
    assert clearances(desk, members) == {"go-cluster": "accepted"}
    assert state(desk, both) is SubmissionState.DECIDED


def test_the_first_decision_makes_an_item_in_review(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.accept(reference, newsletters=["go-cluster"])
    assert state(desk, reference) is SubmissionState.IN_REVIEW
    assert clearances(desk, reference)["clusterplattform"] == "asked"
    desk.accept(reference)
    assert state(desk, reference) is SubmissionState.DECIDED


def test_references_may_be_typed_in_any_way(desk: Desk) -> None:
    first, second = desk.hand_in(), desk.hand_in()
    decisions = desk.do(queue.accept, [first.upper(), second[1:], first], None)
    assert [decision.reference for decision in decisions] == [first, first, second, second]


def test_accepting_twice_says_that_it_was_so_already(desk: Desk) -> None:
    reference = desk.accepted()
    assert {d.changed for d in desk.do(queue.accept, [reference])} == {False}


def test_an_item_for_members_is_not_accepted_for_the_public(desk: Desk) -> None:
    reference = desk.hand_in(news(targets=["go-cluster"]))
    with pytest.raises(Refused, match="nur für Mitglieder"):
        desk.accept(reference, newsletters=["clusterplattform"])
    assert clearances(desk, reference) == {"go-cluster": "asked"}


def test_a_public_item_may_go_to_members_unasked(desk: Desk) -> None:
    reference = desk.hand_in(news(targets=["clusterplattform"]))
    desk.accept(reference, newsletters=["go-cluster"])
    assert clearances(desk, reference) == {"clusterplattform": "asked", "go-cluster": "accepted"}
    whats = desk.look(lambda act: act.session.scalars(select(Event.what)).all())
    assert "accepted unasked" in whats


def test_one_wrong_reference_stops_the_whole_command(desk: Desk) -> None:
    reference = desk.hand_in()
    with pytest.raises(NotFound):
        desk.accept(reference, "q99")
    assert clearances(desk, reference)["go-cluster"] == "asked"


def test_an_unknown_newsletter_is_named(desk: Desk) -> None:
    with pytest.raises(WrongUsage, match="go-cluster, clusterplattform"):
        desk.accept(desk.hand_in(), newsletters=["rundbrief"])


# -- declining ----------------------------------------------------------------------------


def test_a_decline_posts_one_letter_with_its_reason_to_the_registered_person(desk: Desk) -> None:
    reference = desk.hand_in(news(contact_email="fremd@anders.example"))
    desk.do(queue.decline, [reference], None, "Werblicher Text;\ngern ohne Preise neu.")
    (letter,) = letters(desk, "declined")
    assert letter.to_email == "presse@lichtwerk.example"
    assert reference in letter.subject
    for part in (letter.text, letter.html):
        assert "gern ohne Preise neu." in part
        assert "„Clusterplattform Deutschland“ und „go-cluster“" in " ".join(part.split())
    assert state(desk, reference) is SubmissionState.DECIDED


def test_the_letter_says_what_is_still_open(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], ["clusterplattform"], "Zu speziell.")
    (letter,) = letters(desk, "declined")
    assert "Noch nicht entschieden ist über „go-cluster“" in " ".join(letter.text.split())
    assert letter.subject.endswith(f"{reference}: nicht für „Clusterplattform Deutschland“")
    assert state(desk, reference) is SubmissionState.IN_REVIEW


def test_a_letter_about_an_item_that_appears_elsewhere_does_not_say_it_appears_nowhere(
    desk: Desk,
) -> None:
    reference = desk.hand_in()
    desk.accept(reference, newsletters=["go-cluster"])
    desk.do(queue.decline, [reference], ["clusterplattform"], "Zu speziell.")
    (letter,) = letters(desk, "declined")
    assert "Angenommen ist sie für „go-cluster“" in " ".join(letter.text.split())
    for part in (letter.subject, letter.text, letter.html):
        assert "erscheint nicht" not in part
    assert letter.subject.endswith(f"{reference}: nicht für „Clusterplattform Deutschland“")


def test_a_decline_needs_a_reason(desk: Desk) -> None:
    with pytest.raises(Refused, match="--reason"):
        desk.do(queue.decline, [desk.hand_in()], None, " \n")


def test_declining_twice_writes_no_second_letter(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], ["go-cluster"], "Zu speziell.")
    desk.do(queue.decline, [reference], ["go-cluster"], "Noch einmal.")
    assert len(letters(desk, "declined")) == 1
    desk.do(queue.decline, [reference], None, "Auch hier.")
    with pytest.raises(Refused, match="schon überall abgelehnt"):
        desk.do(queue.decline, [reference], None, "Und noch einmal.")


def test_a_declined_item_comes_back_only_by_name(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.decline, [reference], None, "Irrtum.")
    with pytest.raises(Refused, match="--for"):
        desk.accept(reference)
    desk.accept(reference, newsletters=["go-cluster"])
    assert clearances(desk, reference)["go-cluster"] == "accepted"


def test_what_stands_in_an_issue_is_not_declined(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.filled()
    with pytest.raises(Refused, match=f"issue remove {key} {reference}"):
        desk.do(queue.decline, [reference], None, "Doch nicht.")
    desk.do(issues.remove, key, [reference])
    desk.do(queue.decline, [reference], None, "Doch nicht.")


def test_a_cancelled_issue_lets_its_items_go(desk: Desk) -> None:
    reference = desk.accepted()
    desk.do(issues.cancel, desk.filled())
    desk.do(queue.decline, [reference], None, "Doch nicht.")
    assert set(clearances(desk, reference).values()) == {"declined"}


def test_nobody_is_written_to_about_an_editors_own_item(desk: Desk) -> None:
    reference = desk.do(queue.add, news(), cluster="lichtwerk").reference
    desk.do(queue.decline, [reference], None, "Zu alt.")
    assert letters(desk, "declined") == []


# -- own items ----------------------------------------------------------------------------


def test_an_editor_adds_an_item_for_a_source(desk: Desk) -> None:
    facts = news()
    facts.pop("rights_confirmed")
    reference = desk.do(queue.add, facts, source="BMWE\n").reference
    shown = desk.look(lambda act: queue.show(act.session, act.settings, reference, act.now))
    assert shown.item.origin.name == "BMWE"
    assert not shown.item.origin.is_cluster
    assert letters(desk, "received") == []


@pytest.mark.parametrize("origin", [{}, {"source": "BMWE", "cluster": "lichtwerk"}])
def test_an_own_item_has_exactly_one_origin(desk: Desk, origin: dict[str, str]) -> None:
    with pytest.raises(WrongUsage, match="--source"):
        desk.do(queue.add, news(), **origin)


def test_an_unknown_cluster_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound, match="nirgendwo"):
        desk.do(queue.add, news(), cluster="nirgendwo")


# -- editing ------------------------------------------------------------------------------


def test_editing_makes_a_revision_and_changes_no_issue(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.approved()
    edited = desk.do(queue.edit, reference, news(title="Neuer Titel"), 1)
    assert (edited.revision, edited.older_in, edited.stopped) == (2, (key,), ())
    assert desk.issue(key).state is IssueState.APPROVED


def test_an_issue_that_is_over_is_not_to_take_the_new_revision(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.approved()
    desk.do(issues.cancel, key)
    assert desk.do(queue.edit, reference, news(title="Neuer Titel"), 1).older_in == ()


def test_two_editors_notice_each_other(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(queue.edit, reference, news(title="Von Ada"), 1)
    with pytest.raises(Refused, match="Fassung 2"):
        desk.do(queue.edit, reference, news(title="Von Ben"), 1)


def test_a_later_embargo_stops_the_issues_that_hold_the_item(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    embargo = (desk.clock() + timedelta(days=2)).isoformat()
    edited = desk.do(queue.edit, reference, news(embargo_until=embargo), 1)
    assert edited.stopped == ((key, IssueState.DRAFT),)
    issue = desk.issue(key)
    assert (issue.content_hash, issue.send_at) == (None, None)
    events = desk.look(
        lambda act: act.session.scalars(
            select(Event).where(col(Event.noun) == "issue", col(Event.key) == key)
        ).all()
    )
    assert events[-1].from_state == "scheduled"
    assert "Sperrfrist" in events[-1].detail["alarm"]


def test_rights_taken_back_stop_the_issues_that_hold_the_item(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.requested()
    edited = desk.do(queue.edit, reference, news(rights_confirmed=False), 1)
    assert edited.stopped == ((key, IssueState.DRAFT),)
    assert errors(desk, key) >= {"unusable"}


def with_picture(desk: Desk, **changes: Any) -> dict[str, object]:
    def take(act: Act) -> str:
        lichtwerk = clusters.get(act.session, "lichtwerk")
        return pictures.take_in(act, jpeg(64, 48), cluster_id=lichtwerk.id, by="api").key

    more = {"image": desk.do(take), "image_alt": "Ein grauer Verlauf", "image_credit": "Lichtwerk"}
    return news() | more | changes


def test_with_its_rights_a_contributors_item_loses_its_picture(desk: Desk) -> None:
    facts = with_picture(desk)
    reference = desk.accepted(facts)
    key = desk.scheduled()
    edited = desk.do(queue.edit, reference, facts | {"rights_confirmed": False}, 1)
    assert (edited.picture_gone, edited.without_rights) == (True, True)
    assert edited.stopped == ((key, IssueState.DRAFT),)
    events = desk.look(
        lambda act: act.session.scalars(
            select(Event).where(col(Event.noun) == "issue", col(Event.key) == key)
        ).all()
    )
    assert "Rechte sind nicht mehr bestätigt" in events[-1].detail["alarm"]
    newest = desk.look(lambda act: act.session.get_one(Revision, (int(reference[1:]), 2)))
    assert (newest.picture_id, newest.image_alt, newest.image_credit) == (None, None, None)


def test_a_new_picture_without_rights_is_refused(desk: Desk) -> None:
    reference = desk.accepted(with_picture(desk))
    other = news(image=desk.do(_another_picture), rights_confirmed=False)
    with pytest.raises(Invalid, match="Rechte"):
        desk.do(queue.edit, reference, other, 1)


def _another_picture(act: Act) -> str:
    return pictures.take_in(act, jpeg(80, 48), cluster_id=None, by="ada").key


def test_an_issue_without_rights_is_ready_again_when_they_are_confirmed(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    desk.do(queue.edit, reference, news(rights_confirmed=False), 1)
    with pytest.raises(Refused, match="Rechte"):
        desk.do(issues.request, key, "geprüft")
    desk.do(issues.add, key, [reference])
    assert "unusable" in errors(desk, key)  # not even the new revision may be shown
    desk.do(queue.edit, reference, news(), 2)
    assert "unusable" not in errors(desk, key)


def test_an_own_item_may_be_shown_again_without_the_picture_that_lost_its_rights(
    desk: Desk,
) -> None:
    facts = with_picture(desk)
    reference = desk.do(queue.add, facts, source="BMWE").reference
    desk.accept(reference)
    key = desk.scheduled()
    edited = desk.do(queue.edit, reference, facts | {"rights_confirmed": False}, 1)
    assert (edited.picture_gone, edited.without_rights) == (True, False)
    assert "unusable" in errors(desk, key)
    desk.do(issues.add, key, [reference])
    assert "unusable" not in errors(desk, key)


def test_an_editor_never_widens_what_a_cluster_handed_in(desk: Desk) -> None:
    reference = desk.hand_in(news(targets=["go-cluster"]))
    with pytest.raises(Invalid) as refused:
        desk.do(queue.edit, reference, news(targets=BOTH), 1)
    assert refused.value.problems[0].field == "targets"
    assert clearances(desk, reference) == {"go-cluster": "asked"}


def test_an_editor_may_change_the_targets_of_an_own_item(desk: Desk) -> None:
    reference = desk.do(queue.add, news(targets=["go-cluster"]), source="BMWE").reference
    desk.accept(reference)
    desk.do(queue.edit, reference, news(targets=BOTH), 1)
    assert clearances(desk, reference) == {"clusterplattform": "asked", "go-cluster": "accepted"}
    assert state(desk, reference) is SubmissionState.IN_REVIEW
    desk.do(queue.edit, reference, news(targets=["go-cluster"]), 2)
    assert clearances(desk, reference) == {"go-cluster": "accepted"}
    found = desk.look(lambda act: act.session.get_one(Submission, int(reference[1:])))
    assert found.reach is Audience.MEMBERS
    assert state(desk, reference) is SubmissionState.DECIDED


def test_the_targets_of_an_item_in_an_issue_stay(desk: Desk) -> None:
    reference = desk.do(queue.add, news(), source="BMWE").reference
    desk.accept(reference)
    desk.filled()
    with pytest.raises(Refused, match="steht in der Ausgabe"):
        desk.do(queue.edit, reference, news(targets=["go-cluster"]), 1)


# -- looking ------------------------------------------------------------------------------


def listed(desk: Desk, **filters: str) -> list[str]:
    entries = desk.look(lambda act: queue.list_(act.session, **filters))
    return [entry.submission.reference for entry in entries]


def test_the_queue_shows_what_waits_the_undecided_first(desk: Desk) -> None:
    accepted, declined, waiting = desk.accepted(), desk.hand_in(), desk.hand_in()
    desk.do(queue.decline, [declined], None, "Zu alt.")
    assert listed(desk) == [waiting, accepted]
    assert listed(desk, state="declined") == [declined]
    assert listed(desk, state="all") == [waiting, accepted, declined]


def test_the_queue_can_be_narrowed(desk: Desk) -> None:
    item = desk.hand_in(news(targets=["go-cluster"]))
    date = desk.hand_in(fair(desk.clock() + timedelta(days=60)))
    assert listed(desk, kind="date") == [date]
    assert listed(desk, newsletter="clusterplattform") == [date]
    assert listed(desk, newsletter="go-cluster", state="asked") == [item, date]
    with pytest.raises(WrongUsage, match="accepted"):
        listed(desk, state="irgendwie")


def test_the_queue_names_the_origin_and_the_issue(desk: Desk) -> None:
    desk.accepted()
    key = desk.filled()
    (entry,) = desk.look(lambda act: queue.list_(act.session))
    assert entry.origin == "Lichtwerk Havelbogen e. V."
    assert entry.issues == (key,)
    assert entry.clearances["go-cluster"] is ClearanceState.ACCEPTED


def test_an_item_shows_its_history(desk: Desk) -> None:
    reference = desk.accepted()
    shown = desk.look(lambda act: queue.show(act.session, act.settings, reference, act.now))
    assert [event.what or event.to_state for event in shown.history] == [
        "received",
        "accepted",
        "accepted",
        "in_review",
        "decided",
    ]


def test_a_removed_person_gets_no_letter(desk: Desk) -> None:
    reference = desk.hand_in()
    desk.do(clusters.remove_person, "lichtwerk", "presse@lichtwerk.example")
    desk.do(queue.decline, [reference], None, "Zu alt.")
    assert letters(desk, "declined") == []
