"""A report as one page that stands alone: no script, nothing fetched, plots drawn here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from newsletter import rhythm, templating
from newsletter.dispatch.accounts import number
from newsletter.language import _, dated
from newsletter.settings import Settings

from .counting import Count, Report, in_words


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot; ``length`` is its part of the longest one, from 0 to 1."""

    name: str
    value: str
    length: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot and the table beside it."""

    key: str
    title: str
    said: str  # what can be seen, for who does not see it
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bars: tuple[Bar, ...]


def page(report: Report, settings: Settings) -> str:
    """The report as HTML, in the language spoken now."""
    facts = {
        "report": report,
        "charts": [*_charts(report)],
        "made": rhythm.in_words(report.until, settings.zone),
        "first": dated(report.period.first),
        "last": dated(report.period.last),
        "publisher": next(iter(settings.newsletters.values())).imprint.name,
        "number": number,
        "day": lambda moment: dated(moment.astimezone(settings.zone).date()),
    }
    return templating.rendered(templating.folders(settings.home), "report/report.html", facts)


def _charts(report: Report) -> Iterator[Chart]:
    readers = [(each.id, each.accepted) for each in report.sent]
    if readers:
        yield _chart("readers", _("Übergebene Mails je Ausgabe"), _("Mails"), readers)
    for key, title, counts in (
        ("kinds", _("Beiträge nach Art"), report.kinds),
        ("laender", _("Beiträge nach Land"), report.laender),
        ("fields", _("Beiträge nach Technologiefeld"), report.fields),
        ("clusters", _("Beiträge nach Cluster oder Quelle"), report.clusters),
    ):
        if counts:
            yield _chart(key, title, _("Beiträge"), _pairs(counts))
    if report.phases:
        yield _times(report)


def _pairs(counts: Sequence[Count]) -> list[tuple[str, int]]:
    return [(each.name, each.items) for each in counts]


def _chart(key: str, title: str, unit: str, pairs: Sequence[tuple[str, int]]) -> Chart:
    most = max((value for _name, value in pairs), default=0)
    rows = tuple((name, number(value)) for name, value in pairs)
    bars = tuple(Bar(name, number(value), value / most if most else 0) for name, value in pairs)
    return Chart(key, title, _said(bars), (_("Was"), unit), rows, bars)


def _times(report: Report) -> Chart:
    longest = max(each.middle for each in report.phases) or timedelta(seconds=1)
    bars = tuple(
        Bar(each.name, in_words(each.middle), each.middle / longest) for each in report.phases
    )
    rows = tuple(
        (each.name, in_words(each.middle), in_words(each.longest), str(each.count))
        for each in report.phases
    )
    heads = (_("Schritt"), _("Mitte"), _("Am längsten"), _("Fälle"))
    return Chart("phases", _("Wie lange es dauerte"), _said(bars), heads, rows, bars)


_SAID = 5


def _said(bars: Sequence[Bar]) -> str:
    """The plot in a sentence; the table says all."""
    most = ", ".join(f"{bar.name}: {bar.value}" for bar in bars[:_SAID])
    if len(bars) <= _SAID:
        return _("Balken: {bars}.").format(bars=most)
    said = _("Balken: {bars} und {n} weitere, die in der Tabelle stehen.")
    return said.format(bars=most, n=len(bars) - _SAID)
