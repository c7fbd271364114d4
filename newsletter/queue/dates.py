"""Dates after they were announced: cancelled, postponed, on again."""

from dataclasses import dataclass

from newsletter import invalidation, submissions
from newsletter.content import EventState
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import PUBLIC_FROM, IssueState
from newsletter.models.submission import EVENT

from . import telling
from .lookup import issues_holding, number_of, title_of

EVENT_WORDS = {
    EventState.ON: N_("findet statt"),
    EventState.POSTPONED: N_("verschoben"),
    EventState.CANCELLED: N_("abgesagt"),
}


class NotADate(Refused):
    sentence = N_("{reference} ist kein Termin; nur Termine lassen sich absagen oder verschieben.")


@dataclass(frozen=True, slots=True)
class DateChanged:
    """How it stands with a date now, which issues that stopped, and which had announced it."""

    reference: str
    title: str
    state: EventState
    changed: bool  # False: it was so already
    sequence: int  # of its calendar entry
    stopped: tuple[tuple[str, IssueState], ...]
    gone_out: tuple[str, ...]


def cancel_date(
    act: Act, reference: str, to: EventState = EventState.CANCELLED, words: str = ""
) -> DateChanged:
    """Say that a date is cancelled (or postponed, or on after all). NotADate.

    An issue shows what was so when it was built, so each that holds the date loses its
    approval; built anew it says „Abgesagt: …“. Calendars learn of it by the entry's sequence
    (CF-02). The registered contributor gets a letter. ``words``: what they said about it, perhaps
    the new day; the history keeps it.
    """
    submission = submissions.by_reference(act.session, reference)
    if submission.event_state is None:
        raise NotADate(reference=submission.reference)
    changed = submission.event_state is not to
    stopped: list[tuple[str, IssueState]] = []
    out: list[str] = []
    if changed:
        act.move(submission, EVENT, to, why=words or None, sequence=submission.sequence + 1)
        holding = issues_holding(act.session, submission)
        out = [issue.id for issue in holding if issue.state in PUBLIC_FROM]
        said = _("{reference}: der Termin ist jetzt „{state}“")
        why = said.format(reference=submission.reference, state=_(EVENT_WORDS[to]))
        stopped = invalidation.invalidate_issues(act, [number_of(submission)], why)
        telling.date_changed(act, submission, holding, words)
    return DateChanged(
        submission.reference,
        title_of(act.session, submission),
        to,
        changed,
        submission.sequence,
        tuple(stopped),
        tuple(out),
    )
