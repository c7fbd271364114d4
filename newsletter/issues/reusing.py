"""Showing again what lies in stock: by choice, or where a section would be too short."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, exists, select
from sqlmodel import col

from newsletter import stories
from newsletter.content import Item
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import Issue, IssueState, Placement
from newsletter.models.story import STORY
from newsletter.models.submission import USABLE, Clearance, ClearanceState, Submission
from newsletter.queue.lookup import number_of
from newsletter.submissions import Place

from .assemble import fitting, known_section, require_accepted
from .board import Board
from .change import changed, opened
from .choosing import Candidate, Choice, Situation, choose
from .contents import facts_of
from .waiting import Desk, Waiting, clusters_of, facts_for, hindrance_of

TAKEN = "taken from stock"  # a line of the history
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_REST = timedelta(days=365)  # fill proposes nothing again sooner, unless a day was agreed


class NotToUse(Refused):
    sentence = "{why}"


class StandsThere(Refused):
    sentence = N_("{item} steht schon in {issue}.")


@dataclass(frozen=True, slots=True)
class Used:
    """The place that an item from stock was given, and where readers had it before."""

    issue_id: str
    reference: str
    section: str
    revision: int
    places: tuple[Place, ...]


def use(act: Act, key: str, reference: str, section: str | None = None) -> Used:
    """Give an item from stock a place in an issue, in the revision that its company agreed to.

    It is the same item, under the same clearances: for members only stays for members only, and
    what is withdrawn is withdrawn everywhere. NoneInStock, NotAccepted; NotToUse if its terms
    are over when the issue leaves, or it is too early.
    """
    issue = opened(act, key)
    it = act.settings.newsletter(issue.newsletter, issue.number)
    found = stories.show(act.session, act.settings, reference, act.now)
    submission, number = found.submission, number_of(found.submission)
    board = Board.of(act, issue)
    if number in board:
        raise StandsThere(item=submission.reference, issue=issue.id)
    require_accepted(act, issue, submission)
    day = _day(Desk(act.session, act.settings, act.now, issue))
    if why := stories.refusals(act.session, [number], issue.number, day).get(number):
        raise NotToUse(why=why)
    where = known_section(it, section) if section else fitting(it, submission)
    board.put(number, where, found.story.revision)
    board.write()
    changed(act, issue, "added", items=[submission.reference], before=board.before)
    act.record(STORY.noun, number, TAKEN, detail={"issue": issue.id})
    return Used(issue.id, submission.reference, where, found.story.revision, found.places)


def _day(desk: Desk) -> date:
    """The day on which the issue leaves, on people's clocks."""
    leaves = facts_of(desk.issue, desk.settings, (), desk.now).leaves
    return leaves.astimezone(desk.settings.zone).date()


# -- where a section would be too short ---------------------------------------------------


def from_stock(
    desk: Desk, it: Situation, there: Sequence[Waiting], chosen: Mapping[str, Choice]
) -> list[tuple[Waiting, Choice]]:
    """Items in stock for the sections that have fewer than their minimum: first those that no
    reader has seen, then the longest unseen. ``there``: what waited, and what became of it.
    """
    filled = _as_filled(it, there, chosen)
    short = [each for each in it.sections if filled.standing.get(each.key, 0) < each.minimum]
    if not short:
        return []
    stocked = {each.item.reference: each for each in _stocked(desk)}
    up_to = [each.model_copy(update={"maximum": each.minimum, "lead": False}) for each in short]
    found = choose([each.candidate for each in stocked.values()], replace(filled, sections=up_to))
    return [(stocked[key], choice) for key, choice in found.items() if choice.section]


def _as_filled(it: Situation, there: Sequence[Waiting], chosen: Mapping[str, Choice]) -> Situation:
    standing, held = Counter(it.standing), {name: list(held) for name, held in it.held.items()}
    for each in there:
        if section := chosen[each.item.reference].section:
            standing[section] += 1
            for cluster in each.candidate.clusters:
                held.setdefault(cluster, []).append(each.item.reference)
    return replace(it, standing=standing, held=held, lead=None)


def _stocked(desk: Desk) -> Iterator[Waiting]:
    kept, day = stories.in_stock(desk.session), _day(desk)
    refused = stories.refusals(desk.session, list(kept), desk.issue.number, day)
    rows = desk.session.execute(_cleared(desk, kept.keys() - refused.keys())).all()
    items = desk.items({number_of(s): kept[number_of(s)].revision for s, __ in rows})
    facts = facts_for(desk, items.values())
    last = _last_shown(desk, list(items))
    for submission, clearance in rows:
        number = number_of(submission)
        item, shown = items[number], last.get(number)
        rested = shown is None or kept[number].again_after or shown.at < desk.now - _REST
        if rested and not hindrance_of(submission, clearance, item, facts, desk):
            yield Waiting(submission, clearance, item, _candidate(item, shown), None)


def _candidate(item: Item, shown: "_Shown | None") -> Candidate:
    note = _("aus dem Vorrat, noch nie erschienen")
    if shown:
        note = _("aus dem Vorrat, zuletzt in {issue}").format(issue=shown.issue_id)
    return Candidate(
        item.reference,
        item.kind,
        shown.at if shown else _NEVER,
        clusters=clusters_of(item),
        pictured=item.picture is not None,
        notes=(note,),
    )


def _cleared(desk: Desk, numbers: Collection[int]) -> Select[Submission, Clearance]:
    """Accepted for this newsletter, and not in this issue."""
    here = exists().where(
        col(Placement.submission_id) == Submission.id, col(Placement.issue_id) == desk.issue.id
    )
    return (
        select(Submission, Clearance)
        .join(Clearance, col(Clearance.submission_id) == Submission.id)
        .where(
            col(Submission.id).in_(numbers),
            col(Submission.state).in_(USABLE),
            col(Clearance.newsletter) == desk.issue.newsletter,
            col(Clearance.state) == ClearanceState.ACCEPTED,
            ~here,
        )
        .order_by(col(Submission.id))
    )


class _Shown(NamedTuple):
    at: datetime
    issue_id: str


def _last_shown(desk: Desk, numbers: Collection[int]) -> dict[int, _Shown]:
    """When and where readers had these items last; an issue that is still to come counts as now."""
    rows = desk.session.execute(
        select(col(Placement.submission_id), col(Issue.opened_at), col(Issue.id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(col(Placement.submission_id).in_(numbers), col(Issue.state) != IssueState.CANCELLED)
    )
    found: dict[int, _Shown] = {}
    for number, at, issue_id in rows:
        shown = _Shown(at or desk.now, issue_id)
        found[number] = max(shown, found.get(number, shown))
    return found
