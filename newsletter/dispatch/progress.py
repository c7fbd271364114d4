"""How far an issue has come, and when it will be through (pure).

One honest number: from the limits that are configured, before sending; from what really went
out, while sending; none where nobody can know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from newsletter import rhythm
from newsletter.language import _, n_, spoken
from newsletter.models.delivery import UNFINISHED, DeliveryState
from newsletter.models.issue import IssueState
from newsletter.settings import Provider as Limited

from . import pace
from .accounts import number
from .alarms import Away
from .ledger import Measured

_D = DeliveryState
_MINUTE = timedelta(minutes=1)
_SOON = timedelta(seconds=90)  # no clock time is said then
_GRACE = timedelta(minutes=2)  # a sender that runs has begun by then


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long so many messages will take."""

    count: int
    takes: timedelta
    like: str | None = None  # the issue whose rate it was measured by; None: from the limits

    @property
    def per_minute(self) -> float:
        return self.count / (self.takes / _MINUTE) if self.takes else 0.0


def estimate(
    count: int,
    limits: Sequence[pace.Limit],
    measured: Measured | None = None,
    slowest: timedelta | None = None,
) -> Estimate | None:
    """Before the start: what the limits say; without limits what the last issue took; or None.

    ``slowest``: how long the mailbox provider takes that is limited most (``slowest_provider``).
    """
    limited = [each for each in (pace.duration(count, limits), slowest) if each is not None]
    if limited:
        return Estimate(count, max(limited))
    if measured is None:
        return None
    return Estimate(count, count / measured.per_minute * _MINUTE, measured.issue)


def slowest_provider(
    domains: Mapping[str, int], limited: Mapping[str, Limited]
) -> timedelta | None:
    """How long the addresses take whose provider is limited most; None: none is limited.

    By the names of domains alone: who keeps an association's mailboxes, its mail exchangers
    say only while sending.
    """
    operators = pace.Operators(limited)
    lanes: dict[str, int] = {}
    for domain, count in domains.items():
        lane = operators.limited(domain)
        if lane is not None:
            lanes[lane] = lanes.get(lane, 0) + count
    rates = {lane: limited[lane.partition(":")[0]].per_minute for lane in lanes}
    takes = [lanes[lane] / rate * _MINUTE for lane, rate in rates.items() if rate]
    return max(takes, default=None)


def in_words(starts: datetime, count: int, expected: Estimate | None, zone: ZoneInfo) -> str:
    """„Dienstag, 15.12., 10:00 Uhr, 4.812 Adressen, bei 30 je Minute fertig gegen 12:41 Uhr“."""
    said = n_("{when}, {n} Adresse", "{when}, {n} Adressen", count)
    said = said.format(when=rhythm.in_words(starts, zone), n=number(count))
    if expected is None or not count:
        return said
    return f"{said}, {finished(starts, expected, zone)}"


def finished(starts: datetime, expected: Estimate, zone: ZoneInfo) -> str:
    """„bei 30 je Minute fertig gegen 12:40 Uhr“, and what that rests on."""
    said = _("bei {rate} je Minute fertig gegen {end}")
    if expected.like:
        said = _("so schnell wie {issue} ({rate} je Minute) fertig gegen {end}")
    end = until(starts, starts + expected.takes, zone)
    return said.format(rate=rated(expected.per_minute), issue=expected.like, end=end)


def rated(per_minute: float) -> str:
    """„30“, „0,5“: a rate as people read it."""
    if per_minute >= 10:
        return number(round(per_minute))
    text = f"{per_minute:.1f}".removesuffix(".0")
    return text if spoken() == "en" else text.replace(".", ",")


def until(now: datetime, end: datetime, zone: ZoneInfo) -> str:
    """When something ends: „12:40 Uhr“, with its day if that is another one; never too early."""
    minute = timedelta(seconds=59, microseconds=999_999)
    end = (end + minute).replace(second=0, microsecond=0).astimezone(zone)
    if end.date() == now.astimezone(zone).date():
        return _("{clock} Uhr").format(clock=f"{end:%H:%M}")
    return rhythm.in_words(end, zone)


