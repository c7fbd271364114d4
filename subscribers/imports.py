"""Readers taken over from a list, each with the evidence of their consent (LA-01).

Made for many: a batch costs a handful of statements, whatever its size. Nobody who left,
bounced, complained or was erased comes back this way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session
from sqlmodel import SQLModel, col

from .addresses import Address, hashed
from .lifecycle import move, new_public_id, witness
from .models import EditionChoice, EndReason, Evidence, Subscription, SubscriptionState
from .suppression import reasons

_PEOPLE = SQLModel.metadata.tables["subscriber"]
_SUBSCRIPTIONS = SQLModel.metadata.tables["subscription"]
_EVIDENCE = SQLModel.metadata.tables["consent"]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One row of a list."""

    address: Address
    evidence: str  # how we know that they consented
    name: str | None = None
    language: str = "de"
    consented_at: datetime | None = None
    edition: EditionChoice = EditionChoice.FULL


class Imported(StrEnum):
    """What became of a row; all but the first two are refusals."""

    ADDED = "added"
    ALREADY = "already"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    LEFT_REGISTER = "left_register"
    ERASED = "erased"
    EXPIRED = "expired"  # signed up and never confirmed
    SUPPRESSED = "suppressed"


_REFUSED_BY_LIST = {
    "unsubscribed": Imported.UNSUBSCRIBED,
    "bounced": Imported.BOUNCED,
    "complaint": Imported.COMPLAINED,
    "erased": Imported.ERASED,
}
_REFUSED_BY_END = {
    EndReason.PERSON: Imported.UNSUBSCRIBED,
    EndReason.OPERATOR: Imported.UNSUBSCRIBED,
    EndReason.BOUNCES: Imported.BOUNCED,
    EndReason.COMPLAINT: Imported.COMPLAINED,
    EndReason.REGISTER: Imported.LEFT_REGISTER,
    EndReason.ERASED: Imported.ERASED,
}


def import_many(
    session: Session,
    now: datetime,
    secret: str,
    newsletter: str,
    newcomers: Sequence[Newcomer],
    by: str,
    channel: str = "import",
) -> list[Imported]:
    """Subscribe a batch (some hundreds) with its evidence; one outcome per row, in order.

    Somebody who signed up and has not confirmed yet is active now: there is evidence.
    """
    hashes = [hashed(one.address.key, secret) for one in newcomers]
    listed = reasons(session, hashes, newsletter)
    known = _people(session, [one.address.key for one in newcomers])
    theirs = _subscriptions(session, list(known.values()), newsletter)
    fresh: dict[str, tuple[Newcomer, str]] = {}
    outcomes = []
    for one, its_hash in zip(newcomers, hashes, strict=True):
        key = one.address.key
        subscription = theirs.get(known.get(key, 0))
        outcome = _decide(subscription, listed.get(its_hash), key in fresh)
        if outcome is Imported.ADDED and subscription is None:
            fresh[key] = (one, its_hash)
        elif outcome is Imported.ADDED and subscription is not None:
            _activate(session, now, subscription, one, by, channel)
        outcomes.append(outcome)
    if fresh:
        _store(session, now, newsletter, fresh, known, by, channel)
    return outcomes


def _decide(subscription: Subscription | None, listed: str | None, met_above: bool) -> Imported:
    """What to do with one row, from what we know of its address."""
    if subscription is not None and subscription.state is SubscriptionState.ENDED:
        return _REFUSED_BY_END[subscription.ended_why or EndReason.OPERATOR]
    if listed is not None:
        return _REFUSED_BY_LIST.get(listed, Imported.SUPPRESSED)
    if met_above:
        return Imported.ALREADY
    if subscription is None or subscription.state is SubscriptionState.PENDING:
        return Imported.ADDED
    if subscription.state is SubscriptionState.EXPIRED:
        return Imported.EXPIRED
    return Imported.ALREADY


def _activate(
    session: Session,
    now: datetime,
    subscription: Subscription,
    one: Newcomer,
    by: str,
    channel: str,
) -> None:
    """Pending becomes active by the list's evidence instead of by a click."""
    move(session, now, subscription, SubscriptionState.ACTIVE)
    witness(
        session,
        now,
        subscription,
        Evidence.IMPORTED,
        channel,
        evidence=one.evidence,
        consented_at=one.consented_at,
        by=by,
    )


def _people(session: Session, keys: Sequence[str]) -> dict[str, int]:
    rows = session.execute(
        select(_PEOPLE.c.address_key, _PEOPLE.c.id).where(_PEOPLE.c.address_key.in_(keys))
    )
    return {row[0]: row[1] for row in rows}


def _subscriptions(
    session: Session, people: Sequence[int], newsletter: str
) -> dict[int, Subscription]:
    found = session.scalars(
        select(Subscription).where(
            col(Subscription.subscriber_id).in_(people),
            col(Subscription.newsletter) == newsletter,
        )
    )
    return {one.subscriber_id: one for one in found}


def _store(
    session: Session,
    now: datetime,
    newsletter: str,
    fresh: Mapping[str, tuple[Newcomer, str]],
    known: Mapping[str, int],
    by: str,
    channel: str,
) -> None:
    """Insert people, subscriptions and evidence, each with one statement.

    The ids are read back by the unique columns: a plain executemany and a SELECT are twice
    as fast as RETURNING for many rows.
    """
    people = [
        {
            "public_id": new_public_id(),
            "email": one.address.email,
            "address_key": key,
            "address_hash": its_hash,
            "name": one.name,
            "language": one.language,
            "created_at": now,
        }
        for key, (one, its_hash) in fresh.items()
        if key not in known
    ]
    if people:
        session.execute(insert(_PEOPLE), people)
    ids = _people(session, list(fresh))
    for edition in {one.edition for one, _ in fresh.values()}:
        theirs = [ids[key] for key, (one, _) in fresh.items() if one.edition is edition]
        _activate_all(session, now, newsletter, theirs, edition)
    subscriptions = _subscription_ids(session, list(ids.values()), newsletter)
    imported = {"at": now, "event": Evidence.IMPORTED, "channel": channel, "by": by}
    session.execute(
        insert(_EVIDENCE),
        [
            {
                "subscription_id": subscriptions[ids[key]],
                "consented_at": one.consented_at,
                "evidence": one.evidence,
                "language": one.language,
                **imported,
            }
            for key, (one, _) in fresh.items()
        ],
    )


def _activate_all(
    session: Session,
    now: datetime,
    newsletter: str,
    people: Sequence[int],
    edition: EditionChoice,
) -> None:
    """An active subscription for each, as one INSERT … SELECT."""
    known = _SUBSCRIPTIONS.c
    facts = {
        known.newsletter: newsletter,
        known.state: SubscriptionState.ACTIVE,
        known.since: now,
        known.confirms_sent: 0,
        known.edition: edition,
    }
    constants = [literal(value, column.type) for column, value in facts.items()]
    session.execute(
        insert(_SUBSCRIPTIONS).from_select(
            [known.subscriber_id, *facts],
            select(_PEOPLE.c.id, *constants).where(_PEOPLE.c.id.in_(people)).order_by(_PEOPLE.c.id),
        )
    )


def _subscription_ids(session: Session, people: Sequence[int], newsletter: str) -> dict[int, int]:
    rows = session.execute(
        select(_SUBSCRIPTIONS.c.subscriber_id, _SUBSCRIPTIONS.c.id).where(
            _SUBSCRIPTIONS.c.subscriber_id.in_(people), _SUBSCRIPTIONS.c.newsletter == newsletter
        )
    )
    return {row[0]: row[1] for row in rows}
