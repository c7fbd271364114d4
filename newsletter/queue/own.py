"""What editors write: their own items, and new revisions of any."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlmodel import col

from newsletter import clusters, invalidation, submissions, texts
from newsletter.content import Audience
from newsletter.errors import Invalid, Problem, Refused, WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, Issue, IssueState, Placement
from newsletter.models.submission import (
    CLEARANCE,
    SUBMISSION,
    USABLE,
    Clearance,
    ClearanceState,
    Revision,
    Submission,
    SubmissionState,
    Via,
)

from .decide import STATE_WORDS, free_place
from .lookup import clearances_of, newest_of, number_of
from .meeting import JOINED, Met, meet

PICTURE = ("image", "image_alt", "image_credit")  # the facts of a picture: they go together


class OneOrigin(WrongUsage):
    sentence = N_(
        "Von wem ist der Beitrag? Bitte entweder --source NAME oder --cluster KÜRZEL angeben"
        " (oder im Dokument source: oder cluster:)."
    )


class NoSuchBase(Refused):
    sentence = N_(
        "Ihr Dokument nennt Fassung {seen}; {reference} hat die Fassungen 1 bis {now}."
        " Bitte bei revision die Fassung angeben, von der Ihr Text ausgeht."
    )


class NoLongerEditable(Refused):
    sentence = N_("{reference} ist {state} und lässt sich nicht mehr bearbeiten.")


def add(
    act: Act,
    facts: Mapping[str, object],
    *,
    source: str | None = None,
    cluster: str | None = None,
) -> submissions.Receipt:
    """Take in an editor's own item, for a source or for a cluster (its slug).

    No letter goes out. Invalid names every problem, NotFound an unknown cluster.
    """
    source = texts.line(source or "") or None
    if (source is None) == (cluster is None):
        raise OneOrigin
    return submissions.receive(
        act,
        facts,
        cluster=clusters.get(act.session, cluster) if cluster else None,
        source=source,
        via=Via.EDITOR,
        by=act.actor.name,
    )


@dataclass(frozen=True, slots=True)
class Edited:
    """The new revision, and which issues still show an older one or had to be stopped.

    ``without_rights``: no issue may show it; ``picture_gone``: it went with its rights; ``met``:
    what others wrote meanwhile is in it, too.
    """

    reference: str
    revision: int
    older_in: tuple[str, ...]
    stopped: tuple[tuple[str, IssueState], ...]
    without_rights: bool
    picture_gone: bool
    met: Met | None = None


def edit(
    act: Act, reference: str, facts: Mapping[str, object], seen: int, why: str | None = None
) -> Edited:
    """Make a new revision from complete facts, which somebody made from the revision ``seen``.

    What others changed since is joined with it. BothEdited if they changed the same otherwise.
    Issues keep the revision they pinned; but a later embargo, or rights taken back, stops
    those that hold the item, and with the rights goes the picture. The targets of an editor's
    own item change with it; those of a contributor's are the contributor's.
    """
    submission = submissions.by_reference(act.session, reference)
    if submission.state not in USABLE:
        state = _(STATE_WORDS[submission.state])
        raise NoLongerEditable(reference=submission.reference, state=state)
    met = None
    if submission.revision != seen:
        require_known(submission, seen)
        facts, met = meet(act, submission, facts, seen)
        why = why or JOINED
    before = newest_of(act.session, submission)
    kept = _without_lost_picture(act, submission, before, facts)
    after = submissions.revise(act, submission, kept, by=act.actor.name, why=why)
    _retarget(act, submission, _slugs(facts))
    lost = _lost(submission.reference, before, after)
    number = number_of(submission)
    stopped = invalidation.invalidate_issues(act, [number], lost) if lost else []
    return Edited(
        submission.reference,
        after.number,
        _holding(act, number, after.number),
        tuple(stopped),
        without_rights=submissions.taken_back(submission, after, confirmed_then=False),
        picture_gone=kept is not facts,
        met=met,
    )


def require_known(submission: Submission, seen: int) -> None:
    """NoSuchBase unless this is one of the item's revisions."""
    if not 1 <= seen <= submission.revision:
        raise NoSuchBase(reference=submission.reference, now=submission.revision, seen=seen)


