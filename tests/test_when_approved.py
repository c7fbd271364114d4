"""An issue that is scheduled by itself as soon as somebody says yes, or not at all."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import issues, schedule
from newsletter.errors import Refused
from newsletter.history import PUBLIC
from newsletter.issues import Answer
from newsletter.models.event import Event
from newsletter.models.issue import IssueState
from newsletter.settings import Settings
from tests.approval_situations import ERIKA, asked, letters
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN
from tests.desk_situations import Desk, desk, news
from tests.test_approval_link import settings

__all__ = ["desk", "newsletter", "settings"]

RULES = pytest.mark.sqlite("the first test tries both databases; these are rules")
BY_RHYTHM = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)


@pytest.fixture
def key(desk: Desk) -> str:
    desk.accepted()
    return desk.filled()


def planned(desk: Desk, key: str) -> bool:
    return bool(desk.look(lambda act: issues.plan_of(act.session, key)))


def test_the_yes_schedules_it_as_planned(desk: Desk, key: str) -> None:
    desk.do(issues.schedule_when_approved, key)
    token = asked(desk, key)
    desk.do(issues.decide, token, Answer.APPROVE, ERIKA, who=PUBLIC)
    issue = desk.issue(key)
    assert (issue.state, issue.send_at) == (IssueState.SCHEDULED, BY_RHYTHM)
    assert not planned(desk, key)
    (answer,) = letters(desk, "approval_answer")
    for part in (answer.text, answer.html):
        assert "Dienstag, 15.12.2026, 10:00 Uhr" in " ".join(part.split())
        assert f"newsletter issue unschedule {key}" in part
    assert letters(desk, "plan_lapsed") == []
    last = desk.look(
        lambda act: act.session.scalars(
            select(Event).where(col(Event.to_state) == "scheduled")
        ).one()
    )
    assert (last.why, last.detail["planned_by"]) == ("vorgemerkt für die Freigabe", "redaktion")


@RULES
def test_a_yes_after_its_time_but_not_too_late_lets_it_leave_at_once(desk: Desk, key: str) -> None:
    soon = desk.clock() + timedelta(hours=1)
    desk.do(issues.schedule_when_approved, key, soon, soon + timedelta(hours=4))
    desk.do(issues.request, key)
    desk.clock.forward(hours=3)
    desk.do(issues.approve, key, who=BEN)
    issue = desk.issue(key)
    assert (issue.state, issue.send_at) == (IssueState.SCHEDULED, desk.clock())


@RULES
def test_a_yes_that_comes_too_late_schedules_nothing_and_the_editors_hear_of_it(
    desk: Desk, key: str
) -> None:
    soon = desk.clock() + timedelta(hours=1)
    desk.do(issues.schedule_when_approved, key, soon)
    desk.do(issues.request, key)
    desk.clock.forward(hours=3)
    desk.do(issues.approve, key, who=BEN)
    assert desk.issue(key).state is IssueState.APPROVED
    told = letters(desk, "plan_lapsed")
    assert {each.to_email for each in told} == {
        "redaktion@go-cluster.example",
        "freigabe@go-cluster.example",
    }
    assert "Die Freigabe kam nicht rechtzeitig." in told[0].text
    assert f"newsletter issue schedule {key}" in told[0].text


def test_the_sender_says_when_the_last_moment_has_passed(
    desk: Desk, key: str, engine: Engine, settings: Settings
) -> None:
    desk.do(issues.schedule_when_approved, key, None, desk.clock() + timedelta(days=1))
    schedule.tidy(engine, settings, desk.clock)
    assert planned(desk, key)
    desk.clock.forward(days=1, minutes=1)
    schedule.tidy(engine, settings, desk.clock)
    schedule.tidy(engine, settings, desk.clock)
    assert not planned(desk, key)
    assert len(letters(desk, "plan_lapsed")) == 2
    assert f"newsletter issue status {key}" in letters(desk, "plan_lapsed")[0].html


@RULES
def test_a_plan_survives_a_decline_and_holds_for_what_is_asked_next(desk: Desk, key: str) -> None:
    desk.do(issues.schedule_when_approved, key)
    token = asked(desk, key)
    desk.do(issues.decide, token, Answer.CHANGES, ERIKA, "Bitte kürzen.", who=PUBLIC)
    assert planned(desk, key)
    desk.do(issues.request, key)
    desk.do(issues.approve, key, who=BEN)
    assert desk.issue(key).state is IssueState.SCHEDULED


@RULES
def test_an_issue_that_would_be_wrong_by_then_is_approved_and_no_more(desk: Desk) -> None:
    dark = desk.accepted(news(embargo_until=(desk.clock() + timedelta(days=2)).isoformat()))
    key = desk.new()
    desk.do(issues.add, key, [dark])
    desk.do(issues.schedule_when_approved, key, desk.clock() + timedelta(days=1))
    desk.do(issues.request, key)
    desk.do(issues.approve, key, who=BEN)
    assert desk.issue(key).state is IssueState.APPROVED
    assert "nicht in Ordnung" in letters(desk, "plan_lapsed")[0].text


@RULES
def test_what_cannot_be_planned_has_its_sentence(desk: Desk, key: str) -> None:
    past = desk.clock() - timedelta(minutes=1)
    with pytest.raises(Refused, match="ist schon vorbei"):
        desk.do(issues.schedule_when_approved, key, past)
    with pytest.raises(Refused, match=r"--latest .* ist schon vorbei"):
        desk.do(issues.schedule_when_approved, key, None, past)
    desk.do(issues.request, key)
    desk.do(issues.approve, key, who=BEN)
    with pytest.raises(Refused, match=f"newsletter issue schedule {key}"):
        desk.do(issues.schedule_when_approved, key)


@RULES
def test_it_is_planned_and_taken_back_by_command(newsletter: Newsletter, key: str) -> None:
    words = ("issue", "schedule", key, "--when-approved", "--latest")
    said = newsletter(*words, "2027-03-28T02:30")
    assert (said.code, "gibt es 02:30 Uhr nicht" in said.err) == (1, True)
    assert newsletter("issue", "schedule", key, "--latest", "2040-01-02T10:00").code == 2
    said = newsletter("issue", "schedule", key, "2040-01-02T10:00", *words[3:], "2040-01-02T12:00")
    assert "sobald sie freigegeben ist: Versand Montag, 02.01.2040, 10:00 Uhr" in said.out
    status = newsletter("issue", "status", key)
    assert "Sobald freigegeben, geplant für: Montag, 02.01.2040, 10:00 Uhr" in status.out
    assert newsletter("issue", "status", key, "--json").json["when_approved_by"] == "redaktion"
    assert newsletter("issue", "unschedule", key).code == 0
    assert newsletter("issue", "status", key, "--json").json["when_approved"] is None
    assert newsletter("issue", "schedule", key, "2040-01-02T10:00", "--when-approved").code == 0
    newsletter("issue", "request", key)
    said = newsletter("issue", "approve", key, as_="freigabe")
    assert "ist geplant, wie vorgemerkt: Montag, 02.01.2040, 10:00 Uhr" in said.out
    assert newsletter("issue", "cancel", key).code == 0
