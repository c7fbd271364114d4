"""Issues that are going out, and their pages taken out of the frame again."""

import re
from html import escape

from sqlalchemy import select
from sqlmodel import col

from newsletter import archive, issues
from newsletter.content import TO_ANYBODY, Slot
from newsletter.dispatch import ledger
from newsletter.history import Act
from newsletter.models.issue import EditionRow, Issue, IssueState
from tests.conftest import BEN
from tests.desk_situations import Desk, news
from tests.readers_situations import reader, reads

PUBLIC, MEMBERS = "clusterplattform", "go-cluster"


def approved(desk: Desk, slug: str = PUBLIC, number: str = "2026-12", title: str = "") -> str:
    """An issue with one item of its own, scheduled."""
    reference = desk.hand_in(news(title=title or f"Neues in {number}", targets=[slug]))
    desk.accept(reference)
    key = desk.new(slug, number)
    desk.do(issues.fill, key)
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key, desk.clock())
    return key


def opening(desk: Desk, key: str) -> str:
    desk.do(lambda act: ledger.open_issue(act, issues.find(act.session, key)))
    return key


def sending(desk: Desk, key: str) -> str:
    """The issue goes out now."""
    opening(desk, key)

    def start(act: Act) -> None:
        while ledger.fill_audience(act, key):
            pass
        ledger.start_sending(act, key, ledger.recipients_of(act.session, key))

    desk.do(start)
    return key


def gone_out(desk: Desk, slug: str = PUBLIC, number: str = "2026-12", title: str = "") -> str:
    """An issue that is being sent."""
    return sending(desk, approved(desk, slug, number, title))


def joins(desk: Desk, name: str, slug: str = PUBLIC) -> None:
    desk.do(lambda act: reads(act.session, reader(act.session, name), slug))


def stored(desk: Desk, key: str) -> EditionRow:
    """The edition whose bytes somebody said yes to."""

    def row(act: Act) -> EditionRow:
        asked = select(EditionRow).where(
            col(EditionRow.issue_id) == key,
            col(EditionRow.variant) == "full",
            col(EditionRow.content_hash)
            == select(col(Issue.content_hash)).where(col(Issue.id) == key).scalar_subquery(),
        )
        return act.session.scalars(asked).one()

    found: EditionRow = desk.look(row)
    return found


def unframed(page: str) -> str:
    """A page without our frame, its slots open again: what should be the approved bytes."""
    opens, closes = map(re.escape, archive.FRAME)
    bare = re.sub(f"{opens}.*?{closes}", "", page, flags=re.DOTALL)
    bare = bare.replace(escape(TO_ANYBODY), Slot.SALUTATION.marker)
    bare = bare.replace('href="/preferences"', f'href="{Slot.PREFERENCES.marker}"')
    return bare.replace(archive.GOODBYE, Slot.UNSUBSCRIBE.marker)


NOT_YET = frozenset(
    {
        IssueState.DRAFT,
        IssueState.IN_APPROVAL,
        IssueState.APPROVED,
        IssueState.SCHEDULED,
        IssueState.OPENING,
    }
)
