"""The revisions of an item: what each changed, how two differ, and an earlier one again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import submissions
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.submission import Revision, Submission
from newsletter.settings import Settings
from newsletter.submissions.spoken import when_said

from .lookup import newest_of
from .own import PICTURE, Edited, edit

RESTORED = N_("eine frühere Fassung wiederhergestellt")
_MOMENTS = ("embargo_until", "starts_at", "ends_at", "register_by", "current_until")
# No part of a text: whether and where it may appear stays as it is now.
_STAYS = ("targets", "embargo_until", "rights_confirmed")


class AlreadySo(Refused):
    sentence = N_(
        "{reference} liest sich schon wie Fassung {number}. Alle zeigt: newsletter queue revisions"
        " {reference}"
    )


@dataclass(frozen=True, slots=True)
class Version:
    """One revision: who made it, which fields it changed, and which issues show it."""

    revision: Revision
    changed: tuple[str, ...]  # none of the first
    issues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two revisions of an item, and what of each field goes and comes."""

    reference: str
    before: Revision
    after: Revision
    fields: Mapping[str, list[submissions.Line]]


def revisions(session: Session, reference: str) -> list[Version]:
    """Every revision of an item, the oldest first. NotFound."""
    submission = submissions.by_reference(session, reference)
    mine = col(Revision.submission_id) == submission.id
    made = session.scalars(select(Revision).where(mine).order_by(col(Revision.number))).all()
    facts = [submissions.facts_of(session, submission, each.number) for each in made]
    shown = _shown(session, submission)
    return [
        Version(each, tuple(_differ(before, after)), tuple(shown.get(each.number, ())))
        for each, before, after in zip(made, [facts[0], *facts], facts, strict=False)
    ]


def diff(
    session: Session,
    settings: Settings,
    reference: str,
    before: int | None = None,
    after: int | None = None,
) -> Difference:
    """What changed from one revision to another: to the newest, from the one before that, unless
    named. NotFound.
    """
    submission = submissions.by_reference(session, reference)
    new = submissions.revision_of(session, submission, after)
    old = submissions.revision_of(session, submission, before or max(new.number - 1, 1))
    sides = [submissions.facts_of(session, submission, each.number) for each in (old, new)]
    fields = {
        name: submissions.difference(*(_as_text(settings, name, side.get(name)) for side in sides))
        for name in _differ(*sides)
    }
    return Difference(submission.reference, old, new, fields)


def restore(act: Act, reference: str, number: int) -> Edited:
    """Make an earlier revision's text the newest one, as a new revision.

    Issues keep the revision they pinned. Targets, embargo and rights stay as they are now, and
    without rights no picture comes back. NotFound, AlreadySo, NoLongerEditable.
    """
    submission = submissions.by_reference(act.session, reference)
    now = submissions.facts_of(act.session, submission)
    rights = newest_of(act.session, submission).rights_confirmed
    then = submissions.facts_of(act.session, submission, number)
    facts = {name: value for name, value in then.items() if name not in _STAYS}
    facts |= {name: now[name] for name in _STAYS if name in now} | {"rights_confirmed": rights}
    if not rights:
        facts = {name: value for name, value in facts.items() if name not in PICTURE}
    if not _differ(now, facts):
        raise AlreadySo(reference=submission.reference, number=number)
    return edit(act, submission.reference, facts, submission.revision, RESTORED)


def _differ(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    names = {**before, **after}
    return [name for name in names if (before.get(name) or None) != (after.get(name) or None)]


def _as_text(settings: Settings, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("ja") if value else ""
    if name in _MOMENTS and value:
        is_day = "T" not in value
        when = date.fromisoformat(value) if is_day else datetime.fromisoformat(value)
        return when_said(when, settings)
    return str(value or "")


def _shown(session: Session, submission: Submission) -> dict[int, Sequence[str]]:
    """Which issues show which revision, the cancelled ones aside."""
    found: dict[int, list[str]] = {}
    places = (
        select(col(Placement.revision), col(Placement.issue_id))
        .join(Issue, col(Issue.id) == col(Placement.issue_id))
        .where(
            col(Placement.submission_id) == submission.id,
            col(Issue.state) != IssueState.CANCELLED,
        )
        .order_by(col(Placement.issue_id))
    )
    for number, issue in session.execute(places):
        found.setdefault(number, []).append(issue)
    return dict(found)
