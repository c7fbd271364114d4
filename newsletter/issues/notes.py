"""What a note says is right: of a correction, and at an item in the archive."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from newsletter import submissions, texts
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.correction import Erratum
from newsletter.models.issue import PUBLIC_FROM, Issue, Placement
from newsletter.models.submission import SUBMISSION, Submission

from .register import find

LONGEST = 500  # characters


class NoNote(Refused):
    sentence = N_(
        "Zu {what} fehlt, was falsch war und was richtig ist; Leserinnen und Leser sehen es. Zum"
        ' Beispiel: --note "Die Tagung ist am 16. März, nicht am 15."'
    )


class NoteTooLong(Refused):
    sentence = N_("Der Hinweis hat {length} Zeichen; höchstens {most} gehen.")


def noted(what: str, note: str) -> str:
    """A note as it is kept: on one line. NoNote, NoteTooLong."""
    said = texts.line(note)
    if not said:
        raise NoNote(what=what)
    if len(said) > LONGEST:
        raise NoteTooLong(length=len(said), most=LONGEST)
    return said


# -- at an item in the archive ----------------------------------------------------------------

NOTED, TAKEN_BACK = "noted in the archive", "note in the archive taken back"  # in its history


class NowhereYet(Refused):
    sentence = N_(
        "{reference} steht in keiner Ausgabe, die schon erschienen ist. Den Beitrag bearbeiten:"
        " newsletter queue edit {reference}"
    )


class NotInThere(Refused):
    sentence = N_(
        "{reference} steht nicht in {issue}, oder sie ist noch nicht erschienen. Erschienen ist"
        " der Beitrag in: {known}"
    )


class NoNoteThere(Refused):
    sentence = N_("An {reference} steht im Archiv kein Hinweis.")


@dataclass(frozen=True, slots=True)
class Noted:
    """A note at an item, and the issues in which it stands (or stood)."""

    reference: str
    note: str
    issues: tuple[Issue, ...]


def annotate(act: Act, reference: str, note: str, *keys: str) -> Noted:
    """Put a note at an item in every issue that is out, or in those named: the frozen text stays,
    and no mail goes out. NowhereYet, NotInThere, NoNote, NoteTooLong.
    """
    submission = submissions.by_reference(act.session, reference)
    said = noted(submission.reference, note)
    issues = _out_with(act, submission, keys)
    rows = [
        Erratum(
            issue_id=issue.id,
            submission_id=submission.id or 0,
            note=said,
            noted_at=act.now,
            noted_by=act.actor.name,
        )
        for issue in issues
    ]
    act.session.add_all(rows)
    act.session.flush()
    detail = {"issues": [issue.id for issue in issues], "notes": [row.id for row in rows]}
    act.record(SUBMISSION.noun, submission.id, NOTED, why=said, detail=detail)
    return Noted(submission.reference, said, tuple(issues))


def take_note_back(
    act: Act, reference: str, key: str | None = None, notes: Collection[int] = ()
) -> Noted:
    """Take the newest note at an item away again, wherever it stands (or from one issue);
    or these ``notes``. NoNoteThere.
    """
    submission = submissions.by_reference(act.session, reference)
    theirs = select(Erratum).where(col(Erratum.submission_id) == submission.id)
    if key is not None:
        theirs = theirs.where(col(Erratum.issue_id) == find(act.session, key).id)
    if notes:
        theirs = theirs.where(col(Erratum.id).in_(notes))
    rows = act.session.scalars(theirs.order_by(col(Erratum.id).desc())).all()
    if not rows:
        raise NoNoteThere(reference=submission.reference)
    gone = [row for row in rows if row.noted_at == rows[0].noted_at]
    issues = tuple(act.session.get_one(Issue, row.issue_id) for row in reversed(gone))
    for row in gone:
        act.session.delete(row)
    detail = {"issues": [issue.id for issue in issues]}
    act.record(SUBMISSION.noun, submission.id, TAKEN_BACK, why=rows[0].note, detail=detail)
    return Noted(submission.reference, rows[0].note, issues)


def _out_with(act: Act, submission: Submission, keys: Sequence[str]) -> Sequence[Issue]:
    """The issues that hold an item and that readers may see, the oldest first."""
    its = (
        select(Issue)
        .join(Placement, col(Placement.issue_id) == col(Issue.id))
        .where(
            col(Placement.submission_id) == submission.id,
            col(Issue.state).in_(PUBLIC_FROM),
            col(Issue.recipients).is_not(None),
        )
        .order_by(col(Issue.opened_at), col(Issue.id))
    )
    issues = act.session.scalars(its).all()
    if not issues:
        raise NowhereYet(reference=submission.reference)
    wanted = {find(act.session, key).id for key in keys}
    if missing := wanted - {issue.id for issue in issues}:
        known = ", ".join(issue.id for issue in issues)
        raise NotInThere(reference=submission.reference, issue=min(missing), known=known)
    return [issue for issue in issues if not wanted or issue.id in wanted]
