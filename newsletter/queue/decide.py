"""Accepting, declining and holding over, newsletter by newsletter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlmodel import col

from newsletter import submissions, texts
from newsletter.content import Audience
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import GONE_OUT, Issue, IssueState, Placement, Publication
from newsletter.models.submission import (
    CLEARANCE,
    SUBMISSION,
    USABLE,
    Clearance,
    ClearanceState,
    Submission,
    SubmissionState,
)

from . import later, telling
from .later import Wait
from .lookup import clearances_of, number_of, title_of


class StaysWithMembers(Refused):
    sentence = N_(
        "{reference} ist nur für Mitglieder bestimmt; für {newsletter} (öffentlich) lässt sich der"
        " Beitrag nicht annehmen. Das kann nur, wer ihn eingereicht hat, neu einreichen."
    )


class AudienceChanged(Refused):
    sentence = N_(
        "{newsletter} war für „{asked}“ bestimmt, als {reference} eingereicht wurde, und ist in"
        " newsletter.toml jetzt „{now}“. Bitte audience dort zurückstellen."
    )


class NotDecidable(Refused):
    sentence = N_("{reference} ist {state}; darüber ist nichts mehr zu entscheiden.")


class DeclinedEverywhere(Refused):
    sentence = N_(
        "{reference}: überall abgelehnt. Doch annehmen: newsletter queue accept … --for NEWSLETTER"
    )


class NothingToDecline(Refused):
    sentence = N_("{reference}: schon überall abgelehnt.")


class GoneOutEverywhere(Refused):
    sentence = N_("{reference}: schon überall hinausgegangen.")


class NeverAskedFor(Refused):
    sentence = N_("{reference}: wurde für {newsletter} gar nicht eingereicht.")


class DeclinedThere(Refused):
    sentence = N_(
        "{reference}: für {newsletter} abgelehnt."
        " Doch annehmen: newsletter queue accept {reference} --for {newsletter}"
    )


class ReasonMissing(Refused):
    sentence = N_(
        "Zum Ablehnen gehört ein Grund; er geht an die Ansprechperson:"
        ' newsletter queue decline {references} --reason "…"'
    )


class StandsInIssue(Refused):
    sentence = N_(
        "{reference} steht in der Ausgabe {issue}."
        " Zuerst herausnehmen: newsletter issue remove {issue} {reference}"
    )


class IsPublished(Refused):
    sentence = N_(
        "{reference} ist veröffentlicht. Nur zurückziehen geht noch, oder absagen:"
        " newsletter queue withdraw {reference}, newsletter queue cancel-date {reference}"
    )


class HasGoneOut(Refused):
    sentence = N_(
        "{reference} ist mit der Ausgabe {issue} hinausgegangen;"
        " daran lässt sich nichts mehr ändern."
    )


UNASKED = "accepted unasked"
STATE_WORDS = {
    SubmissionState.DRAFT: N_("noch ein Entwurf"),
    SubmissionState.RECEIVED: N_("neu"),
    SubmissionState.IN_REVIEW: N_("in Prüfung"),
    SubmissionState.QUESTION: N_("in Rückfrage"),
    SubmissionState.DECIDED: N_("entschieden"),
    SubmissionState.MERGED: N_("in einem anderen Beitrag aufgegangen"),
    SubmissionState.WITHDRAWN: N_("zurückgezogen"),
}
CLEARANCE_WORDS = {
    ClearanceState.ASKED: N_("offen"),
    ClearanceState.ACCEPTED: N_("angenommen"),
    ClearanceState.HELD_OVER: N_("zurückgestellt"),
    ClearanceState.DECLINED: N_("abgelehnt"),
}


@dataclass(frozen=True, slots=True)
class Other:
    """What another editor decided before."""

    state: ClearanceState
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one item for one newsletter."""

    reference: str
    title: str
    newsletter: str
    state: ClearanceState
    changed: bool  # False: it was so already
    wait: Wait | None = None  # of what is held over
    other: Other | None = None  # what somebody else had decided before


def accept(
    act: Act, references: Sequence[str], newsletters: Sequence[str] | None = None
) -> list[Decision]:
    """Accept items for the newsletters named, else for those that were asked for; all or none.

    Findings never stop this. Refuses an item for members in a public newsletter. A newsletter
    that nobody asked for is fine if it is no wider. What was declined comes back only if its
    newsletter is named.
    """
    _known(act, newsletters)
    decisions: list[Decision] = []
    for submission in _decidable(act, references):
        slugs = newsletters or _open_for(act, submission)
        decisions += [_accept_for(act, submission, slug) for slug in slugs]
        _settle(act, submission)
        telling.keep_true(act, submission)
    return decisions


