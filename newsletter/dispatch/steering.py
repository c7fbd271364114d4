"""Steering an issue that is going out: pause, resume, stop; and what is to become of copies
that may have arrived.

Each changes states only; the sender reads them in the statement that intends each copy. From
a copied home each is NotThisHome: the original would go on as if nothing had been said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col

from newsletter import issues
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.issues import NotYet, listed
from newsletter.language import N_, _
from newsletter.models.delivery import UNFINISHED, DeliveryState
from newsletter.models.issue import EDITABLE, ISSUE, Issue, IssueState
from newsletter.rhythm import in_words

from . import home_guard, ledger

_I = IssueState
_GOING_OUT = frozenset({_I.OPENING, _I.SENDING, _I.PAUSED})
_BY_HAND = N_("von Hand angehalten")
_STOPPED = N_("von Hand abgebrochen")


class StillInvalid(Refused):
    sentence = N_(
        "{issue} darf so nicht weiter hinausgehen:\n{findings}\nLässt sich das nicht beheben:"
        " newsletter issue stop {issue}"
    )


class MustNotGoAgain(Refused):
    sentence = N_(
        "{issue} darf so nicht noch einmal hinausgehen:\n{findings}\nDann bleibt:"
        " newsletter issue resolve {issue} --leave"
    )


class TooEarly(Refused):
    """A late answer may still come; a second copy must not overtake it."""

    sentence = N_(
        "Seit dem letzten Lebenszeichen muss eine Viertelstunde vergehen, denn bis dahin kann noch"
        " eine Antwort kommen. Noch einmal senden geht ab {when}: newsletter issue resolve"
        " {issue} --resend"
    )


class StoppedForGood(Refused):
    sentence = N_(
        "{issue} wurde abgebrochen; davon geht nichts mehr hinaus. Es bleibt:"
        " newsletter issue resolve {issue} --leave"
    )


@dataclass(frozen=True, slots=True)
class Steered:
    """An issue after its state was changed, and how many copies are in which state."""

    issue: Issue
    sums: Mapping[str, int]

    @property
    def accepted(self) -> int:
        """How many were handed to the mail server."""
        return self.sums.get(DeliveryState.ACCEPTED, 0)

    @property
    def held(self) -> int:
        """How many have not been sent and are not on the wire."""
        return sum(self.sums.get(state, 0) for state in UNFINISHED - {DeliveryState.SENDING})

    @property
    def sending(self) -> int:
        """How many are on the wire."""
        return self.sums.get(DeliveryState.SENDING, 0)

    @property
    def unknown(self) -> int:
        """How many may have arrived."""
        return self.sums.get(DeliveryState.UNKNOWN, 0)


def _to_steer(act: Act, key: str) -> Issue:
    """The issue, if it is sent from here; NotThisHome."""
    home_guard.require_own_home(act.session, act.settings.home)
    return issues.find(act.session, key)


def pause(act: Act, key: str, why: str | None = None) -> Steered:
    """Hold an issue that is being sent; the message on the wire is finished. NotYet."""
    issue = _to_steer(act, key)
    if issue.state is not _I.SENDING:
        raise _not_yet(issue, _no_pause(issue))
    act.move(issue, ISSUE, _I.PAUSED, why=why or _BY_HAND)
    return _steered(act, issue)


def _no_pause(issue: Issue) -> str:
    if issue.state in EDITABLE:
        said = _("Anhalten lässt sich nur, was gerade hinausgeht.")
        if issue.state is _I.SCHEDULED:
            said += " " + _("Den Termin nehmen: newsletter issue unschedule {issue}")
    elif issue.state is _I.OPENING:
        said = _("Die Empfängerliste wird gerade festgelegt. Bitte gleich noch einmal.")
    elif issue.state is _I.PAUSED:
        said = _("Weiter geht es mit: newsletter issue resume {issue}")
    else:
        said = _("Hier gibt es nichts mehr anzuhalten.")
    return said


def resume(act: Act, key: str) -> Steered:
    """Let a paused issue go on. NotYet; StillInvalid with the reasons if it must not."""
    issue = _to_steer(act, key)
    if issue.state is not _I.PAUSED:
        raise _not_yet(issue, _("Nur eine angehaltene Ausgabe lässt sich fortsetzen."))
    if findings := issues.ready_to_send(act.session, act.settings, issue, act.now):
        raise StillInvalid(issue=issue.id, findings=listed(findings))
    act.move(issue, ISSUE, _I.SENDING)
    return _steered(act, issue)


def may_be_stopped(issue: Issue) -> None:
    """NotYet if an issue is not going out, so that nobody is asked in vain."""
    if issue.state in EDITABLE:
        mend = _("Noch ist nichts hinausgegangen. Absagen: newsletter issue cancel {issue}")
        raise _not_yet(issue, mend)
    if issue.state not in _GOING_OUT:
        raise _not_yet(issue, _("Hier gibt es nichts mehr abzubrechen."))


def stop(act: Act, key: str, why: str | None = None) -> Steered:
    """End the sending of an issue for good: who has it keeps it, the rest is skipped. NotYet.

    The rows are skipped by ``ledger.skip_stopped``, in short transactions.
    """
    issue = _to_steer(act, key)
    may_be_stopped(issue)
    was_opening = issue.state is _I.OPENING
    act.move(issue, ISSUE, _I.STOPPED, why=why or _STOPPED)
    if was_opening:  # the audience is what has been written of it
        written = ledger.recipients_of(act.session, issue.id)
        of_this = update(Issue).where(col(Issue.id) == issue.id)
        act.session.execute(of_this.values(recipients=written))
        act.session.refresh(issue)
    return _steered(act, issue)


def _steered(act: Act, issue: Issue) -> Steered:
    return Steered(issue, ledger.sums(act.session, issue.id))


def _not_yet(issue: Issue, mend: str) -> NotYet:
    state = _(issues.STATE_WORDS[issue.state])
    return NotYet(issue=issue.id, state=state, mend=mend.format(issue=issue.id))


def resend_unknown(act: Act, key: str) -> tuple[Issue, int]:
    """Send an issue's unknown copies again; the issue, and how many. ``go_on_resending`` does
    the rest of many.

    Those with a sign of life in the last quarter of an hour stay unknown. TooEarly if there
    are only such, or only copies that are being sent; StoppedForGood, MustNotGoAgain.
    """
    issue = _to_steer(act, key)
    ahead = _resend_from(act, issue.id)
    if ahead is None:
        return issue, 0
    if issue.state is _I.STOPPED:
        raise StoppedForGood(issue=issue.id)
    issues.require_uncorrected(act.session, issue)
    if findings := issues.ready_to_send(act.session, act.settings, issue, act.now):
        raise MustNotGoAgain(issue=issue.id, findings=listed(findings))
    if ahead > act.now:
        when = in_words(whole_minute(ahead), act.settings.zone)
        raise TooEarly(issue=issue.id, when=when)
    return issue, ledger.resend(act, issue.id)


def go_on_resending(act: Act, issue_id: str, decided_at: datetime) -> int:
    """The next of what somebody decided to send again at that moment; 0 when all are queued."""
    return ledger.resend(act, issue_id, decided_at)


def _resend_from(act: Act, issue_id: str) -> datetime | None:
    """When the first copy may go again; one that is being sent still shows life."""
    first = ledger.first_silent(act.session, issue_id)
    if first is None and ledger.sums(act.session, issue_id).get(DeliveryState.SENDING):
        return act.now + ledger.SILENT_FOR
    return first


def whole_minute(moment: datetime) -> datetime:
    """The moment, or the next full minute: clocks show no seconds, and nobody comes too early."""
    return (moment + timedelta(seconds=59, microseconds=999_999)).replace(second=0, microsecond=0)


def leave_unknown(act: Act, key: str, seen_at: datetime) -> tuple[Issue, int]:
    """Leave the copies that were unknown at ``seen_at`` as they are; the issue, and how many.
    ``go_on_leaving`` does the rest of many.
    """
    issue = _to_steer(act, key)
    return issue, ledger.leave(act, issue.id, seen_at)


def go_on_leaving(act: Act, issue_id: str, seen_at: datetime) -> int:
    """The next of what somebody decided to leave; 0 when that is all."""
    return ledger.leave(act, issue_id, seen_at, go_on=True)
