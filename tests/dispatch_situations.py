"""Issues that are ready to go out, readers in any number, letters that wait."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from newsletter.content import SLOT_CLOSE, SLOT_OPEN, Edition, content_hash
from newsletter.dispatch import home_guard, ledger
from newsletter.history import SYSTEM, Act, acting
from newsletter.models.delivery import Delivery, DeliveryState, Letter
from newsletter.models.issue import (
    Approval,
    ApprovalState,
    EditionRow,
    How,
    Issue,
    IssueState,
)
from newsletter.settings import FILE, Settings
from subscribers.models import Subscription
from tests.readers_situations import reader, reads

PUBLIC = "clusterplattform"
D = DeliveryState
SALUTATION = f"{SLOT_OPEN}salutation{SLOT_CLOSE}"
UNSUBSCRIBE = f"{SLOT_OPEN}unsubscribe{SLOT_CLOSE}"


def hush(home: Path) -> None:
    """Let the editors of a home want no letters: only what a test posts goes out."""
    path = home / FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('login = ""', 'login = ""\nletters = []'), encoding="utf-8")


@pytest.fixture(name="home")
def quiet_home(home: Path) -> Path:
    """A fresh home whose editors want no letters."""
    hush(home)
    return home


def scheduled(
    act: Act,
    number: str = "2026-12",
    newsletter: str = PUBLIC,
    send_at: datetime | None = None,
    state: IssueState = IssueState.SCHEDULED,
) -> Issue:
    """An approved issue whose time has come."""
    masthead = act.settings.masthead(newsletter)
    edition = Edition(
        variant="full",
        subject="Ausgabe Dezember 2026 für Förderpartner",
        sender=f"{masthead.sender_name} <{masthead.sender_address}>",
        list_id=masthead.list_id,
        html=f'<p>{SALUTATION}</p><p>Grüße</p><p><a href="{UNSUBSCRIBE}">Abmelden</a></p>',
        text=f"{SALUTATION}\n\nGrüße\n\nAbmelden:\n{UNSUBSCRIBE}\n",
    )
    issue = Issue(
        id=f"{newsletter}-{number}",
        newsletter=newsletter,
        audience=masthead.audience,
        number=number,
        state=state,
        subject=edition.subject,
        preheader="Vorschau",
        opening="Guten Tag",
        read_key=f"key-{newsletter}-{number}",
        made_at=act.now,
        made_by="redaktion",
        send_at=send_at or act.now,
        content_hash=content_hash([edition]),
    )
    act.session.add(issue)
    act.session.flush()
    _approved(act, issue, edition)
    return issue


def _approved(act: Act, issue: Issue, edition: Edition) -> None:
    assert issue.content_hash is not None
    act.session.add_all(
        [
            EditionRow(
                issue_id=issue.id,
                content_hash=issue.content_hash,
                variant="full",
                subject=edition.subject,
                sender=edition.sender,
                list_id=edition.list_id,
                html=edition.html,
                text=edition.text,
                made_at=act.now,
            ),
            Approval(
                issue_id=issue.id,
                content_hash=issue.content_hash,
                state=ApprovalState.APPROVED,
                requested_by="redaktion",
                requested_at=act.now,
                decided_by="freigabe",
                decided_at=act.now,
                how=How.COMMAND,
            ),
        ]
    )
    act.session.flush()


def readers(session: Session, *names: str, newsletter: str = PUBLIC) -> dict[str, Subscription]:
    """People who read the newsletter, by name."""
    return {name: reads(session, reader(session, name), newsletter) for name in names}


def opened(act: Act, *names: str, number: str = "2026-12", newsletter: str = PUBLIC) -> Issue:
    """An issue that goes out now to these people (added to those who read it already)."""
    readers(act.session, *names, newsletter=newsletter)
    issue = scheduled(act, number, newsletter)
    ledger.open_issue(act, issue)
    while ledger.fill_audience(act, issue.id):
        pass
    ledger.start_sending(act, issue.id, ledger.recipients_of(act.session, issue.id))
    return issue


def at_work(act: Act) -> None:
    """The sender has taken up its work in this home."""
    home_guard.enter(act)


def posted(act: Act, to: str = "ada@leser.example", expires_in: timedelta | None = None) -> Letter:
    """A letter that waits."""
    count = len(act.session.scalars(select(col(Letter.id))).all())
    letter = Letter(
        state=DeliveryState.QUEUED,
        message_id=f"letter.{count}@news.example",
        name="confirm",
        to_email=to,
        newsletter=PUBLIC,
        subject="Bitte bestätigen",
        text="https://news.example/confirm/geheim\n",
        html="<p>https://news.example/confirm/geheim</p>",
        posted_at=act.now,
        expires_at=act.now + expires_in if expires_in else None,
    )
    act.session.add(letter)
    act.session.flush()
    return letter


def states(session: Session, issue_id: str) -> dict[DeliveryState, int]:
    """How many rows of an issue are in which state."""
    found: dict[DeliveryState, int] = {}
    rows = select(col(Delivery.state)).where(col(Delivery.issue_id) == issue_id)
    for state in session.scalars(rows):
        found[state] = found.get(state, 0) + 1
    return found


@contextmanager
def busy(engine: Engine, settings: Settings) -> Iterator[Act]:
    """An act during which nobody else writes to the ledger; who would, waits."""
    with acting(engine, settings, SYSTEM) as act:
        if engine.dialect.name == "postgresql":
            act.session.execute(text("LOCK TABLE delivery IN SHARE ROW EXCLUSIVE MODE"))
        yield act