def decline(
    act: Act, references: Sequence[str], newsletters: Sequence[str] | None, reason: str
) -> list[Decision]:
    """Decline items for the newsletters named, else for all; all or none.

    The registered contributor gets one letter per item, with the reason; an editor's own
    item has nobody to write to. Refuses what stands in an issue.
    """
    _known(act, newsletters)
    reason = texts.block(reason)
    if not reason:
        raise ReasonMissing(references=" ".join(references))
    decisions = []
    for submission in _decidable(act, references):
        slugs = newsletters or _not_declined(act, submission)
        declined = [_decline_for(act, submission, slug, reason) for slug in slugs]
        _settle(act, submission)
        telling.keep_true(act, submission)
        telling.declined(act, submission, [d.newsletter for d in declined if d.changed], reason)
        decisions += declined
    return decisions


def defer(
    act: Act,
    references: Sequence[str],
    newsletters: Sequence[str] | None = None,
    until: str | None = None,
) -> list[Decision]:
    """Hold items over for the newsletters named, else wherever they have not gone out; all or
    none.

    The next issue, begun or not, goes without them; ``issues.fill`` takes them into the one
    after it, or the one with the number ``until``. The registered contributor gets one letter
    per item. Refuses what stands in an issue.
    """
    _known(act, newsletters)
    decisions = []
    for submission in _decidable(act, references):
        slugs = newsletters or _waiting_for(act, submission)
        held = [_defer_for(act, submission, slug, until) for slug in slugs]
        _settle(act, submission)
        telling.keep_true(act, submission)
        telling.held_over(act, submission, [d.newsletter for d in held if d.changed])
        decisions += held
    return decisions


def _known(act: Act, newsletters: Iterable[str] | None) -> None:
    for slug in newsletters or ():
        act.settings.newsletter(slug)


def _decidable(act: Act, references: Sequence[str]) -> list[Submission]:
    found = [submissions.by_reference(act.session, each) for each in references]
    for submission in found:
        if submission.state not in USABLE:
            state = _(STATE_WORDS[submission.state])
            raise NotDecidable(reference=submission.reference, state=state)
    return list({submission.id: submission for submission in found}.values())


def _open_for(act: Act, submission: Submission) -> list[str]:
    clearances = clearances_of(act.session, submission)
    slugs = [c.newsletter for c in clearances if c.state is not ClearanceState.DECLINED]
    if not slugs:
        raise DeclinedEverywhere(reference=submission.reference)
    return slugs


def _not_declined(act: Act, submission: Submission) -> list[str]:
    clearances = clearances_of(act.session, submission)
    slugs = [c.newsletter for c in clearances if c.state is not ClearanceState.DECLINED]
    if not slugs:
        raise NothingToDecline(reference=submission.reference)
    return slugs


def _waiting_for(act: Act, submission: Submission) -> list[str]:
    """Where it has neither been declined nor gone out."""
    gone = select(col(Placement.newsletter)).join(Issue, col(Issue.id) == Placement.issue_id)
    out = act.session.scalars(
        gone.where(col(Placement.submission_id) == submission.id, col(Issue.state).in_(GONE_OUT))
    ).all()
    slugs = [slug for slug in _not_declined(act, submission) if slug not in out]
    if not slugs:
        raise GoneOutEverywhere(reference=submission.reference)
    return slugs


def _accept_for(act: Act, submission: Submission, slug: str) -> Decision:
    audience = act.settings.newsletter(slug).audience
    if audience is Audience.PUBLIC and submission.reach is Audience.MEMBERS:
        raise StaysWithMembers(reference=submission.reference, newsletter=slug)
    clearance = act.session.get(Clearance, (submission.id, slug))
    changed = clearance is None or clearance.state is not ClearanceState.ACCEPTED
    other = _other(act, clearance)
    if clearance is None:
        _accept_unasked(act, submission, slug, audience)
    elif clearance.audience is not audience:
        raise AudienceChanged(
            reference=submission.reference, newsletter=slug, asked=clearance.audience, now=audience
        )
    elif changed:
        _accept_asked(act, clearance)
    return _decision(act, submission, slug, ClearanceState.ACCEPTED, changed=changed, other=other)


def _decision(
    act: Act, submission: Submission, slug: str, state: ClearanceState, **more: Any
) -> Decision:
    title = title_of(act.session, submission)
    return Decision(submission.reference, title, slug, state, **more)


