"""What a correction changes in the issue that it corrects, as people read both."""

import re
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import rendering, texts
from newsletter.content import Edition
from newsletter.language import _, speaking
from newsletter.models.correction import Correction
from newsletter.models.issue import Approval, ApprovalState, EditionRow, Issue, Placement
from newsletter.settings import Settings
from newsletter.texts import Change
from newsletter.texts.typography import letters

from .guard import as_edition, editions_of, full_of, stored
from .neutral import text_of
from .register import approvals


def since_first(
    session: Session, settings: Settings, issue: Issue, edition: Edition
) -> list[Change]:
    """What the first issue said and this edition does not, and what it says instead.

    Of a letter only what it says: what it leaves out is not taken back. Names and addresses
    of the issues themselves do not count. Empty for an issue that corrects nothing.
    """
    if issue.corrects_id is None:
        return []
    first = session.get_one(Issue, issue.corrects_id)
    changes = [_subject(first.subject, edition.subject)] if first.subject != edition.subject else []
    return changes + words_since_first(session, settings, issue, first, edition)


def words_since_first(
    session: Session, settings: Settings, issue: Issue, first: Issue, edition: Edition
) -> list[Change]:
    """The same without the subject; ``issue`` corrects ``first``."""
    sent = full_of(editions_of(session, first))
    if sent is None:
        return []
    its = session.get_one(Correction, issue.id)
    changes = texts.compared(_as_ours(settings, sent, first, issue), text_of(edition))
    return _as_letter(changes) if its.letter else changes


def _as_letter(changes: Iterable[Change]) -> list[Change]:
    """What a letter says; what went before stands there only for a sentence that it corrects."""
    return [
        change if any(piece.changed for piece in change.new) else replace(change, gone=())
        for change in changes
        if change.new
    ]


def since_yes(
    session: Session, issue: Issue, edition: Edition
) -> tuple[Approval, list[Change]] | None:
    """The last yes that somebody gave, and what changed since; None if nobody ever said yes."""
    yes = next((it for it in reversed(approvals(session, issue.id)) if _said_yes(it)), None)
    if yes is None:
        return None
    row = stored(session, issue, yes.content_hash)
    if row is None:
        return None
    before = as_edition(row)
    changes = [_subject(before.subject, edition.subject)]
    changes = [] if before.subject == edition.subject else changes
    return yes, changes + texts.compared(text_of(before), text_of(edition))


def _said_yes(it: Approval) -> bool:
    return it.decided_by is not None and it.state is not ApprovalState.DECLINED


def changes_nothing(
    session: Session, settings: Settings, issue: Issue, edition: Edition, items: Iterable[int]
) -> bool:
    """Whether a correction that takes the whole issue anew says just what the first one said."""
    if issue.corrects_id is None or session.get_one(Correction, issue.id).letter:
        return False
    first = session.get_one(Issue, issue.corrects_id)
    own = {letters(first.subject), letters(first.preheader)}
    struck = [
        change
        for change in since_first(session, settings, issue, edition)
        if change.gone and letters(texts.plain(change.gone)) not in own
    ]
    return not struck and set(items) <= _standing(session, first.id)


def _subject(gone: str, new: str) -> Change:
    return Change(_("Betreff"), (texts.Piece(gone, False),), (texts.Piece(new, False),))


def _as_ours(settings: Settings, sent: EditionRow, first: Issue, issue: Issue) -> str:
    """The first issue's text, with this one's name above it and its addresses in it."""
    edition = as_edition(sent)
    with speaking(edition.language):
        theirs, ours = (rendering.issue_name(each.number) for each in (first, issue))
    text = re.sub(rf"{re.escape(theirs)}(?=\n=)", ours, text_of(edition), count=1)
    archive, read = settings.links.archive, settings.links.read
    text = text.replace(
        archive(first.newsletter, first.number), archive(issue.newsletter, issue.number)
    )
    return text.replace(read(first.read_key), read(issue.read_key))


def _standing(session: Session, issue_id: str) -> set[int]:
    its = select(col(Placement.submission_id)).where(col(Placement.issue_id) == issue_id)
    return set(session.scalars(its))
