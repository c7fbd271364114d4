"""To post a letter is to insert a row; the sender carries it, letters first.

A letter is a folder ``templates/letters/<name>/`` with ``subject.txt``, ``body.txt`` and
``body.html``. Its row holds the texts, secret links included, until it is settled; then the
ledger empties them.
"""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from . import database, templating
from .history import SYSTEM, Act
from .language import speaking
from .models.delivery import DeliveryState, Letter
from .settings import NewsletterSettings, Settings

log = logging.getLogger(__name__)


def sender_of(settings: Settings, newsletter: str | None) -> NewsletterSettings:
    """Whose name a letter carries: the newsletter's, else that of the first one configured."""
    if newsletter in settings.newsletters:
        return settings.newsletters[newsletter]
    return next(iter(settings.newsletters.values()))


def domain_of(settings: Settings, newsletter: str | None) -> str:
    """The right-hand side of our Message-IDs (TR-05), and our name in EHLO unless set."""
    sender = sender_of(settings, newsletter).sender_address
    return settings.sending.message_id_domain or sender.partition("@")[2]


def message_id(settings: Settings, newsletter: str | None, prefix: str) -> str:
    """A fresh Message-ID without ``<>``, under our own domain."""
    return f"{prefix}.{secrets.token_hex(12)}@{domain_of(settings, newsletter)}"


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: the subject on one line, text and HTML."""

    subject: str
    text: str
    html: str

    def filled(self, slot: str, value: str) -> "Words":
        """With what was not known yet when it was written; ``value`` needs no escaping."""
        return Words(*(part.replace(slot, value) for part in (self.subject, self.text, self.html)))


def written(
    settings: Settings,
    name: str,
    *,
    to_name: str | None = None,
    newsletter: str | None = None,
    language: str | None = None,
    shipped: bool = False,
    **facts: Any,
) -> Words:
    """Write the letter ``name`` for one person; needs no database.

    ``facts`` are what its templates name; ``masthead`` and ``to_name`` are there as well. It
    speaks ``language``, else the home's. BrokenTemplate for a mistake in the home's own letter;
    ``shipped``: it is written as we ship it then.
    """
    slug = newsletter or next(iter(settings.newsletters))
    known = {"masthead": settings.masthead(slug), "to_name": to_name, **facts}
    with speaking(language or settings.language):
        subject, plain, html = _written(settings, name, known, shipped)
    return Words(" ".join(subject.split()), plain + "\n", html)


def post(
    act: Act,
    name: str,
    to_email: str,
    *,
    to_name: str | None = None,
    newsletter: str | None = None,
    expires_at: datetime | None = None,
    subscription_id: int | None = None,
    language: str | None = None,
    **facts: Any,
) -> Letter:
    """Write the letter ``name`` for one person and put it into the ledger, see ``written``."""
    words = written(
        act.settings,
        name,
        to_name=to_name,
        newsletter=newsletter,
        language=language,
        shipped=act.actor == SYSTEM,  # nobody is there to mend it
        **facts,
    )
    return put(
        act,
        name,
        to_email,
        words,
        to_name=to_name,
        newsletter=newsletter,
        expires_at=expires_at,
        subscription_id=subscription_id,
    )


WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.DEFERRED})


def write_anew(act: Act, letter: Letter, **facts: Any) -> None:
    """Give a letter that still waits other words; one that has been claimed keeps its own."""
    words = written(
        act.settings,
        letter.name,
        to_name=letter.to_name,
        newsletter=letter.newsletter,
        shipped=act.actor == SYSTEM,
        **facts,
    )
    _change_waiting(act, letter, subject=words.subject, text=words.text, html=words.html)


def take_back(act: Act, letter: Letter, why: str) -> None:
    """Let a letter that still waits never leave; one that has been claimed goes its way."""
    gone = {"state": DeliveryState.SKIPPED, "why": why, "settled_at": act.now}
    _change_waiting(act, letter, **gone, not_before=None, text="", html="")


def _change_waiting(act: Act, letter: Letter, **changes: Any) -> None:
    act.session.flush()
    waits = (col(Letter.id) == letter.id, col(Letter.state).in_(WAITING))
    act.session.connection().execute(update(Letter).where(*waits).values(**changes))
    act.session.refresh(letter)


_PARTS = ("subject.txt", "body.txt", "body.html")


def _written(settings: Settings, name: str, facts: dict[str, Any], shipped: bool) -> list[str]:
    try:
        return _filled(templating.folders(settings.home), name, facts)
    except templating.BrokenTemplate as broken:
        if not shipped:
            raise
        log.error("%s", broken)  # noqa: TRY400 - the sentence says all that a trace would
        return _filled(templating.folders(None), name, facts)


def _filled(where: Sequence[Path], name: str, facts: dict[str, Any]) -> list[str]:
    names = (f"letters/{name}/{part}" for part in _PARTS)
    return [templating.rendered(where, each, facts).strip() for each in names]


def put(act: Act, name: str, to_email: str, words: Words, **more: Any) -> Letter:
    """Put a letter that is written already into the ledger; ``more``: as in ``post``."""
    letter = Letter(**_row(act, name, to_email, words, **more))
    act.session.add(letter)
    act.session.flush()
    return letter


_ENTRY = database.Straight(
    insert(Letter),
    (
        *("state", "message_id", "name", "to_email", "to_name", "newsletter", "subject"),
        *("text", "html", "posted_at", "expires_at", "subscription_id"),
    ),
)


def enter(act: Act, name: str, to_email: str, words: Words, **more: Any) -> None:
    """``put`` for whoever needs no row back: that takes a sixth of the time."""
    _ENTRY.run(act.session.connection(), _row(act, name, to_email, words, **more))


def _row(
    act: Act,
    name: str,
    to_email: str,
    words: Words,
    *,
    to_name: str | None = None,
    newsletter: str | None = None,
    expires_at: datetime | None = None,
    subscription_id: int | None = None,
) -> dict[str, Any]:
    return {
        "state": DeliveryState.QUEUED,
        "message_id": message_id(act.settings, newsletter, "letter"),
        "name": name,
        "to_email": to_email,
        "to_name": to_name,
        "newsletter": newsletter,
        "subject": words.subject,
        "text": words.text,
        "html": words.html,
        "posted_at": act.now,
        "expires_at": expires_at,
        "subscription_id": subscription_id,
    }
