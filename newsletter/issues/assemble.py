"""Putting an issue together: items get their places, move, and go out again."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from newsletter import submissions, texts
from newsletter.content import Audience
from newsletter.errors import Invalid, NewsletterError, Problem, Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.correction import Correction
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.submission import USABLE, Clearance, ClearanceState, Submission
from newsletter.queue.lookup import number_of
from newsletter.settings import NewsletterSettings

from .board import Board
from .by_day import put_by_day, renew
from .change import changed, opened
from .choosing import sections_for
from .meeting import meet
from .notes import noted
from .plan import Plan


class NotAccepted(Refused):
    sentence = N_(
        "{reference} ist für {newsletter} nicht angenommen."
        " Zuerst: newsletter queue accept {reference} --for {newsletter}"
    )


class StaysWithMembers(Refused):
    sentence = N_("{reference} ist nur für Mitglieder bestimmt und kommt nicht in {issue}.")


class Gone(Refused):
    sentence = N_("{reference} wurde zurückgezogen oder ist in einem anderen Beitrag aufgegangen.")


class NoSection(Refused):
    sentence = N_(
        "{reference} passt nach newsletter.toml in keine Rubrik."
        " Bitte --section angeben ({sections})."
    )


class UnknownSection(WrongUsage):
    sentence = N_("Die Rubrik „{section}“ gibt es nicht. Bekannt: {sections}.")


class NotInIssue(Refused):
    sentence = N_("{reference} steht nicht in {issue}.")


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of one item."""

    reference: str
    section: str
    revision: int
    before: int | None = None  # the revision that stood there until now
    elsewhere: tuple[str, ...] = ()  # other issues of this newsletter that hold it


def add(
    act: Act,
    key: str,
    references: Sequence[str],
    section: str | None = None,
    position: int | None = None,
) -> list[Addition]:
    """Give accepted items a place, or take their newest revision where they stand already.

    All or none. The section is the first one that fits, unless named; the place is the last
    one there, and a date's the one by its day, unless ``position`` (from 1) is given.
    """
    issue = opened(act, key)
    it = act.settings.newsletter(issue.newsletter, issue.number)
    board = Board.of(act, issue)
    done = []
    for offset, submission in enumerate(_submissions(act, references)):
        require_accepted(act, issue, submission)
        at = None if position is None else position + offset
        done.append(_put(act, board, it, submission, section, at))
    if board.write():
        items = [each.reference for each in done]
        changed(act, issue, "added", items=items, before=board.before)
    return done


def _put(
    act: Act,
    board: Board,
    it: NewsletterSettings,
    submission: Submission,
    section: str | None,
    at: int | None,
) -> Addition:
    number = number_of(submission)
    before = board.pins.get(number)
    stays = before is not None and section is None and at is None
    if stays:
        where = board.section_of(number)
        renew(act, board, submission)
    else:
        where = known_section(it, section) if section else fitting(it, submission)
        if at is None:
            put_by_day(act, board, where, submission)
        else:
            board.put(number, where, submission.revision, at)
    others = _elsewhere(act, board.issue, number)
    return Addition(submission.reference, where, submission.revision, before, others)


def _submissions(act: Act, references: Sequence[str]) -> list[Submission]:
    """In the order given, each once. NotFound."""
    found = [submissions.by_reference(act.session, each) for each in references]
    return list({submission.id: submission for submission in found}.values())


def require_accepted(act: Act, issue: Issue, submission: Submission) -> None:
    """Refuse an item that must not stand in this issue; the database would refuse it, too."""
    reference = submission.reference
    if submission.state not in USABLE:
        raise Gone(reference=reference)
    if issue.audience is Audience.PUBLIC and submission.reach is Audience.MEMBERS:
        raise StaysWithMembers(reference=reference, issue=issue.id)
    clearance = act.session.get(Clearance, (submission.id, issue.newsletter))
    accepted = clearance is not None and clearance.state is ClearanceState.ACCEPTED
    if not accepted or clearance.audience is not issue.audience:  # type: ignore[union-attr]
        raise NotAccepted(reference=reference, newsletter=issue.newsletter)


def _elsewhere(act: Act, issue: Issue, submission_id: int) -> tuple[str, ...]:
    holding = (
        select(col(Issue.id))
        .join(Placement, col(Placement.issue_id) == Issue.id)
        .where(
            col(Placement.submission_id) == submission_id,
            col(Issue.newsletter) == issue.newsletter,
            col(Issue.id) != issue.id,
            col(Issue.state) != IssueState.CANCELLED,
        )
        .order_by(col(Issue.id))
    )
    return tuple(act.session.scalars(holding))


def known_section(it: NewsletterSettings, section: str) -> str:
    """The key of a section that is configured. UnknownSection."""
    if section not in {each.key for each in it.sections}:
        raise UnknownSection(section=section, sections=_keys(it))
    return section


def _keys(it: NewsletterSettings) -> str:
    return ", ".join(each.key for each in it.sections)


def fitting(it: NewsletterSettings, submission: Submission) -> str:
    """The section an item goes to if nobody names one; NoSection. The lead is for a choice."""
    fits = sections_for(it.sections, submission.kind, from_source=submission.cluster_id is None)
    for section in sorted(fits, key=lambda each: each.lead):
        return section.key
    raise NoSection(reference=submission.reference, sections=_keys(it))


