"""What binds a person to a newsletter now, and what did at an earlier moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from newsletter.errors import Invalid, Problem, sentence_of
from newsletter.language import _
from newsletter.settings import Settings
from subscribers import addresses, lifecycle, roster
from subscribers.errors import NotAnAddress
from subscribers.models import Evidence, Subscriber, Subscription, Suppression
from subscribers.suppression import EVERYWHERE

from .views import evidence_of

_E = Evidence
# What the last line of evidence up to a moment says of it; None: they could be written to. Which
# edition they have chosen says nothing.
_THEN: dict[Evidence, str | None] = {
    _E.SIGNED_UP: "pending",
    _E.CONFIRM_SENT: "pending",
    _E.CONFIRMED: None,
    _E.IMPORTED: None,
    _E.RESUMED: None,
    _E.UNRESTRICTED: None,
    _E.ENDED: "unsubscribed",
    _E.EXPIRED: "expired",
    _E.PAUSED: "paused",
    _E.RESTRICTED: "restricted",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """One address and one newsletter.

    ``obstacle``: one word why nothing could be written at the moment asked for; None: it could.
    """

    email: str
    person: Subscriber | None  # None: nobody with this address is stored
    erased: bool  # somebody with this address was
    subscription: Subscription | None
    evidence: list[dict[str, Any]]
    obstacle: str | None


def relation(
    session: Session, settings: Settings, newsletter: str, email: str, at: datetime | None
) -> Relation:
    """How an address stood to a newsletter ``at`` a moment, None: now. Invalid if it is none."""
    try:
        address = addresses.parse(email)
    except NotAnAddress as exc:
        raise Invalid([Problem(_("E-Mail"), sentence_of(exc))]) from exc
    person = lifecycle.find(session, address.key)
    if person is None or person.id is None:
        erased = _was_erased(session, addresses.hashed(address.key, settings.hash_key))
        return Relation(address.email, None, erased, None, [], "not_subscribed")
    theirs = select(Subscription).where(
        col(Subscription.subscriber_id) == person.id, col(Subscription.newsletter) == newsletter
    )
    subscription = session.scalars(theirs).one_or_none()
    evidence = evidence_of(session, subscription) if subscription else []
    if at is None:
        obstacle = roster.why_not(session, person.id, newsletter)
    else:
        obstacle = _obstacle(session, person, subscription, evidence, at)
    return Relation(address.email, person, False, subscription, evidence, obstacle)


def _obstacle(
    session: Session,
    person: Subscriber,
    subscription: Subscription | None,
    evidence: list[dict[str, Any]],
    at: datetime,
) -> str | None:
    if subscription is None:
        return "not_subscribed"
    before = [line for line in evidence if line["at"] <= at and line["event"] in _THEN]
    if before:
        word = _THEN[before[-1]["event"]]
    elif subscription.since > at or evidence:
        word = "not_yet"
    else:
        word = roster.why_not(session, subscription.subscriber_id, subscription.newsletter)
    if word is None and _was_suppressed(session, person, subscription.newsletter, at):
        return "suppressed"
    return word


def _was_suppressed(session: Session, person: Subscriber, newsletter: str, at: datetime) -> bool:
    entries = select(func.count()).where(
        col(Suppression.address_hash) == person.address_hash,
        col(Suppression.scope).in_([EVERYWHERE, newsletter]),
        col(Suppression.since) <= at,
    )
    return bool(session.scalar(entries))


def _was_erased(session: Session, address_hash: str) -> bool:
    entries = select(func.count()).where(
        col(Suppression.address_hash) == address_hash, col(Suppression.reason) == "erased"
    )
    return bool(session.scalar(entries))
