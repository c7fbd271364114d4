"""When an issue leaves, and what takes its time away."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from newsletter import issues, queue
from newsletter.errors import Refused, WrongUsage
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, fair, news
from tests.issue_situations import findings, ready, set_state

__all__ = ["desk"]


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