def remove(act: Act, key: str, references: Sequence[str]) -> Issue:
    """Take items out of an issue; all or none. NotInIssue."""
    issue = opened(act, key)
    board = Board.of(act, issue)
    gone = _submissions(act, references)
    for submission in gone:
        _require_standing(board, submission)
        board.take_out(number_of(submission))
    board.write()
    items = [submission.reference for submission in gone]
    changed(act, issue, "removed", items=items, before=board.before)
    return issue


def _require_standing(board: Board, submission: Submission) -> int:
    number = number_of(submission)
    if number not in board:
        raise NotInIssue(reference=submission.reference, issue=board.issue.id)
    return number


def move(
    act: Act,
    key: str,
    reference: str,
    *,
    section: str | None = None,
    before: str | None = None,
    to: int | None = None,
) -> Issue:
    """Move an item to another section, before another item, or to a position (from 1)."""
    issue = opened(act, key)
    it = act.settings.newsletter(issue.newsletter, issue.number)
    board = Board.of(act, issue)
    submission = submissions.by_reference(act.session, reference)
    number = _require_standing(board, submission)
    pin = board.pins[number]
    where = known_section(it, section) if section else board.section_of(number)
    other = before and _require_standing(board, submissions.by_reference(act.session, before))
    board.take_out(number)
    if other and other != number:
        where = board.section_of(other)
        to = board.order[where].index(other) + 1
    board.put(number, where, pin, to)
    if board.write():
        changed(act, issue, "moved", item=submission.reference, before=board.before)
    return issue


def swap(act: Act, key: str, one: str, other: str) -> Issue:
    """Exchange the places of two items; one that stands outside takes the other's place.

    NotInIssue if neither stands there; refuses an outsider as ``add`` does.
    """
    issue = opened(act, key)
    board = Board.of(act, issue)
    pair = _submissions(act, [one, other])
    if not any(number_of(each) in board for each in pair):
        raise NotInIssue(reference=pair[-1].reference, issue=issue.id)
    pins = {number_of(each): each.revision for each in pair} | board.pins
    for outside in (each for each in pair if number_of(each) not in board):
        require_accepted(act, issue, outside)
    board.exchange(number_of(pair[0]), number_of(pair[-1]), pins)
    if board.write():
        items = [each.reference for each in pair]
        changed(act, issue, "moved", items=items, before=board.before)
    return issue


# -- one document -------------------------------------------------------------------------


def edit(act: Act, key: str, plan: Plan, seen: int | None = None) -> Issue:
    """Make an issue as planned; items that the plan leaves out are taken out.

    Invalid names what cannot be: "subject", "section <key>" or a reference as written.
    What others changed since the version that was ``seen`` is joined with it: BothChanged if
    they changed the same otherwise, ChangedMeanwhile if nobody wrote down how it stood.
    """
    issue = opened(act, key)
    board = Board.of(act, issue)
    if seen is not None and issue.version != seen:
        plan = meet(act, issue, board, plan, seen)
    wanted, problems = _planned(act, issue, plan)
    subject = texts.line(plan.subject)
    if not subject:
        problems.insert(0, Problem("subject", _("Der Betreff fehlt.")))
    its = act.session.get(Correction, issue.id)
    note = _note_in(plan, its, problems)
    if problems:
        raise Invalid(problems)
    pins = dict(board.pins)
    board.clear()
    for section, submission in wanted:
        number = number_of(submission)
        board.put(number, section, pins.get(number, submission.revision))
    moved = board.write()
    words = (subject, texts.line(plan.preheader), texts.markdown(plan.opening))
    same = words == (issue.subject, issue.preheader, issue.opening)
    if moved or not same or (its and its.note != note):
        before = board.before | ({"note": its.note} if its else {})
        changed(act, issue, "edited", before=before)
        issue.subject, issue.preheader, issue.opening = words
        if its:
            its.note = note
        act.session.add(issue)
        act.session.flush()
    return issue


def _note_in(plan: Plan, its: Correction | None, problems: list[Problem]) -> str:
    """A correction's note as planned, or as it stands where the plan says nothing of it."""
    if its is None and plan.note:
        problems.append(Problem("note", _("Einen solchen Hinweis hat nur eine Korrektur.")))
    if its is None or plan.note is None:
        return its.note if its else ""
    try:
        return noted(its.issue_id, plan.note)
    except Refused as wrong:
        problems.append(Problem("note", str(wrong)))
        return its.note


def _planned(
    act: Act, issue: Issue, plan: Plan
) -> tuple[list[tuple[str, Submission]], list[Problem]]:
    it = act.settings.newsletter(issue.newsletter, issue.number)
    wanted: list[tuple[str, Submission]] = []
    problems: list[Problem] = []
    seen: set[int | None] = set()
    for section, references in plan.order:
        try:
            known_section(it, section)
        except UnknownSection as error:
            problems.append(Problem(f"section {section}", str(error)))
        for reference in references:
            try:
                submission = submissions.by_reference(act.session, reference)
                require_accepted(act, issue, submission)
            except NewsletterError as error:
                problems.append(Problem(reference, str(error)))
                continue
            if submission.id in seen:
                twice = _("{reference} steht schon weiter oben.").format(reference=reference)
                problems.append(Problem(reference, twice))
            seen.add(submission.id)
            wanted.append((section, submission))
    return wanted, problems
