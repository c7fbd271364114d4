"""Whether an issue's stored bytes are those that somebody approved, and what it would be today.

Two answers. The first is about what was sent and is shown: nothing may have touched it. The
second is about how it came about: built from the same items at the same moment, it is the same,
or it differs for a reason that can be named.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.content import Edition, content_hash
from newsletter.language import _
from newsletter.models.issue import (
    APPROVED_BYTES,
    Approval,
    ApprovalState,
    EditionRow,
    Issue,
    Placement,
)
from newsletter.models.take_down import TakeDown
from newsletter.settings import Settings

from . import made_with
from .approval import editions
from .contents import build, harmed
from .guard import as_approved, as_edition, editions_of
from .register import approvals, find

_PARTS = ("subject", "sender", "list_id", "html", "text", "calendar", "pictures")
_LONGEST = 160  # characters of a line that differs


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two editions first differ: in which part, and how either says it."""

    variant: str
    part: str
    stored: str
    built: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Both answers. ``wrong`` empty: the stored bytes are right, or there are none."""

    issue: Issue
    stored: bool  # False: nothing was built and kept yet, or it counts no more
    wrong: tuple[str, ...]  # sentences
    approved: tuple[Approval, ...]  # who said yes to exactly these bytes
    taken_down: tuple[tuple[str, datetime], ...] = ()  # items that law has taken out
    built_hash: str | None = None  # None: it cannot be built any more
    problem: str = ""  # why it cannot
    causes: tuple[str, ...] = ()  # what has changed since, as sentences; () may mean: not known
    known: bool = True  # whether it was kept what the edition was made with
    differences: tuple[Difference, ...] = field(default=())

    @property
    def same(self) -> bool:
        """Built anew, it is byte for byte what was approved."""
        return self.built_hash is not None and self.built_hash == self.issue.content_hash


def verify(session: Session, settings: Settings, key: str) -> Verified:
    """Look at an issue's stored editions, and build it anew as of the moment they were made.

    Nothing is written. NotFound, Ambiguous.
    """
    issue = find(session, key)
    if issue.content_hash is None:
        return Verified(issue, stored=False, wrong=(), approved=())
    rows = editions_of(session, issue)
    yes = [
        each
        for each in approvals(session, issue.id)
        if each.state is ApprovalState.APPROVED and each.content_hash == issue.content_hash
    ]
    gone = _taken_down(session, issue)
    wrong = [*_wrong(issue, rows, yes, gone=bool(gone))]
    moment = rows[0].made_at if rows else issue.made_at
    built = build(session, settings, issue, moment)
    out = {reference for reference, __ in gone}
    pictures = harmed(settings, [it for it in built.content.items if it.reference not in out])
    wrong += [f"{reference}: {why}" for reference, why in pictures.items()]
    then = next((row.made_with for row in rows if row.made_with), None)
    now = made_with.standing_on(settings, built.content) if built.edition else None
    fresh = editions(built)
    return Verified(
        issue,
        stored=True,
        wrong=tuple(wrong),
        approved=tuple(yes),
        taken_down=tuple(gone),
        built_hash=content_hash(fresh) if fresh else None,
        problem=next((each.text for each in built.findings if each.check == "template"), ""),
        causes=tuple(made_with.differences(then, now)) if then and now else (),
        known=then is not None,
        # where they differ by what law has taken out alone, its words are not shown again
        differences=() if gone and as_approved(rows) else tuple(_differences(rows, fresh)),
    )


def _wrong(
    issue: Issue, rows: Sequence[EditionRow], yes: Sequence[Approval], *, gone: bool
) -> Iterator[str]:
    if not rows:
        yield _("Die Fassung mit der Prüfsumme {hash} ist nicht mehr da.").format(
            hash=issue.content_hash
        )
    elif not as_approved(rows):
        found = content_hash(map(as_edition, rows))
        yield _("Die gespeicherten Bytes sind verändert: Ihre Prüfsumme ist {hash}.").format(
            hash=found
        )
    elif any(row.blanked_hash for row in rows) and not gone:
        yield _("Es fehlt ein Beitrag, den niemand von Rechts wegen entfernt hat.")
    if issue.state in APPROVED_BYTES and not yes:
        yield _("Zu diesen Bytes gibt es keine Freigabe.")


def _taken_down(session: Session, issue: Issue) -> list[tuple[str, datetime]]:
    its = (
        select(col(TakeDown.submission_id), col(TakeDown.taken_down_at))
        .join(Placement, col(Placement.submission_id) == col(TakeDown.submission_id))
        .where(col(Placement.issue_id) == issue.id)
        .order_by(col(TakeDown.submission_id))
    )
    return [(f"q{number}", at) for number, at in session.execute(its)]


def _differences(rows: Sequence[EditionRow], built: Sequence[Edition]) -> Iterator[Difference]:
    """Of each part of each variant the first line that is another."""
    fresh = {each.variant: each for each in built}
    for old in map(as_edition, rows):
        new = fresh.get(old.variant)
        for part in _PARTS if new else ():
            before, after = str(getattr(old, part)), str(getattr(new, part))
            if before != after:
                yield Difference(old.variant, part, *_first_different(before, after))


def _first_different(before: str, after: str) -> tuple[str, str]:
    old, new = (re.split(r"(?<=>)|(?<=\n)", each) for each in (before, after))
    at = next((n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(old), len(new)) if at is None else at
    return _around(old, at), _around(new, at)


def _around(lines: Sequence[str], at: int) -> str:
    """The line, with what stands in the next ones while it is short; cut to what can be read."""
    said = " ".join("".join(lines[at : at + 4]).split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"
