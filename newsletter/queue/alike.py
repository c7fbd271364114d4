"""Items that are likely the same, and how they become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from newsletter import submissions
from newsletter.content import Audience, EventState
from newsletter.models.submission import USABLE, ClearanceState, Submission
from newsletter.settings import Settings
from newsletter.submissions import Twin

from .listing import UNDECIDED, Entry, issues_of
from .lookup import clearances_of

LOOKED_AT = 100  # undecided items of a list, the oldest: each costs some milliseconds


@dataclass(frozen=True, slots=True)
class Alike:
    """The likely twins of one item, the likeliest first."""

    reference: str
    twins: tuple[Twin, ...]
    merge: tuple[str, str] | None  # with the likeliest: stays, goes


def alike(session: Session, settings: Settings, submission: Submission) -> Alike:
    """What is likely the same as this item; nothing, once it is withdrawn or merged."""
    if submission.state not in USABLE:
        return Alike(submission.reference, (), None)
    revision = submissions.revision_of(session, submission)
    traits = submissions.traits_of(revision, settings.zone)
    kind, zone = submission.kind, settings.zone
    twins = submissions.similar_to(session, zone, traits, kind, besides=submission.id)
    if not twins:
        return Alike(submission.reference, (), None)
    twin = session.get_one(Submission, twins[0].submission_id)
    pair = sorted((submission, twin), key=lambda each: each.id or 0)
    issues = issues_of(session, [each.id for each in pair])
    over = any(_is_over(session, each) for each in pair)
    merge = None if over else _order(pair, issues)
    return Alike(submission.reference, tuple(twins), merge)


def _order(
    pair: Sequence[Submission], issues: Mapping[int | None, Sequence[str]]
) -> tuple[str, str] | None:
    """The first in the queue stays, unless ``merge`` would refuse that; None: it refuses both."""
    for kept, gone in (pair, pair[::-1]):
        becomes_public = gone.reach is Audience.MEMBERS and kept.reach is Audience.PUBLIC
        if not becomes_public and not issues.get(gone.id):
            return kept.reference, gone.reference
    return None


def _is_over(session: Session, submission: Submission) -> bool:
    """Whether whatever goes into it would be lost: it is cancelled, or declined everywhere."""
    if submission.event_state is EventState.CANCELLED:
        return True
    return all(each.state is ClearanceState.DECLINED for each in clearances_of(session, submission))


def alike_in(session: Session, settings: Settings, entries: Sequence[Entry]) -> dict[str, Alike]:
    """By reference, of what waits for a decision; of the ``LOOKED_AT`` oldest."""
    waiting = [each.submission for each in entries if each.submission.state in UNDECIDED]
    return {each.reference: alike(session, settings, each) for each in waiting[:LOOKED_AT]}
