"""An issue as lines: its sections with their items, and what is wrong with it; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from newsletter.content import Finding, Item, Level
from newsletter.issues import STATE_WORDS
from newsletter.language import N_, _, n_, spoken, weekday
from newsletter.models.issue import Issue

from .drawn import Drawn, Span, fitted, padded
from .looking import Shelf

LEVELS = {
    Level.ERROR: (N_("Fehler"), "bad"),
    Level.WARNING: (N_("Warnung"), "warn"),
    Level.HINT: (N_("Hinweis"), "dim"),
}
_SIGNS = {"news": N_("M"), "date": N_("T"), "success_story": N_("E")}


@dataclass(frozen=True, slots=True)
class Row:
    """A heading, or an item below one."""

    section: str
    title: str
    item: Item | None = None
    place: int = 0


def rows(shelf: Shelf | None) -> list[Row]:
    """Headings and items in reading order; a heading without items stands, too."""
    if shelf is None:
        return []
    found = []
    for key, title, items in shelf.sections:
        found.append(Row(key, title, None, len(items)))
        found += [Row(key, item.title, item, n) for n, item in enumerate(items, 1)]
    return found


def line(row: Row, findings: Sequence[Finding], marked: str | None, width: int) -> Drawn:
    """One line: a heading with its number of items, or an item with its gravest finding."""
    if row.item is None:
        count = f" {row.place}"
        heading = Span(fitted(row.title, width - len(count)), "bold")
        return padded([heading, Span(count, "dim")], width)
    reference = row.item.reference
    sign = Span("⇄" if reference == marked else " ", "warn")
    gravest = worst(findings, reference)
    tail = [Span(" !", LEVELS[gravest][1])] if gravest and gravest is not Level.HINT else []
    head = f"{row.place:>2} {reference:<4} {_(_SIGNS[row.item.kind])} "
    left = width - 1 - len(head) - 2 * len(tail)
    return padded([sign, Span(head, "dim"), Span(fitted(row.title, left)), *tail], width)


def worst(findings: Sequence[Finding], where: str) -> Level | None:
    """The gravest level found there."""
    found = {finding.level for finding in findings if finding.where == where}
    return next((level for level in LEVELS if level in found), None)


def title(shelf: Shelf | None, newsletter: str, zone: ZoneInfo) -> str:
    """What stands above the issue: which one, how it stands, when it leaves."""
    if shelf is None:
        return _("{newsletter}: keine Ausgabe begonnen (b beginnt eine)").format(
            newsletter=newsletter
        )
    issue = shelf.issue
    said = f"{issue.id}: {_(STATE_WORDS[issue.state])}"
    if shelf.leaves:
        said += " · " + _("Versand {when}").format(when=shortly(shelf.leaves, zone))
    return said


def shortly(moment: datetime, zone: ZoneInfo) -> str:
    """„Di 15.12. 10:00“: for the head of a pane; a year is not in doubt there."""
    at = moment.astimezone(zone)
    day = weekday(at)[: 2 if spoken() == "de" else 3]
    return _("{day} {at:%d.%m. %H:%M}").format(day=day, at=at)


def below(shelf: Shelf | None, zone: ZoneInfo) -> list[Drawn]:
    """What stands below an issue: what happens by itself once it is approved, and its checks."""
    if shelf is None:
        return []
    if shelf.planned is None:
        return checks(shelf.findings)
    said = _("Sobald freigegeben, geplant: Versand {when}")
    planned = Span(said.format(when=shortly(shelf.planned, zone)), "good")
    return [[planned], *checks(shelf.findings)]


def checks(findings: Sequence[Finding]) -> list[Drawn]:
    """Each finding with its level, gravest first; a line of sums above them."""
    if not findings:
        return [[Span(_("Prüfung: nichts zu beanstanden"), "good")]]
    counts = ", ".join(filter(None, (_counted(findings, level) for level in LEVELS)))
    told: list[Drawn] = [[Span(_("Prüfung: {counts}").format(counts=counts), "bold")]]
    for finding in findings:
        word, role = LEVELS[finding.level]
        where = "" if finding.where == "issue" else f"{finding.where}: "
        told.append([Span(f"{_(word)} ", role), Span(where + finding.text)])
    return told


def _counted(findings: Sequence[Finding], level: Level) -> str:
    """„2 Warnungen“; empty if there is none."""
    n = sum(finding.level is level for finding in findings)
    said = {
        Level.ERROR: n_("{n} Fehler", "{n} Fehler", n),
        Level.WARNING: n_("{n} Warnung", "{n} Warnungen", n),
        Level.HINT: n_("{n} Hinweis", "{n} Hinweise", n),
    }[level]
    return said.format(n=n) if n else ""


def nearest(ahead: Sequence[Issue], wanted: str | None) -> str | None:
    """Which issue to show: the one that was, else the first draft, else the first of all."""
    ids = [issue.id for issue in ahead]
    if wanted in ids:
        return wanted
    drafts = [issue.id for issue in ahead if issue.state == "draft"]
    return next(iter([*drafts, *ids]), None)
