"""Who may be written to now, as SELECTs and conditions that the ledger composes into its own.

Nothing here executes but ``why_not``. "May be written to" is one rule, ``_writable``: an active
subscription, a person who is not erased, and no suppression for this newsletter or for all.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Exists, Select, and_, exists, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from .models import (
    Consent,
    EditionChoice,
    EndReason,
    Evidence,
    Subscriber,
    Subscription,
    SubscriptionState,
    Suppression,
)
from .suppression import EVERYWHERE

_WORDS_FOR_ENDED = {
    EndReason.PERSON: "unsubscribed",
    EndReason.OPERATOR: "unsubscribed",
    EndReason.BOUNCES: "bounced",
    EndReason.COMPLAINT: "complained",
    EndReason.REGISTER: "left_register",
    EndReason.ERASED: "erased",
}


def audience(
    newsletter: str, after_id: int, upto_id: int
) -> Select[tuple[int, int, EditionChoice]]:
    """Subscription id, subscriber id and edition of all who may be written to, in id order.

    Ids lie in ``(after_id, upto_id]``, so that a caller walks a long list in short steps.
    """
    return (
        select(_id(Subscription), col(Subscription.subscriber_id), col(Subscription.edition))
        .join(Subscriber, _id(Subscriber) == col(Subscription.subscriber_id))
        .where(
            _writable(newsletter),
            _id(Subscription) > after_id,
            _id(Subscription) <= upto_id,
        )
        .order_by(_id(Subscription))
    )


def may_write(
    subscriber_id: ColumnElement[int] | Any, newsletter: ColumnElement[str] | str
) -> Exists:
    """The condition "this reader of this newsletter may be written to now".

    Made for the WHERE of a statement on another table: ``subscriber_id`` (and ``newsletter``,
    if it is a column) are taken from there.
    """
    return (
        exists()
        .where(
            col(Subscription.subscriber_id) == subscriber_id,
            _id(Subscriber) == col(Subscription.subscriber_id),
            _writable(newsletter),
        )
        .correlate_except(Subscription, Subscriber)
    )


def how_many(newsletter: str) -> Select[int]:
    """How many may be written to now."""
    return (
        select(func.count())
        .select_from(Subscription)
        .join(Subscriber, _id(Subscriber) == col(Subscription.subscriber_id))
        .where(_writable(newsletter))
    )


def highest(newsletter: str) -> Select[tuple[int | None]]:
    """The largest subscription id of a newsletter, NULL if it has none: where an audience ends."""
    return select(func.max(_id(Subscription))).where(col(Subscription.newsletter) == newsletter)


def faces(
    subscriber_ids: Sequence[int] | Select[Any],
) -> Select[tuple[int, str, str | None, str | None, str]]:
    """Rows of id, public_id, email, name, language: what composing needs of a reader.

    ``subscriber_ids``: of whom, or a query that says it.
    """
    return select(
        _id(Subscriber),
        col(Subscriber.public_id),
        col(Subscriber.email),
        col(Subscriber.name),
        col(Subscriber.language),
    ).where(_id(Subscriber).in_(subscriber_ids))


def why_not(session: Session, subscriber_id: int, newsletter: str) -> str | None:
    """One word why this reader may not be written to; None if they may.

    erased, not_subscribed, pending, paused, restricted, expired, unsubscribed, bounced,
    complained, left_register, suppressed.
    """
    row = session.execute(
        select(
            col(Subscriber.erased_at),
            col(Subscription.state),
            col(Subscription.ended_why),
            _suppressed(newsletter),
        )
        .select_from(Subscriber)
        .outerjoin(
            Subscription,
            and_(
                col(Subscription.subscriber_id) == _id(Subscriber),
                col(Subscription.newsletter) == newsletter,
            ),
        )
        .where(_id(Subscriber) == subscriber_id)
    ).one_or_none()
    if row is None:
        return "not_subscribed"
    erased_at, state, ended_why, suppressed = row
    if erased_at is not None:
        return "erased"
    return _word(state, ended_why) or ("suppressed" if suppressed else None)


def _word(state: SubscriptionState | None, ended_why: EndReason | None) -> str | None:
    if state is None:
        return "not_subscribed"
    if state is SubscriptionState.ACTIVE:
        return None
    return _WORDS_FOR_ENDED[ended_why] if ended_why else state.value


def _writable(newsletter: ColumnElement[str] | str) -> ColumnElement[bool]:
    return and_(
        col(Subscription.newsletter) == newsletter,
        col(Subscription.state) == SubscriptionState.ACTIVE,
        col(Subscriber.erased_at).is_(None),
        ~_suppressed(newsletter),
    )


def _suppressed(newsletter: ColumnElement[str] | str) -> Exists:
    return (
        exists()
        .where(
            col(Suppression.address_hash) == col(Subscriber.address_hash),
            col(Suppression.scope).in_([EVERYWHERE, newsletter]),
        )
        .correlate_except(Suppression)
    )


def _id(table: type[Subscriber] | type[Subscription]) -> Any:
    """The primary key as a column; the models call it optional, since a new row has none yet."""
    return col(table.id)


def how_many_left(newsletter: str, since: datetime, until: datetime) -> Select[int]:
    """How many people took leave of a newsletter in ``[since, until)``, or had us do it.

    Told by the evidence, which stays when a person is erased. Dead addresses and those who left
    the register are not meant.
    """
    not_theirs = (EndReason.BOUNCES, EndReason.REGISTER)
    return (
        select(func.count())
        .select_from(Consent)
        .join(Subscription, _id(Subscription) == col(Consent.subscription_id))
        .where(
            col(Subscription.newsletter) == newsletter,
            col(Consent.event) == Evidence.ENDED,
            col(Consent.at) >= since,
            col(Consent.at) < until,
            # NULL: they came back since
            col(Subscription.ended_why).is_(None) | col(Subscription.ended_why).not_in(not_theirs),
        )
    )
