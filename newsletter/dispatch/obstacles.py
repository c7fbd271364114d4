"""What keeps an issue from going on, in words, each with what to do about it (pure)."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from newsletter import rhythm
from newsletter.language import N_, _
from newsletter.models.issue import IssueState

from .alarms import Away
from .ledger import BRAKE
from .progress import Progress, until

NOBODY = N_("Gerade sendet niemand; weiter geht es mit: newsletter run")
_OVERDUE = {
    False: N_("fällig seit {when}; es sendet niemand: newsletter run"),
    None: N_("überfällig seit {when}; läuft „newsletter run“?"),
    True: N_("überfällig seit {when}; der Versand läuft"),
}


def told(it: Progress, zone: ZoneInfo) -> Iterator[str]:
    """That it is overdue or nobody sends; which relays are away, and until when."""
    if it.overdue and it.starts:
        yield _(_OVERDUE[it.sender]).format(when=rhythm.in_words(it.starts, zone))
    elif it.stranded:
        yield _(NOBODY)
    if it.going:
        for relay in it.away:
            yield _away(it, relay, zone)


def _away(it: Progress, relay: Away, zone: ZoneInfo) -> str:
    if relay.again is None or relay.again <= it.at or it.sender is False:
        return relay.why
    said = _("{trouble} Nächster Versuch: {when}")
    return said.format(trouble=relay.why, when=until(it.at, relay.again, zone))


def way_on(state: IssueState, issue: str, brake: str | None) -> str:
    """The next command for an issue that is held: first look at what held it."""
    if state is IssueState.PAUSED and brake == BRAKE:
        return f"issue audience {issue} --state refused"
    return f"issue resume {issue}"
