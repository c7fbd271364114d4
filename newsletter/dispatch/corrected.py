"""The account over an issue and its corrections: who has the right text by now.

Nobody stands in the accounts of two corrections that count: one that reaches the same people
again replaces the one before (``issues.correct`` holds that line).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from newsletter import issues
from newsletter.language import _, n_
from newsletter.models.correction import Correction, Whom
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import Issue

from . import accounts, ledger
from .accounts import Sums, number

_APART = {Whom.RECEIVED, Whom.REST}


@dataclass(frozen=True, slots=True)
class Together:
    """An issue with its corrections, and the sums of those that went out and count."""

    first: Issue
    corrections: tuple[tuple[Issue, Correction], ...]
    sums: Sums

    @property
    def corrected(self) -> int:
        """How many copies of a correction were handed over."""
        return self.sums.get((DeliveryState.ACCEPTED, ""), 0)

    @property
    def uncorrected(self) -> int:
        """How many of the first issue's account no correction was for (yet)."""
        return (self.first.recipients or 0) - sum(self.sums.values())


def is_meant(session: Session, issue: Issue, subscriber_id: int | None) -> bool:
    """Whether an issue is for this reader, if they may be written to; a correction is for some."""
    if issue.corrects_id is None:
        return True
    its = session.get_one(Correction, issue.id)
    copy = ledger.copy_of(session, issue.corrects_id, subscriber_id or 0)
    return copy is not None and copy.state in its.whom.states


def together(session: Session, first: Issue) -> Together | None:
    """None if nobody has begun to correct the issue."""
    found = tuple(issues.corrections(session, first.id))
    if not found:
        return None
    out = [(issue, its) for issue, its in found if issue.recipients is not None]
    sums: dict[tuple[DeliveryState, str], int] = {}
    for place, (issue, its) in enumerate(out):
        if any({its.whom, later.whom} != _APART for __, later in out[place + 1 :]):
            continue  # a later one went to the same people again
        for key, count in ledger.by_reason(session, issue).items():
            sums[key] = sums.get(key, 0) + count
    return Together(first, found, sums)


def sentences(it: Together) -> Iterator[str]:
    """Each correction and how it stands; then both accounts in one."""
    for issue, its in it.corrections:
        state = _(issues.STATE_WORDS[issue.state])
        said = _("Korrektur {issue}: {state}. {note}")
        yield said.format(issue=issue.id, state=state, note=its.note)
    if it.sums:
        yield _("Beide zusammen: {account}").format(account=_sentence(it))


def _sentence(it: Together) -> str:
    accepted = (DeliveryState.ACCEPTED, "")
    rest = {key: count for key, count in it.sums.items() if key != accepted}
    parts = []
    if it.corrected:
        said = n_("{n} berichtigt", "{n} berichtigt", it.corrected)
        parts.append(said.format(n=number(it.corrected)))
    parts += accounts.parts(rest)
    if it.uncorrected > 0:
        said = n_("{n} ohne Korrektur", "{n} ohne Korrektur", it.uncorrected)
        parts.append(said.format(n=number(it.uncorrected)))
    lost = it.uncorrected < 0
    end = _("Die Summen passen nicht zusammen!") if lost else _("Niemand fehlt.")
    return f"{number(it.first.recipients or 0)} {'≠' if lost else '='} {' + '.join(parts)}. {end}"


def facts(it: Together) -> dict[str, Any]:
    """For JSON."""
    return {
        "corrections": [
            {
                "id": issue.id,
                "state": issue.state.value,
                "to": its.whom.value,
                "letter": its.letter,
                "note": its.note,
                "recipients": issue.recipients,
            }
            for issue, its in it.corrections
        ],
        "together": {
            "recipients": it.first.recipients,
            "corrected": it.corrected,
            "uncorrected": it.uncorrected,
            **accounts.facts(it.sums),
        },
    }
