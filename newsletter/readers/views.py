"""What pages and commands show of a reader; nothing here changes anything."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, col

from newsletter.settings import Settings
from subscribers import roster
from subscribers.addresses import masked
from subscribers.models import (
    Consent,
    ConsentText,
    EditionChoice,
    Subscriber,
    Subscription,
    SubscriptionState,
)

from .tickets import confirmation_in, goodbye_in, name_of


class Waits(StrEnum):
    """How a confirmation link stands."""

    OPEN = "open"
    ALREADY = "already"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Face:
    """What the page of an unsubscribe link shows; forwarded mails carry personal links."""

    slug: str
    newsletter: str  # its name
    masked: str | None  # None: nobody is stored any more
    reads: bool


@dataclass(frozen=True, slots=True)
class Awaited:
    """What the page of a confirmation link shows."""

    slug: str
    newsletter: str  # its name
    masked: str | None
    waits: Waits
    wording: str = ""  # what they agreed to when they signed up
    edition: EditionChoice = EditionChoice.FULL


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's relation to one newsletter, as an editor sees it."""

    email: str
    name: str | None
    newsletter: str
    state: SubscriptionState
    since: datetime
    edition: EditionChoice


def face(session: Session, settings: Settings, token: str) -> Face:
    """Who leaves what. BadLink for a wrong signature."""
    public_id, slug = goodbye_in(settings, token)
    row = session.execute(
        _joined().where(
            col(Subscriber.public_id) == public_id, col(Subscription.newsletter) == slug
        )
    ).one_or_none()
    name = name_of(settings, slug)
    if row is None or row.email is None:
        return Face(slug, name, None, reads=False)
    gone = {SubscriptionState.ENDED, SubscriptionState.EXPIRED}
    return Face(slug, name, masked(row.email), reads=row.state not in gone)


def awaited(session: Session, settings: Settings, token: str, now: datetime) -> Awaited:
    """What is to be confirmed. BadLink for a wrong signature."""
    subscription_id, nonce = confirmation_in(settings, token)
    subscription = session.get(Subscription, subscription_id)
    if subscription is None:
        return Awaited("", "", None, Waits.STALE)
    person = session.get_one(Subscriber, subscription.subscriber_id)
    return Awaited(
        subscription.newsletter,
        name_of(settings, subscription.newsletter),
        masked(person.email) if person.email else None,
        _waits(subscription, nonce, now),
        _wording(session, subscription),
        subscription.edition,
    )


def people(session: Session, *where: ColumnElement[bool]) -> list[Standing]:
    """Everybody with an address, by newsletter and address; ``where`` narrows."""
    rows = session.execute(_joined().where(col(Subscriber.email).is_not(None), *where))
    found = [Standing(*row) for row in rows]
    # here, since databases sort punctuation in their own ways
    return sorted(found, key=lambda one: (one.newsletter, one.email.casefold()))


def of_newsletter(
    session: Session, newsletter: str | None, state: SubscriptionState | None
) -> list[Standing]:
    """The list of one newsletter, or of all, in one state or in any."""
    wanted = []
    if newsletter is not None:
        wanted.append(col(Subscription.newsletter) == newsletter)
    if state is not None:
        wanted.append(col(Subscription.state) == state)
    return people(session, *wanted)


def find(session: Session, text: str) -> list[Standing]:
    """Everybody whose address or name holds ``text``."""
    part = text.strip().lower()
    return people(
        session,
        or_(
            col(Subscriber.address_key).contains(part, autoescape=True),
            func.lower(col(Subscriber.name)).contains(part, autoescape=True),
        ),
    )


def standing(session: Session, person: Subscriber) -> dict[str, Any]:
    """All we hold of a person's subscriptions, with every line of evidence (LA-05)."""
    subscriptions = session.scalars(
        select(Subscription)
        .where(col(Subscription.subscriber_id) == person.id)
        .order_by(col(Subscription.id))
    ).all()
    return {
        "id": person.public_id,
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "since": person.created_at,
        "subscriptions": [
            {
                "newsletter": one.newsletter,
                "state": one.state,
                "since": one.since,
                "ended_why": one.ended_why,
                "edition": one.edition,
                "paused_until": one.paused_until,
                "evidence": evidence_of(session, one),
            }
            for one in subscriptions
        ],
    }


def counts(session: Session) -> dict[str, dict[str, int]]:
    """How many subscriptions each newsletter has in each state."""
    rows = session.execute(
        select(col(Subscription.newsletter), col(Subscription.state), func.count())
        .group_by(col(Subscription.newsletter), col(Subscription.state))
        .order_by(col(Subscription.newsletter), col(Subscription.state))
    )
    found: dict[str, dict[str, int]] = {}
    for newsletter, state, number in rows:
        found.setdefault(newsletter, {})[state.value] = number
    return found


def listening(session: Session, newsletter: str) -> int:
    """How many may be written to now: active, and on no suppression list."""
    return session.scalars(roster.how_many(newsletter)).one()


def _joined() -> Select[Any, Any, str, SubscriptionState, datetime, EditionChoice]:
    return select(
        col(Subscriber.email),
        col(Subscriber.name),
        col(Subscription.newsletter),
        col(Subscription.state),
        col(Subscription.since),
        col(Subscription.edition),
    ).join(Subscription, col(Subscription.subscriber_id) == col(Subscriber.id))


def _waits(subscription: Subscription, nonce: str, now: datetime) -> Waits:
    if subscription.state is SubscriptionState.ACTIVE:
        return Waits.ALREADY
    until = subscription.pending_until
    waiting = subscription.confirm_nonce == nonce and until is not None and until > now
    return Waits.OPEN if waiting else Waits.STALE


def _wording(session: Session, subscription: Subscription) -> str:
    newest = session.execute(
        select(col(ConsentText.wording))
        .join(Consent, col(Consent.text_sha256) == col(ConsentText.sha256))
        .where(col(Consent.subscription_id) == subscription.id)
        .order_by(col(Consent.id).desc())
    ).first()
    return newest[0] if newest else ""


def evidence_of(session: Session, subscription: Subscription) -> list[dict[str, Any]]:
    """The lines of evidence, the wording that was agreed to among them."""
    rows = session.execute(
        select(Consent, col(ConsentText.wording))
        .outerjoin(ConsentText, col(ConsentText.sha256) == col(Consent.text_sha256))
        .where(col(Consent.subscription_id) == subscription.id)
        .order_by(col(Consent.id))
    ).all()
    return [
        {
            "at": line.at,
            "event": line.event,
            "channel": line.channel,
            "by": line.by,
            "evidence": line.evidence,
            "consented_at": line.consented_at,
            "wording": wording,
            "message_id": line.message_id,
        }
        for line, wording in rows
    ]
