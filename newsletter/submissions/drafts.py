"""Drafts: what somebody has typed survives a closed window, another machine, an expired link.

A form carries the key of its draft from the first page on, so handing in the same form twice,
or twenty times at once, makes one submission.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from newsletter.clusters.access import TOKEN_BYTES
from newsletter.errors import Invalid, Problem
from newsletter.history import Act
from newsletter.language import _
from newsletter.models.cluster import Contributor
from newsletter.models.draft import Draft

from .rows import storable

LIFE = timedelta(days=180)  # as long as a personal link
MOST = 50  # drafts of one person; the oldest make room
LARGEST = 400_000  # characters of all fields together
_KEY = re.compile(r"[\w-]{22}")


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a draft lies now. ``apart``: another window had gone on, this is a copy."""

    key: str
    version: int
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """A draft in the list of those one can go on with."""

    key: str
    kind: str
    title: str
    changed_at: datetime


def new_key() -> str:
    """For a form that is shown for the first time."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def keep(act: Act, person: Contributor, key: str, version: int, typed: Mapping[str, Any]) -> Kept:
    """Keep what a form holds; ``version`` is what it last heard of, 0 at first.

    Where another window has gone on meanwhile, or handed in, both are kept. Invalid if it is
    too much.
    """
    clean = storable(dict(typed))
    if len(json.dumps(clean, ensure_ascii=False)) > LARGEST:
        raise Invalid([Problem("body", _("Das ist zu viel Text für einen Entwurf. Bitte kürzen."))])
    if _taken_over(act, person, key, version, clean):
        return Kept(key, version + 1)
    apart = not _KEY.fullmatch(key) or act.session.get(Draft, key) is not None
    key = new_key() if apart else key
    _make_room(act, person)
    act.session.add(Draft(key=key, contributor_id=person.id or 0, typed=clean, changed_at=act.now))
    act.session.flush()
    return Kept(key, 1, apart)


def _taken_over(
    act: Act, person: Contributor, key: str, version: int, typed: Mapping[str, Any]
) -> bool:
    done = act.session.connection().execute(
        update(Draft)
        .where(
            col(Draft.key) == key,
            col(Draft.contributor_id) == person.id,
            col(Draft.version) == version,
            col(Draft.handed_in_sha256).is_(None),
        )
        .values(typed=typed, version=version + 1, changed_at=act.now)
    )
    return done.rowcount == 1


def _make_room(act: Act, person: Contributor) -> None:
    """What is older than a link's life goes, of everybody; of one person the most are kept."""
    mine = (
        select(col(Draft.key))
        .where(col(Draft.contributor_id) == person.id, col(Draft.handed_in_sha256).is_(None))
        .order_by(col(Draft.changed_at).desc())
        .offset(MOST - 1)
    )
    surplus = act.session.scalars(mine).all()
    act.session.execute(
        delete(Draft).where((col(Draft.changed_at) < act.now - LIFE) | col(Draft.key).in_(surplus))
    )


def find(session: Session, person: Contributor, key: str) -> Draft | None:
    """This person's draft, as it is now."""
    row = session.get(Draft, key, populate_existing=True) if _KEY.fullmatch(key) else None
    return row if row and row.contributor_id == person.id else None


def begun(session: Session, person: Contributor) -> Sequence[Begun]:
    """What one can go on with, the newest first."""
    rows = session.scalars(
        select(Draft)
        .where(col(Draft.contributor_id) == person.id, col(Draft.handed_in_sha256).is_(None))
        .order_by(col(Draft.changed_at).desc(), col(Draft.key))
    )
    return [
        Begun(
            row.key,
            str(row.typed.get("kind", "")),
            str(row.typed.get("title", "")).strip(),
            row.changed_at,
        )
        for row in rows
    ]


def drop(act: Act, person: Contributor, key: str) -> None:
    """Throw a draft away; nothing happens if it is none of this person's."""
    act.session.execute(
        delete(Draft).where(
            col(Draft.key) == key,
            col(Draft.contributor_id) == person.id,
            col(Draft.handed_in_sha256).is_(None),
        )
    )


def claim(act: Act, person: Contributor, key: str, typed: Mapping[str, Any]) -> int | None:
    """Hand this form in, once: the submission that it has become already, else None.

    Whoever comes second waits for the first. A form that says something else than what was
    handed in under its key is another one.
    """
    if not _KEY.fullmatch(key):
        return None
    if earlier := handed_in(act.session, person, key, typed):
        return earlier
    digest = _digest(typed)
    _stand(act, person, key)
    done = act.session.connection().execute(
        update(Draft)
        .where(
            col(Draft.key) == key,
            col(Draft.contributor_id) == person.id,
            col(Draft.handed_in_sha256).is_(None),
        )
        .values(handed_in_sha256=digest, typed={}, changed_at=act.now)
    )
    if done.rowcount == 1:
        return None
    return handed_in(act.session, person, key, typed)


def handed_in(
    session: Session, person: Contributor, key: str, typed: Mapping[str, Any]
) -> int | None:
    """The submission that exactly this form has become."""
    row = session.get(Draft, key, populate_existing=True) if _KEY.fullmatch(key) else None
    same = row and row.contributor_id == person.id and row.handed_in_sha256 == _digest(typed)
    return row.submission_id if row and same else None


def over(session: Session, person: Contributor, key: str) -> int | None:
    """The submission that this person's draft has become, whatever its form says by now."""
    row = find(session, person, key)
    return row.submission_id if row else None


def became(act: Act, key: str, submission_id: int) -> None:
    """Remember what a claimed draft has become."""
    act.session.execute(
        update(Draft)
        .where(col(Draft.key) == key, col(Draft.submission_id).is_(None))
        .values(submission_id=submission_id)
    )


def _stand(act: Act, person: Contributor, key: str) -> None:
    """See that there is a row to claim; two that make it at once make one."""
    if act.session.get(Draft, key) is not None:
        return
    try:
        with act.session.begin_nested():
            act.session.add(Draft(key=key, contributor_id=person.id or 0, changed_at=act.now))
    except IntegrityError:  # somebody was faster
        return


def _digest(typed: Mapping[str, Any]) -> str:
    """A picture sent again gets another key; which twins were shown is not what one says."""
    same = {name: it for name, it in typed.items() if name not in {"image_key", "similar_seen"}}
    said = json.dumps(storable(same), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()
