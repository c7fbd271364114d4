"""The rows of an item that comes in: submission, revision, clearances.

Written below the ORM, by statements that are built once: most of an act's time was its objects,
and while an act lasts nobody else writes.
"""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import insert
from sqlmodel import col

from newsletter import database
from newsletter.content import Audience, EventState, Kind
from newsletter.history import Act
from newsletter.models.submission import (
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
    Via,
)
from newsletter.settings import Settings

from .facts import Facts
from .preparing import Checked

_AS_THEY_ARE = (
    *("title", "teaser", "body", "link", "language", "contact_name", "contact_email"),
    *("embargo_until", "image_alt", "image_decorative", "image_credit", "rights_confirmed"),
    *("location", "online", "register_by", "challenge", "solution", "result"),
    *("quote", "approved_by", "persons_shown", "wish_issue", "urgent_because", "current_until"),
)
_SUBMISSION = database.Straight(
    insert(Submission).returning(col(Submission.id)),
    (
        *("kind", "state", "reach", "cluster_id", "source", "contributor_id", "via"),
        *("received_at", "status_token_sha256", "event_state", "uid"),
    ),
)
_REVISION = database.Straight(
    insert(Revision),
    (
        *("submission_id", "number", "made_at", "made_by", "picture_id", "handed_in"),
        *("starts_at", "ends_at", "starts_on", "ends_on"),
        *_AS_THEY_ARE,
    ),
)
_CLEARANCE = database.Straight(
    insert(Clearance), ("submission_id", "newsletter", "audience", "reach", "state")
)


def write_submission(
    act: Act,
    facts: Facts,
    *,
    cluster_id: int | None,
    source: str | None,
    contributor_id: int | None,
    via: Via,
    status_token_sha256: str | None,
) -> int:
    """The item itself, nobody has looked at it; its id."""
    is_date = facts.kind is Kind.DATE
    values = {
        "kind": facts.kind,
        "state": SubmissionState.RECEIVED,
        "reach": _reach(act.settings, facts.targets),
        "cluster_id": cluster_id,
        "source": source,
        "contributor_id": contributor_id,
        "via": via,
        "received_at": act.now,
        "status_token_sha256": status_token_sha256,
        "event_state": EventState.ON if is_date else None,
        "uid": f"{uuid.uuid4()}@{_host(act.settings)}" if is_date else None,
    }
    (made,) = _SUBMISSION.rows(act.session.connection(), values)
    return int(made.id)


def write_revision(act: Act, ready: Checked, submission_id: int, by: str) -> None:
    """What it says, as its first revision."""
    values = revision_of(act, ready, submission_id, 1, by)
    _REVISION.run(act.session.connection(), values)


def revision_of(
    act: Act, ready: Checked, submission_id: int, number: int, by: str
) -> dict[str, Any]:
    """The columns of a revision."""
    facts = ready.facts
    return {
        "submission_id": submission_id,
        "number": number,
        "made_at": act.now,
        "made_by": by,
        "picture_id": ready.picture.id if ready.picture else None,
        "starts_at": _moment(facts.starts),
        "ends_at": _moment(facts.ends),
        "starts_on": _day(facts.starts),
        "ends_on": _day(facts.ends),
        "handed_in": storable(dict(ready.given)),
        **{name: getattr(facts, name) for name in _AS_THEY_ARE},
    }


def ask_clearances(act: Act, submission_id: int, targets: Sequence[str]) -> None:
    """„Wo soll es erscheinen?“: to be decided for each newsletter that was asked for."""
    reach = _reach(act.settings, targets)
    rows = [
        {
            "submission_id": submission_id,
            "newsletter": slug,
            "audience": act.settings.newsletter(slug).audience,
            "reach": reach,
            "state": ClearanceState.ASKED,
        }
        for slug in targets
    ]
    _CLEARANCE.run(act.session.connection(), *rows)


def _reach(settings: Settings, targets: Sequence[str]) -> Audience:
    """The widest audience that was asked for."""
    asked = {settings.newsletter(slug).audience for slug in targets}
    return Audience.PUBLIC if Audience.PUBLIC in asked else Audience.MEMBERS


def _host(settings: Settings) -> str:
    """What stands behind the @ of a calendar entry's UID: a name of ours, for life."""
    if settings.links.loopback:
        return next(iter(settings.newsletters.values())).list_id
    return urlsplit(settings.base_url).hostname or ""


def _moment(when: datetime | date | None) -> datetime | None:
    return when if isinstance(when, datetime) else None


def _day(when: datetime | date | None) -> date | None:
    return None if isinstance(when, datetime) else when


def storable(value: Any) -> Any:
    """JSON that every database takes: no NUL, no lone surrogates, nothing but plain types."""
    match value:
        case str():
            return value.replace("\0", "").encode("utf-8", "replace").decode()
        case dict():
            return {storable(str(key)): storable(each) for key, each in value.items()}
        case list() | tuple():
            return [storable(each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return str(value)
