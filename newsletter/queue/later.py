"""What is held over: until which issue, and what brings it back."""

from dataclasses import dataclass

from newsletter import numbers, rhythm
from newsletter.errors import WrongUsage
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.issue import EDITABLE, Issue
from newsletter.models.submission import Clearance

TAKEN_UP = N_("war zurückgestellt")  # why ``issues.fill`` accepts it again: no decision of its own
WAITS = "waits until"  # the same decision, with another issue


@dataclass(frozen=True, slots=True)
class Wait:
    """The issue that an item misses, and the first one that takes it again; numbers."""

    past: str
    until: str


def wait(act: Act, newsletter: str, until: str | None = None) -> Wait:
    """How long an item held over now waits: not for the next issue, begun or not, but for the
    one after it by the rhythm, else for ``until``. WrongUsage if that is no later issue.
    """
    it, almanac = act.settings.newsletter(newsletter), act.settings.almanac
    known = numbers.of(act.session, newsletter)
    over = known.passed
    planned = rhythm.next_number(over, it.rhythm, act.now, almanac)
    assembled = [
        number
        for number, state in known.states.items()
        if state in EDITABLE
        and number < planned
        and rhythm.planned_time(number, it.rhythm, almanac)
    ]
    past = max(assembled, default=planned)  # an issue that is late still takes items
    if until is None:
        until = rhythm.next_number(over | {past}, it.rhythm, act.now, almanac)
    elif not rhythm.is_number(until):
        why = _("„{number}“ ist keine Nummer. Die Form: 2026-12, Sonderausgabe 2026-12-s1.")
        raise WrongUsage(why=why.format(number=until))
    elif until in known.left_out:
        why = _("{number} fällt aus ({why}). Bitte eine andere Ausgabe nennen.")
        raise WrongUsage(why=why.format(number=until, why=known.left_out[until]))
    elif until <= past:
        why = _(
            "--until {number} ist nicht später als die nächste Ausgabe, {issue}."
            " Bitte eine spätere nennen."
        )
        raise WrongUsage(why=why.format(number=until, issue=f"{newsletter}-{past}"))
    return Wait(past, until)


def still_waits(clearance: Clearance, issue: Issue) -> bool:
    """Whether a clearance that is held over waits for a later issue than this one."""
    if clearance.held_until:
        return issue.number < clearance.held_until
    # held over before issues were named: until the first one that was begun afterwards
    return clearance.decided_at is not None and clearance.decided_at > issue.made_at