def _other(act: Act, clearance: Clearance | None) -> Other | None:
    if clearance is None or clearance.decided_by in {None, act.actor.name}:
        return None
    return Other(clearance.state, clearance.decided_by or "", clearance.decided_at or act.now)


def _accept_unasked(act: Act, submission: Submission, slug: str, audience: Audience) -> None:
    act.session.add(
        Clearance(
            submission_id=number_of(submission),
            newsletter=slug,
            audience=audience,
            reach=submission.reach,
            state=ClearanceState.ACCEPTED,
            decided_at=act.now,
            decided_by=act.actor.name,
        )
    )
    act.session.flush()
    act.record(CLEARANCE.noun, f"{submission.id}/{slug}", UNASKED)


def _accept_asked(act: Act, clearance: Clearance) -> None:
    if clearance.state is ClearanceState.DECLINED:
        act.move(clearance, CLEARANCE, ClearanceState.ASKED, why=N_("neu entschieden"), reason=None)
    act.move(
        clearance,
        CLEARANCE,
        ClearanceState.ACCEPTED,
        reason=None,
        decided_at=act.now,
        decided_by=act.actor.name,
        held_until=None,
    )


def _decline_for(act: Act, submission: Submission, slug: str, reason: str) -> Decision:
    clearance = _asked_for(act, submission, slug)
    changed, other = clearance.state is not ClearanceState.DECLINED, _other(act, clearance)
    if changed:
        free_place(act, submission, slug)
        act.move(
            clearance,
            CLEARANCE,
            ClearanceState.DECLINED,
            why=reason,
            reason=reason,
            decided_at=act.now,
            decided_by=act.actor.name,
            held_until=None,
        )
    return _decision(act, submission, slug, ClearanceState.DECLINED, changed=changed, other=other)


def _defer_for(act: Act, submission: Submission, slug: str, until: str | None) -> Decision:
    clearance = _asked_for(act, submission, slug)
    if clearance.state is ClearanceState.DECLINED:
        raise DeclinedThere(reference=submission.reference, newsletter=slug)
    wait = later.wait(act, slug, until)
    changed, other = clearance.state is not ClearanceState.HELD_OVER, _other(act, clearance)
    if changed:
        free_place(act, submission, slug)
        act.move(
            clearance,
            CLEARANCE,
            ClearanceState.HELD_OVER,
            detail={"until": wait.until},
            decided_at=act.now,
            decided_by=act.actor.name,
            held_until=wait.until,
        )
    elif clearance.held_until != wait.until:
        clearance.held_until = wait.until
        act.session.add(clearance)
        key = f"{submission.id}/{slug}"
        act.record(CLEARANCE.noun, key, later.WAITS, detail={"until": wait.until})
    return _decision(
        act, submission, slug, ClearanceState.HELD_OVER, changed=changed, other=other, wait=wait
    )


def _asked_for(act: Act, submission: Submission, slug: str) -> Clearance:
    clearance = act.session.get(Clearance, (submission.id, slug))
    if clearance is None:
        raise NeverAskedFor(reference=submission.reference, newsletter=slug)
    return clearance


def free_place(act: Act, submission: Submission, slug: str) -> None:
    """Refuse while an issue holds the item, or it is published; a cancelled issue lets it go."""
    published = act.session.get(Publication, submission.id)
    if published and published.newsletter == slug:
        raise IsPublished(reference=submission.reference)
    places = select(Issue).join(Placement, col(Placement.issue_id) == Issue.id)
    for issue in act.session.scalars(
        places.where(
            col(Placement.submission_id) == submission.id, col(Placement.newsletter) == slug
        )
    ).all():
        if issue.state in GONE_OUT:
            raise HasGoneOut(reference=submission.reference, issue=issue.id)
        if issue.state is not IssueState.CANCELLED:
            raise StandsInIssue(reference=submission.reference, issue=issue.id)
        act.session.execute(
            delete(Placement).where(
                col(Placement.submission_id) == submission.id, col(Placement.issue_id) == issue.id
            )
        )
        act.record("issue", issue.id, "let go", detail={"items": [submission.reference]})


def _settle(act: Act, submission: Submission) -> None:
    """The first decision makes an item in review; the last one makes it decided."""
    if submission.state is SubmissionState.RECEIVED:
        act.move(submission, SUBMISSION, SubmissionState.IN_REVIEW)
    waiting = any(
        clearance.state is ClearanceState.ASKED
        for clearance in clearances_of(act.session, submission)
    )
    if not waiting and submission.state is not SubmissionState.DECIDED:
        act.move(submission, SUBMISSION, SubmissionState.DECIDED)
