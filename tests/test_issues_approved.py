"""An issue is approved, and nothing but what was approved may leave."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from newsletter import issues, queue
from newsletter.content import EventState
from newsletter.errors import NotAllowed, Refused
from newsletter.history import Actor
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    EditionRow,
    Issue,
    IssueState,
)
from newsletter.models.submission import SUBMISSION, Revision, Submission, SubmissionState
from newsletter.settings import ApprovalRule, Settings
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.issue_situations import DECEMBER, findings, history, plan, ready, set_state

__all__ = ["desk"]


# -- approval -----------------------------------------------------------------------------


def test_a_clean_issue_needs_no_reason(desk: Desk) -> None:
    desk.accepted()
    key = desk.filled()
    assert set(findings(desk).values()) == {"hint"}
    desk.do(issues.request, key)
    issue = desk.issue(key)
    assert issue.state is IssueState.IN_APPROVAL
    assert issue.content_hash
    assert issue.accepted_warnings is None


def test_errors_refuse_a_request(desk: Desk) -> None:
    key = desk.new()
    with pytest.raises(Refused, match="noch kein Beitrag"):
        desk.do(issues.request, key, "trotzdem")
    assert desk.issue(key).state is IssueState.DRAFT


def test_warnings_want_a_reason_that_is_kept(desk: Desk) -> None:
    soon = desk.accepted(fair(desk.clock() + timedelta(days=10)))
    key = desk.new()
    desk.do(issues.add, key, [soon])
    with pytest.raises(Refused, match="--accept-warnings"):
        desk.do(issues.request, key)
    desk.do(issues.request, key, "Wir senden früher.")
    assert desk.issue(key).accepted_warnings == "Wir senden früher."


def test_nobody_approves_their_own_request(desk: Desk) -> None:
    desk.accepted()
    key = desk.requested()
    with pytest.raises(NotAllowed, match="zweite Person"):
        desk.do(issues.approve, key, who=Actor("Redaktion"))
    desk.do(issues.approve, key, who=BEN)
    found = desk.look(lambda act: issues.status(act.session, key))
    assert (found["requested_by"], found["approved_by"]) == ("redaktion", "freigabe")


def test_a_yes_at_a_terminal_is_to_what_was_shown_there(desk: Desk) -> None:
    item = desk.accepted()
    key = desk.requested()
    seen = desk.issue(key).content_hash
    desk.do(issues.move, key, item, section="programm")
    desk.do(issues.request, key, "geprüft")  # while the question stood
    with pytest.raises(Refused, match="anders vorgelegt, als Sie gesehen haben"):
        desk.do(issues.approve, key, who=BEN, seen=seen)
    assert desk.issue(key).state is IssueState.IN_APPROVAL
    assert desk.do(issues.approve, key, who=BEN, seen=desk.issue(key).content_hash)


def test_alone_only_where_it_is_written_down(desk: Desk, settings: Settings) -> None:
    desk.accepted()
    key = desk.requested()
    alone = settings.model_copy(update={"approval": ApprovalRule(people=1)})
    with desk.act() as act:
        issues.approve(type(act)(act.session, alone, act.actor, act.now), key)
    (approval,) = desk.look(lambda act: act.session.scalars(select(Approval)).all())
    assert approval.alone


def test_an_edition_is_stored_once_per_content(desk: Desk) -> None:
    a = desk.accepted()
    key = desk.requested()
    before = desk.issue(key).content_hash
    desk.do(issues.move, key, a, section="programm")
    desk.do(issues.move, key, a, section="cluster")
    desk.do(issues.request, key)
    assert desk.issue(key).content_hash == before
    kept = desk.look(lambda act: act.session.scalars(select(col(EditionRow.variant))).all())
    assert sorted(kept) == ["full", "text"]  # no date in it
    states = desk.look(lambda act: act.session.scalars(select(col(Approval.state))).all())
    assert sorted(states) == [ApprovalState.OPEN, ApprovalState.VOID]


def test_asking_twice_for_the_same_is_told(desk: Desk) -> None:
    desk.accepted()
    key = desk.requested()
    with pytest.raises(Refused, match="zweite Person"):
        desk.do(issues.request, key)


CHANGES: dict[str, Callable[[Desk, str, str], Any]] = {
    "remove": lambda desk, key, item: desk.do(issues.remove, key, [item]),
    "move": lambda desk, key, item: desk.do(issues.move, key, item, section="programm"),
    "add": lambda desk, key, _: desk.do(issues.add, key, [desk.accepted(OTHER)]),
    "edit": lambda desk, key, _: desk.do(issues.edit, key, plan(subject="Anders")),
    "fill": lambda desk, key, _: (desk.accepted(OTHER), desk.do(issues.fill, key)),
}
OTHER = news(title="Neu", link=None)


@pytest.mark.parametrize(
    ("step", "change"),
    [*(("scheduled", name) for name in CHANGES), ("requested", "edit"), ("approved", "move")],
)
def test_every_change_takes_the_approval_back(desk: Desk, step: str, change: str) -> None:
    item = desk.accepted()
    key = getattr(desk, step)()
    version = desk.issue(key).version
    standing = desk.issue(key)
    lost = desk.look(lambda act: issues.at_stake(act.session, act.settings, standing))
    assert lost is not None
    assert ("durch freigabe auf" in lost) is (step != "requested")
    assert ("Versand Dienstag, 15.12.2026" in lost) is (step == "scheduled")
    CHANGES[change](desk, key, item)
    issue = desk.issue(key)
    assert issue.state is IssueState.DRAFT
    assert (issue.content_hash, issue.send_at) == (None, None)
    assert issue.version == version + 1
    assert not desk.look(lambda act: issues.at_stake(act.session, act.settings, issue))
    (approval,) = desk.look(lambda act: act.session.scalars(select(Approval)).all())
    assert approval.state is ApprovalState.VOID


def test_a_template_changed_after_the_request_is_not_approved(
    desk: Desk, settings: Settings
) -> None:
    desk.accepted()
    key = desk.requested()
    folder = settings.home / "templates" / "clusterplattform"
    folder.mkdir(parents=True)
    text = '{% extends "blocks/issue.txt" %}{% block goodbye %}{% endblock %}'
    (folder / "issue.txt").write_text("Anderer Rahmen\n" + text, encoding="utf-8")
    from newsletter import templating

    templating.environment.cache_clear()
    with pytest.raises(Refused, match="issue request"):
        desk.do(issues.approve, key, who=BEN)


def test_an_item_whose_date_passes_meanwhile_is_not_approved(desk: Desk) -> None:
    desk.accepted(fair(desk.clock() + timedelta(days=30)))
    key = desk.requested()
    desk.clock.forward(days=31)
    with pytest.raises(Refused, match="vorbei"):
        desk.do(issues.approve, key, who=BEN)


# -- ready to send ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state", [IssueState.OPENING, IssueState.SENDING, IssueState.PAUSED, IssueState.SENT]
)
def test_nothing_is_changed_once_the_sending_has_begun(desk: Desk, state: IssueState) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    set_state(desk, key, state)
    with pytest.raises(Refused, match="nichts mehr ändern"):
        desk.do(issues.remove, key, [reference])
    with pytest.raises(Refused, match="hinausgegangen"):
        desk.do(queue.decline, [reference], None, "Doch nicht.")


def test_an_approved_issue_is_ready(desk: Desk) -> None:
    desk.accepted()
    desk.scheduled()
    assert ready(desk) == set()


def test_bytes_that_were_tampered_with_are_not_sent(desk: Desk) -> None:
    desk.accepted()
    desk.scheduled()
    desk.look(lambda act: act.session.execute(update(EditionRow).values(subject="Anders")))
    assert ready(desk) == {"content-hash"}


def test_a_hash_that_nobody_approved_is_not_sent(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    desk.look(lambda act: act.session.execute(update(Approval).values(content_hash="0" * 64)))
    assert ready(desk) == {"approval"}
    desk.look(lambda act: act.session.execute(update(Issue).values(content_hash="0" * 64)))
    assert ready(desk, key) == {"content-hash"}


def test_an_item_withdrawn_after_approval_is_not_sent(desk: Desk) -> None:
    reference = desk.accepted()
    desk.scheduled()
    with desk.act() as act:
        submission = act.session.get_one(Submission, int(reference[1:]))
        act.move(submission, SUBMISSION, SubmissionState.WITHDRAWN)
    assert ready(desk) == {"unusable"}
    assert findings(desk)["unusable"] == "error"


def test_an_item_whose_rights_are_gone_is_not_sent(desk: Desk) -> None:
    reference = desk.accepted()
    desk.scheduled()
    number = int(reference[1:])
    gone = update(Revision).where(col(Revision.submission_id) == number)
    desk.look(lambda act: act.session.execute(gone.values(rights_confirmed=False)))
    assert ready(desk) == {"rights"}


def test_a_date_cancelled_after_approval_is_not_sent_unless_readers_are_told(desk: Desk) -> None:
    desk.accepted(fair(desk.clock() + timedelta(days=60)))
    desk.scheduled()
    desk.look(lambda act: act.session.execute(_cancel_all()))
    assert ready(desk) == {"event-state"}
    with desk.act() as act:
        issues.hold_back(act, issues.find(act.session, DECEMBER), [])
    desk.do(issues.request, DECEMBER, "Die Absage soll bekannt werden.")
    desk.do(issues.approve, DECEMBER, who=BEN)
    assert ready(desk) == set()


def test_a_date_that_ended_while_no_sender_ran_is_not_sent(desk: Desk) -> None:
    leaves = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
    desk.accepted(fair(leaves - timedelta(hours=5)))  # it lasts an hour longer
    key = desk.scheduled()
    assert desk.issue(key).send_at == leaves
    desk.clock.moment = leaves + timedelta(minutes=30)
    assert ready(desk) == set()
    desk.clock.moment = leaves + timedelta(minutes=90)  # not late enough to wait for a yes
    assert ready(desk) == {"past-date"}
    set_state(desk, key, IssueState.SENDING)
    assert ready(desk) == set()  # half of the readers have it: the others get the same


def _cancel_all() -> Any:
    return update(Submission).values(event_state=EventState.CANCELLED)


def test_an_issue_that_is_not_ready_is_held_back_with_an_alarm(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    with desk.act() as act:
        submission = act.session.get_one(Submission, int(reference[1:]))
        act.move(submission, SUBMISSION, SubmissionState.WITHDRAWN)
        issue = issues.find(act.session, key)
        found = issues.ready_to_send(act.session, act.settings, issue, act.now)
        issues.hold_back(act, issue, found)
    assert desk.issue(key).state is IssueState.DRAFT
    assert history(desk)[-1].detail == {"alarm": ["unusable"]}


def test_a_running_issue_that_is_not_ready_is_paused(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    set_state(desk, key, IssueState.SENDING)
    with desk.act() as act:
        issues.hold_back(act, issues.find(act.session, key), [])
    issue = desk.issue(key)
    assert issue.state is IssueState.PAUSED
    assert issue.content_hash
    assert ready(desk) == set()
