"""The list of addresses we do not write to, as keyed hashes only (LA-13)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from .models import Suppression

EVERYWHERE = "*"  # the scope that means every newsletter

# What the person's own new double opt-in lifts. A complaint and an operator's ban stay.
# The lightest stands first.
LIFTED_BY_THE_PERSON = ("bounced", "unsubscribed", "erased")


def suppress(session: Session, now: datetime, address_hash: str, scope: str, reason: str) -> bool:
    """Put a hash on the list; a weightier reason replaces a lighter one. False: as it was."""
    there = session.scalars(
        select(Suppression).where(
            col(Suppression.address_hash) == address_hash, col(Suppression.scope) == scope
        )
    ).one_or_none()
    if there is None:
        session.add(Suppression(address_hash=address_hash, scope=scope, reason=reason, since=now))
    elif _weight(reason) > _weight(there.reason):
        there.reason, there.since = reason, now
    else:
        return False
    session.flush()
    return True


def lift(session: Session, address_hash: str, newsletter: str) -> None:
    """The person confirmed anew: take from the list what they can lift."""
    session.execute(
        delete(Suppression).where(
            _on([address_hash], newsletter), col(Suppression.reason).in_(LIFTED_BY_THE_PERSON)
        )
    )


def suppressed_for_good(session: Session, address_hash: str, newsletter: str) -> bool:
    """Whether not even a new double opt-in lets this address in again."""
    row = session.execute(
        select(col(Suppression.id)).where(
            _on([address_hash], newsletter), col(Suppression.reason).not_in(LIFTED_BY_THE_PERSON)
        )
    ).first()
    return row is not None


def reasons(session: Session, hashes: Iterable[str], newsletter: str) -> dict[str, str]:
    """Why each of these hashes is on the list for a newsletter; the others are missing."""
    rows = session.execute(
        select(col(Suppression.address_hash), col(Suppression.reason)).where(
            _on(hashes, newsletter)
        )
    )
    return {row[0]: row[1] for row in rows}


def _on(hashes: Iterable[str], newsletter: str) -> ColumnElement[bool]:
    return and_(
        col(Suppression.address_hash).in_(list(hashes)),
        col(Suppression.scope).in_([EVERYWHERE, newsletter]),
    )


def _weight(reason: str) -> int:
    liftable = reason in LIFTED_BY_THE_PERSON
    return LIFTED_BY_THE_PERSON.index(reason) if liftable else len(LIFTED_BY_THE_PERSON)
