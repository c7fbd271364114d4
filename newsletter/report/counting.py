"""Figures kept of issues -> counts and durations (pure)."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from newsletter.content import LAENDER
from newsletter.language import N_, SOURCE, _, spoken

from .period import Period

KINDS = {
    "news": N_("Meldungen"),
    "date": N_("Termine"),
    "success_story": N_("Erfolgsgeschichten"),
}
_NONE = N_("ohne Angabe")


@dataclass(frozen=True, slots=True)
class Sent:
    """One issue that went out: to whom, and what became of it."""

    id: str
    newsletter: str  # its name
    opened: datetime
    correction: bool
    items: int
    recipients: int
    accepted: int
    refused: int  # by the mail server, at once
    not_sent: int  # skipped, expired, failed, undecided: whatever else the account holds
    bounced: int  # came back afterwards
    left: int  # took leave before the next issue
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Count:
    """How many items there are of something."""

    name: str
    items: int


@dataclass(frozen=True, slots=True)
class Phase:
    """How long a step took: of so many, the middle one and the longest."""

    name: str
    count: int
    middle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report says."""

    period: Period
    until: datetime  # when it was made
    sent: Sequence[Sent]
    kinds: Sequence[Count]
    laender: Sequence[Count]
    fields: Sequence[Count]
    clusters: Sequence[Count]
    phases: Sequence[Phase]
    items: int  # each counted once, in however many issues it stood
    places: int  # in how many issues they stood, together
    unfinished: Sequence[str] = ()  # issues that are still being sent: they are not counted yet

    @property
    def issues(self) -> int:
        """Issues, corrections aside."""
        return sum(not each.correction for each in self.sent)

    def total(self, what: str) -> int:
        """A figure of the account, over all issues."""
        return sum(getattr(each, what) for each in self.sent)


def report(
    period: Period, until: datetime, sent: Sequence[Sent], unfinished: Sequence[str] = ()
) -> Report:
    """All counts over issues that went out in a period. An item of two issues is counted once."""
    placed = [item for each in sent for item in each.figures["items"]]
    items = {item["item"]: item for item in reversed(placed)}.values()
    return Report(
        period,
        until,
        sent,
        _counted(items, lambda it: [_(KINDS.get(it["kind"], it["kind"]))]),
        _counted(items, lambda it: [LAENDER.get(land, land) for land in it["laender"]]),
        _counted(items, lambda it: it["fields"]),
        _counted(items, lambda it: it["clusters"] or ([it["source"]] if it["source"] else [])),
        [*_phases(sent, placed)],
        len(items),
        len(placed),
        unfinished,
    )


def _counted(
    items: Iterable[Mapping[str, Any]], names: Callable[[Mapping[str, Any]], Sequence[str]]
) -> list[Count]:
    """The most frequent first. What has several counts for each, what has none stands last."""
    found = Counter(name for item in items for name in names(item))
    none = sum(not names(item) for item in items)
    order = sorted(found.items(), key=lambda pair: (-pair[1], pair[0].casefold()))
    counts = [Count(name, number) for name, number in order]
    return [*counts, Count(_(_NONE), none)] if none else counts


_STEPS = (
    (N_("Redaktionsschluss bis Freigabeanfrage"), "cut_off", "requested"),
    (N_("Freigabeanfrage bis Freigabe"), "requested", "approved"),
    (N_("Freigabe bis Versand"), "approved", "opened"),
    (N_("Versand bis zur letzten Mail"), "opened", "closed"),
)


def _phases(sent: Sequence[Sent], placed: Iterable[Mapping[str, Any]]) -> Iterator[Phase]:
    """Whatever was measured at least once; where one step overtook the other, nothing was."""
    decided = [timedelta(seconds=it["decided_within"]) for it in placed if it["decided_within"]]
    if decided:
        yield _phase(_("Eingang bis Entscheidung"), decided)
    for name, begins, ends in _STEPS:
        spans = [
            datetime.fromisoformat(to) - datetime.fromisoformat(since)
            for each in sent
            if (since := each.figures["moments"][begins])
            and (to := each.figures["moments"][ends])
            and since <= to
        ]
        if spans:
            yield _phase(_(name), spans)


def _phase(name: str, spans: Sequence[timedelta]) -> Phase:
    middle = timedelta(seconds=median(each.total_seconds() for each in spans))
    return Phase(name, len(spans), middle, max(spans))


def in_words(span: timedelta) -> str:
    """„3,5 Tage“, „5 Stunden“, „12 Minuten“: the unit that fits."""
    minutes = span.total_seconds() / 60
    if minutes < 1:
        return _("unter 1 Min.")
    if minutes < 90:
        return _("{n} Min.").format(n=round(minutes))
    if minutes < 36 * 60:
        return _("{n} Std.").format(n=_decimal(minutes / 60))
    return _("{n} Tage").format(n=_decimal(minutes / 60 / 24))


def _decimal(number: float) -> str:
    said = f"{number:.1f}"
    return said.replace(".", ",") if spoken() == SOURCE else said
