"""Making one item of several that say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from newsletter import submissions
from newsletter.content import Audience
from newsletter.errors import Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.cluster import Cluster
from newsletter.models.issue import IssueState
from newsletter.models.submission import SUBMISSION, USABLE, Credit, Submission, SubmissionState

from . import telling
from .decide import STATE_WORDS, NotDecidable, free_place
from .lookup import clearances_of, number_of, title_of
from .own import PICTURE, edit

# What another item may add where the kept one has nothing.
_FILLED = ("body", "link", "location", "register_by", "challenge", "solution", "result", "quote")


class WithItself(WrongUsage):
    sentence = N_("{reference} lässt sich nicht mit sich selbst zusammenführen.")


class OfAnotherKind(Refused):
    sentence = N_("{reference} und {other} sind nicht von derselben Art.")


class WouldBecomePublic(Refused):
    sentence = N_(
        "{other} ist nur für Mitglieder bestimmt, {reference} auch für die Öffentlichkeit."
        " Zusammenführen geht nur umgekehrt: newsletter queue merge {other} {reference}"
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """The item that stays: what it took over, whom it credits, where an older text stands."""

    reference: str
    title: str
    revision: int
    merged: tuple[str, ...]
    filled: tuple[str, ...]  # fields
    credited: tuple[str, ...]  # names of clusters, besides its own
    also_wanted: tuple[str, ...]  # newsletters that only the others were handed in for
    older_in: tuple[str, ...]
    stopped: tuple[tuple[str, IssueState], ...]  # by a later embargo


def merge(act: Act, keep: str, others: Sequence[str]) -> Merged:
    """Merge ``others`` into ``keep``, which takes from them, in their order, what it lacks.

    What it has, stays; of two embargoes the later one holds. Every cluster is credited and
    every registered contributor told. Refuses what would show members' words to the public,
    and another item that stands in an issue, has gone out or is published.
    """
    kept = submissions.by_reference(act.session, keep)
    found = [submissions.by_reference(act.session, each) for each in others]
    gone = list({each.id: each for each in found}.values())
    _mergeable(kept, gone)
    for other in gone:
        for clearance in clearances_of(act.session, other):
            free_place(act, other, clearance.newsletter)
    before = submissions.facts_of(act.session, kept)
    facts = dict(before)
    for other in gone:
        facts |= _missing(facts, submissions.facts_of(act.session, other))
    edited = None
    if facts != before:
        names = ", ".join(other.reference for other in gone)
        why = _("zusammengeführt mit {references}").format(references=names)
        edited = edit(act, kept.reference, facts, kept.revision, why)
    for other in gone:
        _credit(act, kept, other)
        why = _("in {reference} aufgegangen").format(reference=kept.reference)
        act.move(other, SUBMISSION, SubmissionState.MERGED, why=why, merged_into_id=kept.id)
        telling.keep_true(act, other)
    credited = _credited(act, kept)
    _tell(act, kept, gone, credited)
    return Merged(
        kept.reference,
        title_of(act.session, kept),
        kept.revision,
        tuple(other.reference for other in gone),
        tuple(name for name in facts if facts[name] != before.get(name)),
        tuple(credited),
        _also_wanted(act, kept, gone),
        edited.older_in if edited else (),
        edited.stopped if edited else (),
    )


def _mergeable(kept: Submission, gone: Sequence[Submission]) -> None:
    for each in (kept, *gone):
        if each.state not in USABLE:
            raise NotDecidable(reference=each.reference, state=_(STATE_WORDS[each.state]))
    for other in gone:
        if other.id == kept.id:
            raise WithItself(reference=kept.reference)
        if other.kind is not kept.kind:
            raise OfAnotherKind(reference=kept.reference, other=other.reference)
        if other.reach is Audience.MEMBERS and kept.reach is Audience.PUBLIC:
            raise WouldBecomePublic(reference=kept.reference, other=other.reference)


def _missing(facts: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """What ``more`` adds to ``facts``. A picture comes whole, and only with its rights."""
    found = {name: more[name] for name in _FILLED if name in more and name not in facts}
    rights = facts.get("rights_confirmed") and more.get("rights_confirmed")
    if "image" in more and "image" not in facts and rights:
        found |= {name: more[name] for name in PICTURE if name in more}
    if more.get("embargo_until", "") > facts.get("embargo_until", ""):
        found["embargo_until"] = more["embargo_until"]
    return found


def _credit(act: Act, kept: Submission, other: Submission) -> None:
    inherited = act.session.scalars(
        select(Credit.cluster_id).where(col(Credit.submission_id) == other.id)
    ).all()
    for cluster_id in (other.cluster_id, *inherited):
        known = act.session.get(Credit, (kept.id, cluster_id)) if cluster_id else True
        if cluster_id and cluster_id != kept.cluster_id and not known:
            act.session.add(Credit(submission_id=number_of(kept), cluster_id=cluster_id))
            act.session.flush()


def _credited(act: Act, kept: Submission) -> list[str]:
    credits_ = select(Cluster.name).join(Credit, col(Credit.cluster_id) == col(Cluster.id))
    mine = credits_.where(col(Credit.submission_id) == kept.id).order_by(col(Cluster.name))
    return list(act.session.scalars(mine))


def _also_wanted(act: Act, kept: Submission, gone: Sequence[Submission]) -> tuple[str, ...]:
    asked = {clearance.newsletter for clearance in clearances_of(act.session, kept)}
    if kept.reach is Audience.MEMBERS:
        asked |= {s for s, it in act.settings.newsletters.items() if it.audience != kept.reach}
    more = {each.newsletter for other in gone for each in clearances_of(act.session, other)}
    return tuple(sorted(more - asked))


def _tell(act: Act, kept: Submission, gone: Sequence[Submission], credited: list[str]) -> None:
    first = act.session.get(Cluster, kept.cluster_id) if kept.cluster_id else None
    names = [first.name if first else kept.source or "", *credited]
    for each in (kept, *gone):
        telling.merged(act, each, kept, names)
