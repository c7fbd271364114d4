"""Taking an item out of everything that readers see, because the law wants it (DSGVO 17, KUG §22).

What was approved is on record by its hash, which stays; the item's words and pictures go from
the stored editions and from the disk. What mail programs have cannot be called back.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from sqlalchemy import or_, select, tuple_
from sqlmodel import Session, col

from newsletter import invalidation, submissions, texts
from newsletter.content import content_hash
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _, month, n_, speaking
from newsletter.models.cluster import Picture
from newsletter.models.issue import EditionRow, IssueState
from newsletter.models.submission import (
    SUBMISSION,
    USABLE,
    Revision,
    Submission,
    SubmissionState,
)
from newsletter.models.take_down import TakeDown
from newsletter.settings import Settings
from newsletter.texts import blanked

from . import telling
from .decide import STATE_WORDS
from .lookup import issues_holding, number_of, title_of

TAKEN_DOWN = "taken down"  # a line of an item's history
_TO_ITS_CONTRIBUTOR = N_(
    "Er musste aus rechtlichen Gründen entfernt werden. Auch im Archiv steht er nicht mehr."
)


class NeverShown(Refused):
    sentence = N_("{reference} ist {state}; zu entfernen gibt es da nichts.")


class WhyTakenDown(Refused):
    sentence = N_(
        "Zum Entfernen gehört ein Grund; er steht nur im Protokoll und wird nirgends gezeigt:"
        ' newsletter queue take-down {reference} --reason "…"'
    )


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What was taken out, and what is left to do."""

    reference: str
    title: str
    stopped: tuple[tuple[str, IssueState], ...]
    drafts: tuple[str, ...]  # the item must be taken out there
    blanked: tuple[str, ...]  # the issues whose stored editions do not hold it any more
    elsewhere: tuple[str, ...]  # of these, who name its title elsewhere still: in the subject …
    pictures: tuple[str, ...]  # keys of pictures whose files shall go: ``remove_files``
    shared: tuple[str, ...]  # other items that show one of its pictures


def taken_down(session: Session) -> set[int]:
    """The ids of all submissions that no reader may see any more."""
    return set(session.scalars(select(col(TakeDown.submission_id))))


def picture_taken_down(session: Session, key: str) -> bool:
    """Whether a picture belonged to an item that was taken down."""
    its = (
        select(col(Picture.id))
        .join(Revision, col(Revision.picture_id) == col(Picture.id))
        .join(TakeDown, col(TakeDown.submission_id) == col(Revision.submission_id))
        .where(col(Picture.key) == key)
    )
    return session.scalars(its.limit(1)).first() is not None


def take_down(act: Act, reference: str, reason: str) -> TakenDown:
    """Take an item out of all that readers see, for ever; done again, it does the same again.

    Whoever may still decide about it withdraws it thereby: its contributor hears of it, without
    the reason, and issues that hold it lose their approval. Its words go from every stored
    edition, whose hash stays. NeverShown, WhyTakenDown.
    """
    submission = submissions.by_reference(act.session, reference)
    reason = texts.block(reason)
    if submission.state is SubmissionState.DRAFT:
        state = _(STATE_WORDS[submission.state])
        raise NeverShown(reference=submission.reference, state=state)
    if not reason:
        raise WhyTakenDown(reference=submission.reference)
    stopped = _withdrawn(act, submission) if submission.state in USABLE else []
    builds = _blank(act, submission)
    keys, shared = _pictures(act.session, submission)
    if act.session.get(TakeDown, submission.id) is None:
        act.session.add(
            TakeDown(
                submission_id=number_of(submission),
                reason=reason,
                taken_down_at=act.now,
                taken_down_by=act.actor.name,
            )
        )
    detail = {"issues": sorted(builds), "pictures": len(keys)}
    act.record(SUBMISSION.noun, submission.id, TAKEN_DOWN, why=reason, detail=detail)
    holding = issues_holding(act.session, submission)
    return TakenDown(
        submission.reference,
        title_of(act.session, submission),
        tuple(stopped),
        tuple(issue.id for issue in holding if issue.state is IssueState.DRAFT),
        tuple(sorted(builds)),
        tuple(sorted(key for key, elsewhere in builds.items() if elsewhere)),
        tuple(keys),
        tuple(shared),
    )


def remove_files(settings: Settings, keys: Iterable[str]) -> None:
    """Delete pictures from the disk; for when the take-down is committed. OSError."""
    for key in keys:
        if (folder := settings.media / key).is_dir():
            shutil.rmtree(folder)


