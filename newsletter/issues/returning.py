"""What changed in an issue since the version that an approver had before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from newsletter import texts
from newsletter.content import Edition
from newsletter.models.issue import Approval, Issue
from newsletter.settings import Settings

from .comparing import words_since_first
from .guard import as_edition, editions_of, full_of, stored
from .neutral import text_of
from .register import approvals


@dataclass(frozen=True, slots=True)
class Since:
    """What changed since an earlier version, or since the issue that this one corrects.

    Without any ``changes`` of words, what changed is a picture or how it looks.
    """

    who: str  # who had it; "" for a corrected issue
    when: datetime | None
    answered: bool  # they decided about it; else they were only asked
    corrects: str  # the id of the corrected issue, or ""
    reworded: bool  # they changed sentences just now, and others are asked, too
    subject: str  # as it was; "" if it is the same
    changes: Sequence[texts.Change]
    pictures: bool  # other ones, or another order


def since(
    session: Session, settings: Settings, issue: Issue, approval: Approval, edition: Edition
) -> Since | None:
    """What is new to an approver; None if nobody had another version before.

    The version that somebody decided about counts, else the last one somebody was sent.
    """
    other = _reworded(session, issue, approval)
    before = other or _before(session, issue, approval)
    if before is not None:
        had = before.asked_hash if other else before.content_hash
        row = stored(session, issue, had or "")
        changed = _since(as_edition(row), edition, before) if row else None
        return replace(changed, reworded=other is not None) if changed else None
    if issue.corrects_id:
        return _since_first(session, settings, issue, edition)
    return None


def _since_first(
    session: Session, settings: Settings, issue: Issue, edition: Edition
) -> Since | None:
    """A correction that nobody has seen before, against what went out."""
    first = session.get_one(Issue, issue.corrects_id)
    row = full_of(editions_of(session, first))
    if row is None:
        return None
    sent = as_edition(row)
    return replace(
        _since(sent, edition, None, first.id),
        changes=words_since_first(session, settings, issue, first, edition),
        pictures=not set(edition.pictures) <= set(sent.pictures),
    )


def _reworded(session: Session, issue: Issue, approval: Approval) -> Approval | None:
    """The yes of another person who was asked, too, and changed what this one is asked about."""
    return next(
        (
            each
            for each in approvals(session, issue.id)
            if each.asked_hash
            and each.content_hash == approval.content_hash
            and each.id != approval.id
        ),
        None,
    )


def _before(session: Session, issue: Issue, approval: Approval) -> Approval | None:
    had = [
        each
        for each in approvals(session, issue.id)
        if each.id < approval.id  # type: ignore[operator]
        and each.content_hash != approval.content_hash
        and (each.token_sha256 or each.decided_by)
    ]
    decided = [each for each in had if each.decided_by]
    return next(reversed(decided or had), None)


def _since(old: Edition, new: Edition, before: Approval | None, corrects: str = "") -> Since:
    return Since(
        who=(before.decided_by or before.asked or "") if before else "",
        when=(before.decided_at or before.requested_at) if before else None,
        answered=bool(before and before.decided_by),
        corrects=corrects,
        reworded=False,
        subject="" if old.subject == new.subject else old.subject,
        changes=texts.compared(text_of(old), text_of(new)),
        pictures=old.pictures != new.pictures,
    )
