"""What editors have made of a contributor's words, as a difference."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter.language import _
from newsletter.models.submission import ChangeRequest, ChangeState, Revision, Submission
from newsletter.settings import Settings

from .changes import Line, difference
from .facts import Facts
from .reading import as_facts, revision_of
from .spoken import readers_see


def edits_of(
    session: Session, settings: Settings, submission: Submission, number: int | None = None
) -> dict[str, list[Line]]:
    """By field, as people call it: what a revision (else the newest) says otherwise than the
    contributor did. Nothing for what nobody else has touched.

    A wish that editors took over counts as the contributor's own words.
    """
    revision = revision_of(session, submission, number)
    if revision.number == 1:
        return {}
    editors = {each.name for each in settings.editors}
    own = _own(session, submission, revision.number, editors)
    before = readers_see(_own_words(session, submission, own, revision.number), settings)
    after = readers_see(as_facts(session, submission, revision), settings)
    found = _differences(before, after)
    if own.picture_id and revision.picture_id and own.picture_id != revision.picture_id:
        # of the same words perhaps: what they describe is another one
        found.setdefault(_("Bild"), difference(_("das bisherige Bild"), _("ein anderes Bild")))
    return found


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[Line]]:
    names = [*after, *(name for name in before if name not in after)]
    return {
        name: difference(before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    }


def _own(session: Session, submission: Submission, upto: int, editors: Collection[str]) -> Revision:
    """The last revision that the contributor made."""
    revisions = session.scalars(
        select(Revision)
        .where(col(Revision.submission_id) == submission.id, col(Revision.number) <= upto)
        .order_by(col(Revision.number).desc())
    )
    return next(each for each in revisions if _by_contributor(each, editors))


def _own_words(session: Session, submission: Submission, own: Revision, upto: int) -> Facts:
    """What the contributor said last, with what they have asked for since."""
    taken = session.scalars(
        select(ChangeRequest)
        .where(
            col(ChangeRequest.submission_id) == submission.id,
            col(ChangeRequest.state) == ChangeState.TAKEN_OVER,
            col(ChangeRequest.revision) >= own.number,
            col(ChangeRequest.revision) < upto,
        )
        .order_by(col(ChangeRequest.id))
    )
    words: dict[str, Any] = {name: it or None for each in taken for name, it in each.wanted.items()}
    if "body" in words:
        words["body"] = words["body"] or ""
    return replace(as_facts(session, submission, own), **words)


def _by_contributor(revision: Revision, editors: Collection[str]) -> bool:
    """The first one, and those made on the status page: by an address, or „web“.

    An editor may have an address for a name, too.
    """
    by = revision.made_by
    return revision.number == 1 or by == "web" or ("@" in by and by not in editors)


def words_of(
    session: Session, settings: Settings, submission: Submission, number: int
) -> list[tuple[str, str]]:
    """A revision as readers get it, field by field; the text last."""
    facts = as_facts(session, submission, revision_of(session, submission, number))
    seen = readers_see(facts, settings)
    text = seen.pop(_("Text"), "")
    return [*seen.items(), *([(_("Text"), text)] if text else [])]
