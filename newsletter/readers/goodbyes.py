"""The journal of goodbyes: who has left has left, whatever backup is restored later.

One line of JSON per goodbye in ``<home>/goodbyes.journal``, synced to the disk before the
database commits. It holds no address, only what the suppression list holds anyway:

    {"at": "2026-11-23T08:00:00+00:00", "what": "unsubscribe", "subscriber": "q3v9Zk1xYb7LmN0p",
     "newsletter": "clusterplattform", "hash": "5f1c…"}

If the commit fails after the line was written, the line still holds: the person wanted to go.
"""

import os
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import select
from sqlmodel import col

from newsletter.history import Act
from subscribers import lifecycle
from subscribers.models import EndReason, Subscriber, Subscription, SubscriptionState
from subscribers.suppression import EVERYWHERE, suppress

FILE = "goodbyes.journal"


class What(StrEnum):
    """How somebody left."""

    UNSUBSCRIBE = "unsubscribe"
    ERASE = "erase"


class _Line(BaseModel):
    at: AwareDatetime
    what: What
    subscriber: str
    newsletter: str = EVERYWHERE
    hash: str | None = None


def write(act: Act, what: What, person: Subscriber, newsletter: str = EVERYWHERE) -> None:
    """Append a line and sync it; call it before the goodbye is committed."""
    line = _Line(
        at=act.now,
        what=what,
        subscriber=person.public_id,
        newsletter=newsletter,
        hash=person.address_hash,
    )
    _append(act.settings.home / FILE, line.model_dump_json())


def replay(act: Act) -> int:
    """Apply every line again, for a database that may be older than its journal.

    Gives how many lines changed something. Whoever came back by a new double opt-in after a
    line was written stays; lines that a crash tore are passed over.
    """
    return sum(_apply(act, line) for line in _lines(act.settings.home / FILE))


def _append(path: Path, text: str) -> None:
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        end = os.lseek(descriptor, 0, os.SEEK_END)
        torn = end > 0 and os.pread(descriptor, 1, end - 1) != b"\n"
        os.write(descriptor, (("\n" if torn else "") + text + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new file is safe only when its folder's entry is, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lines(path: Path) -> Iterator[_Line]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as journal:
        for text in journal:
            try:
                yield _Line.model_validate_json(text)
            except ValidationError:  # torn by a crash; its goodbye was never committed
                continue


def _apply(act: Act, line: _Line) -> bool:
    person = act.session.scalars(
        select(Subscriber).where(col(Subscriber.public_id) == line.subscriber)
    ).one_or_none()
    hash_ = line.hash or (person.address_hash if person else None)
    listed = hash_ is not None and _suppress(act, hash_, line)
    if person is None or person.erased_at is not None:
        return listed
    if line.what is What.ERASE:
        return lifecycle.erase(act.session, act.now, person, "journal")
    ended = [
        lifecycle.end(act.session, act.now, subscription, EndReason.PERSON, "journal")
        for subscription in lifecycle.subscriptions_of(act.session, person)
        if line.newsletter in {EVERYWHERE, subscription.newsletter}
        and subscription.since <= line.at
    ]
    return listed or any(ended)


def _suppress(act: Act, address_hash: str, line: _Line) -> bool:
    if _came_back(act, address_hash, line):
        return False
    reason = "erased" if line.what is What.ERASE else "unsubscribed"
    return suppress(act.session, line.at, address_hash, line.newsletter, reason)


def _came_back(act: Act, address_hash: str, line: _Line) -> bool:
    """Whether this address subscribed anew after the goodbye."""
    again = (
        select(col(Subscription.id))
        .join(Subscriber, col(Subscriber.id) == col(Subscription.subscriber_id))
        .where(
            col(Subscriber.address_hash) == address_hash,
            col(Subscription.state) == SubscriptionState.ACTIVE,
            col(Subscription.since) > line.at,
        )
    )
    if line.newsletter != EVERYWHERE:
        again = again.where(col(Subscription.newsletter) == line.newsletter)
    return act.session.execute(again).first() is not None
