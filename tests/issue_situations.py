"""What tests ask of an issue."""

from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from newsletter import issues
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState
from tests.desk_situations import Desk

DECEMBER = "clusterplattform-2026-12"


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


def plan(**changes: Any) -> issues.Plan:
    facts: dict[str, Any] = {"subject": "Betreff", "preheader": "", "opening": "", "order": ()}
    return issues.Plan(**(facts | changes))


def set_state(desk: Desk, key: str, state: IssueState) -> None:
    """As the sender would; it is not built here."""
    desk.look(
        lambda act: act.session.execute(
            update(Issue).where(col(Issue.id) == key).values(state=state, recipients=1)
        )
    )
