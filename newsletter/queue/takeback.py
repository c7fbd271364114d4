"""Taking back an item that was handed in."""

from dataclasses import dataclass

from newsletter import invalidation, submissions, texts
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import PUBLIC_FROM, IssueState
from newsletter.models.submission import SUBMISSION, USABLE, SubmissionState

from . import telling
from .decide import STATE_WORDS
from .lookup import issues_holding, number_of, title_of


class NothingToWithdraw(Refused):
    sentence = N_("{reference} ist {state} und lässt sich nicht zurückziehen.")


class WhyWithdrawn(Refused):
    sentence = N_(
        "Zum Zurückziehen gehört ein Grund; er steht im Verlauf und geht an die Ansprechperson:"
        ' newsletter queue withdraw {reference} --reason "…"'
    )


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back, which issues it stopped, which still name it, and which had it."""

    reference: str
    title: str
    stopped: tuple[tuple[str, IssueState], ...]
    drafts: tuple[str, ...]  # the item must be taken out there
    gone_out: tuple[str, ...]


def withdraw(act: Act, reference: str, reason: str) -> Withdrawn:
    """Take an item back for its contributor, who is told by letter.

    Issues that hold it lose their approval, one that is being sent is paused; the item stays
    in its place, where ``issue check`` refuses it. What readers have stays with them.
    """
    submission = submissions.by_reference(act.session, reference)
    reason = texts.block(reason)
    if submission.state not in USABLE:
        state = _(STATE_WORDS[submission.state])
        raise NothingToWithdraw(reference=submission.reference, state=state)
    if not reason:
        raise WhyWithdrawn(reference=submission.reference)
    said = _("{reference} wurde zurückgezogen: {reason}")
    why = said.format(reference=submission.reference, reason=reason)
    stopped = invalidation.invalidate_issues(act, [number_of(submission)], why)
    act.move(submission, SUBMISSION, SubmissionState.WITHDRAWN, why=reason)
    telling.keep_true(act, submission)
    holding = issues_holding(act.session, submission)
    out = [issue for issue in holding if issue.state in PUBLIC_FROM]
    telling.withdrawn(act, submission, reason, holding)
    return Withdrawn(
        submission.reference,
        title_of(act.session, submission),
        tuple(stopped),
        tuple(issue.id for issue in holding if issue.state is IssueState.DRAFT),
        tuple(issue.id for issue in out),
    )