def _without_lost_picture(
    act: Act, submission: Submission, before: Revision, facts: Mapping[str, object]
) -> Mapping[str, object]:
    """Rights taken back take the standing picture away; a new one without rights is refused."""
    if not before.rights_confirmed or facts.get("rights_confirmed", True):
        return facts
    image = submissions.facts_of(act.session, submission).get("image")
    if image is None or facts.get("image") != image:
        return facts
    return {name: value for name, value in facts.items() if name not in PICTURE}


def _lost(reference: str, before: Revision, after: Revision) -> str | None:
    """Why an issue must not show this item as it was approved; None if it may."""
    if after.embargo_until and (
        before.embargo_until is None or after.embargo_until > before.embargo_until
    ):
        return _("{reference}: die Sperrfrist endet jetzt später").format(reference=reference)
    if before.rights_confirmed and not after.rights_confirmed:
        return _("{reference}: die Rechte sind nicht mehr bestätigt").format(reference=reference)
    return None


def _holding(act: Act, number: int, newest: int) -> tuple[str, ...]:
    older = (
        select(col(Placement.issue_id))
        .join(Issue, col(Issue.id) == Placement.issue_id)
        .where(
            col(Placement.submission_id) == number,
            col(Placement.revision) < newest,
            col(Issue.state).in_(EDITABLE),
        )
    )
    return tuple(act.session.scalars(older.order_by(col(Placement.issue_id))))


# -- targets ------------------------------------------------------------------------------


def _slugs(facts: Mapping[str, object]) -> tuple[str, ...]:
    given = facts.get("targets")
    return tuple(map(str, given)) if isinstance(given, Sequence) else ()


def _retarget(act: Act, submission: Submission, wanted: Collection[str]) -> None:
    asked = {clearance.newsletter for clearance in clearances_of(act.session, submission)}
    if set(wanted) == asked:
        return
    if submission.via is not Via.EDITOR:
        fixed = _(
            "Wo der Beitrag erscheinen darf, entscheidet, wer ihn eingereicht hat."
            " Eingereicht ist er für: {newsletters}."
        )
        raise Invalid([Problem("targets", fixed.format(newsletters=", ".join(sorted(asked))))])
    for slug in asked - set(wanted):
        _withdraw_target(act, submission, slug)
    _widen_or_narrow(act, submission, wanted)
    for slug in [slug for slug in wanted if slug not in asked]:
        _ask(act, submission, slug)
    _reopen(act, submission)


def _withdraw_target(act: Act, submission: Submission, slug: str) -> None:
    free_place(act, submission, slug)
    act.session.execute(
        delete(Clearance).where(
            col(Clearance.submission_id) == submission.id, col(Clearance.newsletter) == slug
        )
    )
    act.record(CLEARANCE.noun, f"{submission.id}/{slug}", "no target any more")


def _widen_or_narrow(act: Act, submission: Submission, wanted: Collection[str]) -> None:
    """Change the reach: clearances hang on it by a key, so they step aside meanwhile."""
    audiences = {act.settings.newsletter(slug).audience for slug in wanted}
    reach = Audience.PUBLIC if Audience.PUBLIC in audiences else Audience.MEMBERS
    if reach is submission.reach:
        return
    rows = [each.model_dump() | {"reach": reach} for each in clearances_of(act.session, submission)]
    for row in rows:
        free_place(act, submission, row["newsletter"])
    act.session.execute(
        delete(Clearance).where(col(Clearance.submission_id) == submission.id),
    )
    act.session.execute(
        update(Submission).where(col(Submission.id) == submission.id).values(reach=reach)
    )
    act.session.refresh(submission)
    act.session.add_all(Clearance(**row) for row in rows)
    act.session.flush()


def _ask(act: Act, submission: Submission, slug: str) -> None:
    act.session.add(
        Clearance(
            submission_id=number_of(submission),
            newsletter=slug,
            audience=act.settings.newsletter(slug).audience,
            reach=submission.reach,
            state=ClearanceState.ASKED,
        )
    )
    act.session.flush()
    act.record(CLEARANCE.noun, f"{submission.id}/{slug}", "asked")


def _reopen(act: Act, submission: Submission) -> None:
    """A new target makes a decided item undecided; giving up the last open one decides it."""
    waiting = any(
        each.state is ClearanceState.ASKED for each in clearances_of(act.session, submission)
    )
    if waiting and submission.state is SubmissionState.DECIDED:
        act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW, why=N_("neues Ziel"))
    elif not waiting and submission.state is SubmissionState.IN_REVIEW:
        act.move(submission, SUBMISSION, SubmissionState.DECIDED)
