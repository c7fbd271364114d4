"""An issue from its beginning to the moment it may leave."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from newsletter import issues, queue
from newsletter.content import EventState
from newsletter.errors import Invalid, NotAllowed, NotFound, Refused, WrongUsage
from newsletter.history import Actor
from newsletter.models.event import Event
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    EditionRow,
    Issue,
    IssueState,
    Placement,
)
from newsletter.models.submission import SUBMISSION, Revision, Submission, SubmissionState
from newsletter.settings import ApprovalRule, Settings
from tests.conftest import ADA, BEN
from tests.desk_situations import BOTH, Desk, desk, fair, news

__all__ = ["desk"]

DECEMBER = "clusterplattform-2026-12"
CLEO = Actor("cleo", "cleo")


def order(desk: Desk, key: str = DECEMBER) -> dict[str, list[str]]:
    """What a reader of the issue would see: references by section."""

    def read(act: Any) -> dict[str, list[str]]:
        issue = issues.find(act.session, key)
        content = issues.content_of(act.session, act.settings, issue, act.now)
        return {s.key: [item.reference for item in s.items] for s in content.sections}

    found: dict[str, list[str]] = desk.look(read)
    return found


def findings(desk: Desk, key: str = DECEMBER) -> dict[str, str]:
    built = desk.look(lambda act: issues.check(act.session, act.settings, key, act.now))
    return {finding.check: finding.level.value for finding in built.findings}


def ready(desk: Desk, key: str = DECEMBER) -> set[str]:
    found = desk.look(
        lambda act: issues.ready_to_send(
            act.session, act.settings, issues.find(act.session, key), act.now
        )
    )
    return {finding.check for finding in found}


def history(desk: Desk, key: str = DECEMBER) -> list[Event]:
    return list(
        desk.look(
            lambda act: act.session.scalars(
                select(Event).where(col(Event.noun) == "issue", col(Event.key) == key)
            ).all()
        )
    )


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
    desk.new()
    proposal = desk.do(issues.fill, DECEMBER)
    assert proposal.placed == ()
    why = {left.reference: left.why for left in proposal.left_out}
    assert "versendet wird erst am Dienstag, 15.12.2026" in why[soon]
    assert "Sperrfrist" in why[dark]
    assert "Platzhalter" in why[torn]
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


def plan(**changes: Any) -> issues.Plan:
    facts: dict[str, Any] = {"subject": "Betreff", "preheader": "", "opening": "", "order": ()}
    return issues.Plan(**(facts | changes))


def test_a_plan_sets_texts_and_order(desk: Desk) -> None:
    a, b = desk.accepted(), desk.accepted(news(title="Zweite", link=None))
    key = desk.filled()
    seen = desk.issue(key).version
    wanted = plan(opening="Guten *Tag*", order=(("programm", (b,)), ("cluster", (a,))))
    desk.do(issues.edit, key, wanted, seen)
    assert order(desk) == {"programm": [b], "cluster": [a]}
    assert desk.issue(key).subject == "Betreff"
    with pytest.raises(Refused, match="inzwischen geändert"):
        desk.do(issues.edit, key, wanted, seen)


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
    assert len(desk.look(lambda act: act.session.scalars(select(EditionRow)).all())) == 1
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
    assert issues.at_stake(desk.issue(key))
    CHANGES[change](desk, key, item)
    issue = desk.issue(key)
    assert issue.state is IssueState.DRAFT
    assert (issue.content_hash, issue.send_at) == (None, None)
    assert issue.version == version + 1
    assert not issues.at_stake(issue)
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


# -- timing -------------------------------------------------------------------------------


def test_an_issue_leaves_by_the_rhythm(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    assert desk.issue(key).send_at == datetime(2026, 12, 15, 9, 0, tzinfo=UTC)


def test_an_issue_leaves_when_somebody_says(desk: Desk, settings: Settings) -> None:
    desk.accepted()
    key = desk.approved()
    for text, moment in (
        ("now", desk.clock()),
        ("2026-12-01T08:30", datetime(2026, 12, 1, 7, 30, tzinfo=UTC)),
        ("2026-12-01 08:30", datetime(2026, 12, 1, 7, 30, tzinfo=UTC)),
        ("2026-12-01T08:30+00:00", datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
    ):
        when = issues.moment_of(text, settings, desk.clock())
        assert desk.do(issues.schedule, key, when).send_at == moment


@pytest.mark.parametrize("text", ["morgen", "2026-12-01", "10:00", "2026-13-01T10:00", ""])
def test_what_is_no_time_is_refused(text: str, settings: Settings, desk: Desk) -> None:
    with pytest.raises(WrongUsage, match="2026-12-15T10:00"):
        issues.moment_of(text, settings, desk.clock())


def test_the_missing_hour_is_refused_with_a_sentence(settings: Settings, desk: Desk) -> None:
    with pytest.raises(Refused, match="gibt es 02:30 Uhr nicht"):
        issues.moment_of("2027-03-28T02:30", settings, desk.clock())


def test_a_time_that_is_past_is_refused(desk: Desk) -> None:
    desk.accepted()
    key = desk.approved()
    with pytest.raises(Refused, match="schedule clusterplattform-2026-12 now"):
        desk.do(issues.schedule, key, desk.clock() - timedelta(minutes=1))
    desk.clock.forward(days=23)  # the rhythm's time is past
    with pytest.raises(Refused, match="vorbei"):
        desk.do(issues.schedule, key)


def test_a_special_issue_needs_a_time(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.new(number="2026-12-s1")
    desk.do(issues.add, key, [reference])
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    with pytest.raises(Refused, match="now oder"):
        desk.do(issues.schedule, key)


def test_an_earlier_time_is_refused_while_an_embargo_holds(desk: Desk) -> None:
    dark = desk.accepted(news(embargo_until=(desk.clock() + timedelta(days=2)).isoformat()))
    key = desk.new()
    desk.do(issues.add, key, [dark])
    desk.do(issues.request, key)
    desk.do(issues.approve, key, who=BEN)
    with pytest.raises(Refused, match="Sperrfrist"):
        desk.do(issues.schedule, key, desk.clock())
    desk.do(issues.schedule, key)
    assert ready(desk) == {"embargo"}
    desk.clock.forward(days=2)
    assert ready(desk) == set()


def test_a_time_after_a_date_of_the_issue_is_refused(desk: Desk) -> None:
    desk.accepted(fair(desk.clock() + timedelta(days=30)))
    key = desk.approved()
    with pytest.raises(Refused, match="versendet wird erst am"):
        desk.do(issues.schedule, key, desk.clock() + timedelta(days=40))


def test_nothing_is_scheduled_under_another_sender_than_approved(
    desk: Desk, settings: Settings
) -> None:
    desk.accepted()
    key = desk.approved()
    slug = "clusterplattform"
    other = settings.newsletters[slug].model_copy(update={"sender_name": "Jemand anders"})
    changed = settings.model_copy(update={"newsletters": settings.newsletters | {slug: other}})
    with desk.act() as act, pytest.raises(Refused, match="Jemand anders"):
        issues.schedule(type(act)(act.session, changed, act.actor, act.now), key)


def test_a_later_embargo_counts_even_where_an_older_revision_stands(desk: Desk) -> None:
    reference = desk.accepted()
    desk.filled()
    embargo = (desk.clock() + timedelta(days=40)).isoformat()
    desk.do(queue.edit, reference, news(embargo_until=embargo), 1)
    assert findings(desk)["embargo"] == "error"


def test_an_issue_that_was_stopped_meanwhile_is_left_alone(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    set_state(desk, key, IssueState.STOPPED)
    with desk.act() as act:
        issues.hold_back(act, issues.find(act.session, key), [])
    assert desk.issue(key).state is IssueState.STOPPED


def test_a_late_issue_leaves_with_a_yes(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    set_state(desk, key, IssueState.LATE)
    desk.clock.forward(days=23)
    with pytest.raises(Refused, match="now"):
        desk.do(issues.schedule, key)
    assert desk.do(issues.schedule, key, desk.clock()).state is IssueState.SCHEDULED


def test_a_scheduled_issue_loses_its_time_and_stays_approved(desk: Desk) -> None:
    desk.accepted()
    key = desk.scheduled()
    issue = desk.do(issues.unschedule, key)
    assert (issue.state, issue.send_at) == (IssueState.APPROVED, None)
    with pytest.raises(Refused, match="ausplanen"):
        desk.do(issues.unschedule, key)


@pytest.mark.parametrize(
    ("step", "verb", "mend"),
    [
        ("filled", issues.approve, "issue request"),
        ("filled", issues.schedule, "issue request"),
        ("requested", issues.schedule, "issue approve"),
        ("approved", issues.request, "issue schedule"),
        ("approved", issues.approve, "nichts freizugeben"),
    ],
)
def test_a_step_left_out_is_named(desk: Desk, step: str, verb: Any, mend: str) -> None:
    desk.accepted()
    key = getattr(desk, step)()
    with pytest.raises(Refused, match=mend):
        desk.do(verb, key, who=BEN)


def test_a_cancelled_issue_is_over(desk: Desk) -> None:
    reference = desk.accepted()
    key = desk.scheduled()
    desk.do(issues.cancel, key)
    assert desk.issue(key).state is IssueState.CANCELLED
    for verb in (issues.add, issues.remove):
        with pytest.raises(Refused, match="abgesagt"):
            desk.do(verb, key, [reference])
    with pytest.raises(Refused, match="abgesagt"):
        desk.do(issues.cancel, key)


# -- ready to send ------------------------------------------------------------------------


def set_state(desk: Desk, key: str, state: IssueState) -> None:
    """As the sender would; it is not built here."""
    desk.look(
        lambda act: act.session.execute(
            update(Issue).where(col(Issue.id) == key).values(state=state, recipients=1)
        )
    )


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