def lasting(span: timedelta) -> str:
    """„40 Sekunden“, „25 Minuten“, „2 Std. 40 Min.“: as exact as anybody needs it."""
    seconds = max(1, round(span.total_seconds()))
    hours, minutes = divmod((seconds + 59) // 60, 60)
    if seconds < 90:
        return n_("{n} Sekunde", "{n} Sekunden", seconds).format(n=seconds)
    if not hours:
        return n_("{n} Minute", "{n} Minuten", minutes).format(n=minutes)
    if hours >= 48:
        return n_("{n} Tag", "{n} Tage", hours // 24).format(n=hours // 24)
    return _("{hours} Std. {minutes} Min.").format(hours=hours, minutes=minutes)


@dataclass(frozen=True, slots=True)
class Progress:
    """An issue on its way, at a moment."""

    at: datetime
    issue: str
    state: IssueState
    recipients: int | None  # None: the audience is not fixed yet
    counts: Mapping[str, int]
    per_minute: float | None = None  # of the last minutes
    limits: Sequence[pace.Limit] = ()
    starts: datetime | None = None
    providers: Mapping[str, "Provider"] = field(default_factory=dict)
    sender: bool | None = None  # whether one is at work; None: nobody knows
    again: datetime | None = None  # when the first of those that are deferred is tried again
    away: Sequence[Away] = ()  # its relays that take nothing just now
    closed: bool = False  # that is all it has

    @property
    def waiting(self) -> int:
        """How many have not been tried yet, or are in hand."""
        return sum(self.counts.get(state, 0) for state in UNFINISHED - {_D.DEFERRED})

    @property
    def deferred(self) -> int:
        """How many come again later."""
        return self.counts.get(_D.DEFERRED, 0)

    @property
    def done(self) -> int:
        """Of how many is known what became of them (or that it is not known)."""
        return sum(self.counts.values()) - self.waiting - self.deferred

    @property
    def percent(self) -> int:
        """100 only if all are done."""
        return self.done * 100 // self.recipients if self.recipients else 0

    @property
    def left(self) -> timedelta | None:
        """How long those that wait will take: as measured, and never faster than the limits."""
        if self.state is not IssueState.SENDING or not self.waiting or self.halted:
            return None
        limited = pace.duration(self.waiting, self.limits)
        if not self.per_minute:
            return limited
        return max(self.waiting / self.per_minute * _MINUTE, limited or timedelta(0))

    @property
    def going(self) -> bool:
        """Whether it is on its way."""
        return self.state in {IssueState.OPENING, IssueState.SENDING}

    @property
    def stranded(self) -> bool:
        """Whether it is on its way, and nobody sends."""
        return self.going and self.sender is False

    @property
    def halted(self) -> bool:
        """Whether nothing can go out just now: what was measured before says nothing."""
        return self.stranded or self.closed

    @property
    def overdue(self) -> bool:
        """Whether its time has passed, and it does not begin."""
        return self.state is IssueState.SCHEDULED and overdue(self.starts, self.sender, self.at)

    @property
    def over(self) -> bool:
        """Whether nothing moves any more by itself."""
        return self.state not in {IssueState.SCHEDULED, IssueState.OPENING, IssueState.SENDING}


def overdue(starts: datetime | None, sender: bool | None, now: datetime) -> bool:
    """Whether what should have started then does not; a sender at work gets a moment for it."""
    return starts is not None and now - starts > (timedelta(0) if sender is False else _GRACE)


@dataclass(frozen=True, slots=True)
class Provider:
    """Those of an issue whose mailboxes one operator keeps."""

    addresses: int
    done: int
    accepted: int
    deferred: int
    refused: int


def told(it: Progress, zone: ZoneInfo) -> str:
    """„1.240 von 4.812 (25 %), 31 je Minute, noch 2 Std. 1 Min., fertig gegen 12:41 Uhr“."""
    said = _("{done} von {all} ({percent} %)")
    parts = [said.format(done=number(it.done), all=number(it.recipients or 0), percent=it.percent)]
    if it.per_minute and it.waiting and not it.halted:
        parts.append(_("{rate} je Minute").format(rate=rated(it.per_minute)))
    if it.left is not None:
        end = until(it.at, it.at + it.left, zone)
        said = _("noch {left}, fertig gegen {end}")
        if it.left < _SOON:
            said = _("noch {left}")
        parts.append(said.format(left=lasting(it.left), end=end))
    if it.deferred:
        parts.append(_put_off(it, zone))
    return ", ".join(parts)


def _put_off(it: Progress, zone: ZoneInfo) -> str:
    """„5 zurückgestellt, nächster Versuch 18:56 Uhr“."""
    if it.again is None or it.again <= it.at or it.sender is False:
        return _("{n} zurückgestellt").format(n=number(it.deferred))
    said = _("{n} zurückgestellt, nächster Versuch {when}")
    return said.format(n=number(it.deferred), when=until(it.at, it.again, zone))


def facts(it: Progress) -> dict[str, Any]:
    """For JSON."""
    return {
        "done": it.done,
        "percent": it.percent,
        "per_minute": round(it.per_minute, 1) if it.per_minute and not it.halted else None,
        "left_seconds": round(it.left.total_seconds()) if it.left is not None else None,
        "sender": it.sender,
        "next_try": it.again.isoformat() if it.again else None,
    }


_SHOWN = 8


def providers(
    domains: Mapping[str, Mapping[DeliveryState, int]],
    operators: pace.Operators,
    most: int = _SHOWN,
) -> dict[str, Provider]:
    """The largest mailbox operators (or single domains) of an issue, the rest under „übrige“."""
    groups: dict[str, dict[DeliveryState, int]] = {}
    for domain, counts in domains.items():
        operator = operators.named(domain) or domain or _("(gelöscht)")
        into = groups.setdefault(operator, {})
        for state, count in counts.items():
            into[state] = into.get(state, 0) + count
    ordered = sorted(groups, key=lambda name: (-sum(groups[name].values()), name))
    shown, rest = ordered[:most], ordered[most:]
    found = {name: _provider([groups[name]]) for name in shown}
    if rest:
        found[_("übrige")] = _provider([groups[name] for name in rest])
    return found


def _provider(counts: Sequence[Mapping[DeliveryState, int]]) -> Provider:
    def how_many(*states: DeliveryState) -> int:
        return sum(count.get(state, 0) for count in counts for state in states)

    return Provider(
        addresses=how_many(*_D),
        done=how_many(*(set(_D) - UNFINISHED)),
        accepted=how_many(_D.ACCEPTED),
        deferred=how_many(_D.DEFERRED),
        refused=how_many(_D.REFUSED),
    )