def _withdrawn(act: Act, submission: Submission) -> list[tuple[str, IssueState]]:
    said = _("{reference} musste aus rechtlichen Gründen entfernt werden.")
    why = said.format(reference=submission.reference)
    stopped = invalidation.invalidate_issues(act, [number_of(submission)], why)
    act.move(submission, SUBMISSION, SubmissionState.WITHDRAWN, why=why)
    telling.keep_true(act, submission)
    with speaking(act.settings.language):
        to_them = _(_TO_ITS_CONTRIBUTOR)
    telling.withdrawn(act, submission, to_them, issues_holding(act.session, submission))
    return stopped


# -- the stored editions --------------------------------------------------------------------


def _blank(act: Act, submission: Submission) -> dict[str, bool]:
    """Every build that shows the item is without it now; by issue, whether it names it still."""
    marks = (f'id="{submission.reference}"', f"item-{submission.reference}")
    showing = or_(*(col(EditionRow.html).contains(mark, autoescape=True) for mark in marks))
    build = tuple_(col(EditionRow.issue_id), col(EditionRow.content_hash))
    builds = select(col(EditionRow.issue_id), col(EditionRow.content_hash)).where(showing)
    stored = (
        select(EditionRow).where(build.in_(builds)).order_by(*build.clauses, col(EditionRow.id))
    )
    found: dict[str, bool] = {}
    its = groupby(act.session.scalars(stored), key=lambda it: (it.issue_id, it.content_hash))
    for (issue_id, __), its_rows in its:
        rows = list(its_rows)
        if any(blanked.holds(row.html, submission.reference) for row in rows):  # q1 is in q10, too
            elsewhere = _blank_build(act, submission, rows)
            found[issue_id] = found.get(issue_id, False) or elsewhere
    act.session.flush()
    return found


def _blank_build(act: Act, submission: Submission, rows: Sequence[EditionRow]) -> bool:
    """What was not as approved before, stays marked so: its hash is not taken for right."""
    true = content_hash(row.frozen() for row in rows) == (
        rows[0].blanked_hash or rows[0].content_hash
    )
    known = [words for row in rows for words in blanked.headings(row.html).values()]
    titles = {blanked.headings(row.html).get(submission.reference, "") for row in rows} - {""}
    day = act.now.astimezone(act.settings.zone).date()
    for row in rows:
        with speaking(row.frozen().language):
            said = _("Dieser Beitrag wurde am {day}. {month} {year} entfernt.")
            said = said.format(day=day.day, month=month(day.month), year=day.year)
            _blank_row(row, submission, said, _("Entfernter Beitrag"), sorted(titles), known)
    if true:
        rest = content_hash(row.frozen() for row in rows)
        for row in rows:
            row.blanked_hash = rest
    act.session.add_all(rows)
    return any(
        blanked.names(f"{row.subject}\n{row.html}\n{row.text}", title)
        for row in rows
        for title in titles
    )


def _blank_row(
    row: EditionRow,
    submission: Submission,
    said: str,
    line: str,
    titles: Sequence[str],
    known: Sequence[str],
) -> None:
    shown = blanked.holds(row.html, submission.reference)
    if shown:
        row.html = blanked.from_html(row.html, submission.reference, said, line)
    for title in titles if shown or not row.html else ():  # no HTML part: as the full edition
        row.text = blanked.from_text(row.text, title, known, said, line)
    for title in titles:
        row.html = blanked.unnamed(row.html, title, escape(line), _leads())
        row.text = blanked.unnamed(row.text, title, line, _leads())
    row.calendar = blanked.from_calendar(row.calendar, submission.uid or "")


def _leads() -> tuple[str, ...]:
    """What stands before a title in the first line of the dates (``rendering.variants``)."""
    lines = (n_("Ein Termin: {title}", "{n} Termine, zuerst: {title}", n) for n in (1, 2))
    return tuple(each.partition("{title}")[0].removeprefix("{n}").strip() for each in lines)


def _pictures(session: Session, submission: Submission) -> tuple[list[str], list[str]]:
    """The keys of the pictures that only this item has had, and who shares the others."""
    of_item = select(col(Revision.picture_id)).where(
        col(Revision.submission_id) == submission.id, col(Revision.picture_id).is_not(None)
    )
    gone = select(col(TakeDown.submission_id))
    others = session.execute(
        select(col(Revision.picture_id), col(Revision.submission_id)).where(
            col(Revision.picture_id).in_(of_item),
            col(Revision.submission_id) != submission.id,
            col(Revision.submission_id).not_in(gone),
        )
    ).all()
    kept = {picture for picture, __ in others}
    rows = session.execute(
        select(col(Picture.id), col(Picture.key))
        .where(col(Picture.id).in_(of_item))
        .order_by(col(Picture.id))
    )
    keys = [key for number, key in rows if number not in kept]
    return keys, sorted({f"q{number}" for __, number in others})
