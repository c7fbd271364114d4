"""Two who edited one item from the same revision: both are joined, or a person chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from newsletter import submissions
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.models.event import Event
from newsletter.models.submission import CLEARANCE, Revision, Submission
from newsletter.submissions.joining import Joined, as_json, join
from newsletter.submissions.spoken import field_name

from .decide import UNASKED

JOINED = N_("zusammengeführt mit dem, was inzwischen jemand anderes geschrieben hat")


@dataclass(frozen=True, slots=True)
class Met:
    """Whose revisions an edit met, up to which, and which fields of theirs went into it."""

    who: tuple[str, ...]
    upto: int
    theirs: tuple[str, ...]


class BothEdited(Refused):
    """Both changed the same; ``joined`` holds what both wrote, with mine where they clash."""

    sentence = N_(
        "{reference} hat inzwischen Fassung {now} von {who}. Dort und bei Ihnen anders: {fields}."
    )

    def __init__(self, joined: Joined, met: Met, **facts: Any) -> None:
        self.joined, self.met = joined, met
        names = [field_name(clash.name) for clash in joined.clashes]
        who = ", ".join(met.who)
        super().__init__(now=met.upto, who=who, fields=", ".join(names), **facts)


def meet(
    act: Act, submission: Submission, facts: Mapping[str, object], seen: int
) -> tuple[dict[str, Any], Met]:
    """What came of ``facts``, made from the revision ``seen``, and of the revisions since.

    Invalid for facts that are wrong in themselves; BothEdited where a person has to choose.
    """
    base = submissions.facts_of(act.session, submission, seen)
    theirs = submissions.facts_of(act.session, submission)
    base["targets"] = _targets_then(act, submission, seen, theirs["targets"])
    theirs["targets"] = sorted(theirs["targets"])
    rights = {"rights_confirmed": base.get("rights_confirmed", False)}
    rules = submissions.rules_of(act.settings, act.now, contributed=False, new=False)
    mine = as_json(submissions.understood({**rights, **facts}, rules))
    joined = join(base, mine, theirs)
    met = Met(_editors_since(act, submission, seen), submission.revision, joined.theirs)
    if joined.clashes:
        raise BothEdited(joined, met, reference=submission.reference)
    return {"rights_confirmed": False, **joined.facts}, met


def _editors_since(act: Act, submission: Submission, seen: int) -> tuple[str, ...]:
    made = act.session.scalars(
        select(col(Revision.made_by))
        .where(col(Revision.submission_id) == submission.id, col(Revision.number) > seen)
        .order_by(col(Revision.number))
    )
    return tuple(dict.fromkeys(made))


def _targets_then(act: Act, submission: Submission, seen: int, now: Sequence[str]) -> list[str]:
    """Where an item was to appear when a revision was the newest; its history tells."""
    since = submissions.revision_of(act.session, submission, seen + 1).made_at
    story = select(Event).where(
        col(Event.noun) == CLEARANCE.noun,
        col(Event.key).startswith(f"{submission.id}/", autoescape=True),
        col(Event.at) >= since,
        col(Event.what).is_not(None),
    )
    targets = set(now)
    for event in act.session.scalars(story.order_by(col(Event.id).desc())):
        slug = event.key.partition("/")[2]
        if event.what in {"asked", UNASKED}:
            targets.discard(slug)
        elif event.what == "no target any more":
            targets.add(slug)
    return sorted(targets)
