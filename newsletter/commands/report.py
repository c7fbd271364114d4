"""``newsletter report``: numbers for the ministry, at the terminal, as a page, as CSV."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands import bars
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from newsletter.report import Count, Report, Sent


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("report")(report)


def report(
    period: str = typer.Argument(..., metavar="ZEITRAUM", help="2026, 2026-Q4 oder 2026-11."),
    html: str = typer.Option(
        None, "--html", metavar="DATEI", help="Als Seite mit Diagrammen; „-“: Standardausgabe."
    ),
    file: str = typer.Option(
        None, "--csv", metavar="DATEI", help="Als Tabelle in eine neue Datei; „-“: Standardausgabe."
    ),
) -> None:
    """Die Zahlen eines Zeitraums: Beiträge, Empfänger, Abmeldungen, Dauer.

    Gezählt werden Ausgaben, deren Versand in den Zeitraum fällt. Die Zahlen wurden beim Abschluss
    jeder Ausgabe festgehalten; was jemand öffnet oder anklickt, wird nie erfasst.

    \b
    Beispiel:
      newsletter report 2026-Q4
      newsletter report 2026 --html bericht-2026.html --csv bericht-2026.csv
    """
    from newsletter import report as reporting
    from newsletter.history import now

    span = reporting.period(period)
    with invocation.look() as session:
        found = reporting.fetch(session, invocation.settings, span, now())
    files = []
    if html:
        files += _write(html, reporting.page(found, invocation.settings))
    if file:
        files += _write(file, reporting.sheet(found))
    if "-" in {html, file}:
        return
    if not (html or file):
        _tell(found)
    give(_facts(found) | ({"files": files} if files else {}))


def _write(file: str, content: str) -> list[str]:
    from newsletter.commands import address_list

    if file == "-":
        sys.stdout.write(content.removeprefix("\ufeff"))
        sys.stdout.flush()
        return []
    with address_list.written(Path(file)) as out:
        out.write(content)
    say(_("Der Bericht steht in {file}.").format(file=file))
    return [file]


def _tell(found: Report) -> None:
    from newsletter.report.counting import in_words

    said = n_("{period}: {n} Ausgabe", "{period}: {n} Ausgaben", found.issues)
    head = said.format(period=found.period.name, n=found.issues)
    items = n_("{n} Beitrag", "{n} Beiträge", found.items).format(n=found.items)
    say(f"{head}, {items}")
    if found.unfinished:
        said = _("Noch im Versand, deshalb nicht mitgezählt: {issues}")
        say(said.format(issues=", ".join(found.unfinished)))
    if not found.sent:
        say(_("In diesem Zeitraum ist keine Ausgabe hinausgegangen."))
        return
    say()
    _issues(found.sent)
    for title, counts in (
        (_("Beiträge nach Art"), found.kinds),
        (_("Beiträge nach Land"), found.laender),
        (_("Beiträge nach Technologiefeld"), found.fields),
        (_("Beiträge nach Cluster oder Quelle"), found.clusters),
    ):
        _plot(title, [(each.name, each.items, str(each.items)) for each in counts])
    _plot(
        _("Wie lange es dauerte (in der Mitte)"),
        [(it.name, it.middle.total_seconds(), in_words(it.middle)) for it in found.phases],
    )
    say()
    suggest(f"report {found.period.code} --html " + _("bericht.html"))


def _issues(sent: Sequence[Sent]) -> None:
    """A table where there is room for it; a bare row of numbers says nothing."""
    rows = [_row(each) for each in sent]
    columns = zip(_heads(), *rows, strict=True)
    wide = sum(2 + max(len(str(cell)) for cell in column) for column in columns) - 2
    if invocation.plain or wide <= shutil.get_terminal_size().columns:
        table(_heads(), rows)
        return
    for row in rows:
        say("{}, {}".format(*row))
        said = _("  an {n} Adressen, {accepted} übergeben, {dead} unzustellbar, {left} abgemeldet")
        say(said.format(n=row[2], accepted=row[3], dead=row[4], left=row[5]))


def _heads() -> list[str]:
    return [
        *(_("Ausgabe"), _("Tag"), _("Empfänger"), _("übergeben")),
        *(_("unzustellbar"), _("abgemeldet")),
    ]


def _row(it: Sent) -> list[object]:
    name = _("{id} (Korrektur)").format(id=it.id) if it.correction else it.id
    local = it.opened.astimezone(invocation.settings.zone)
    day = _("{day:%d.%m.}").format(day=local)  # the year is the period's
    return [name, day, it.recipients, it.accepted, it.refused + it.bounced, it.left]


def _plot(title: str, rows: Sequence[tuple[str, float, str]]) -> None:
    if not rows:
        return
    say(f"\n{title}")
    if invocation.plain:
        for name, _value, said in rows:
            say(f"{name}: {said}")
        return
    for line in bars.plotted(rows, shutil.get_terminal_size().columns):
        say(line)


def _facts(found: Report) -> dict[str, object]:
    def counts(those: Sequence[Count]) -> list[dict[str, object]]:
        return [{"name": each.name, "items": each.items} for each in those]

    def hours(span: timedelta) -> float:
        return round(span.total_seconds() / 3600, 2)

    return {
        "period": found.period.code,
        "from": found.period.first.isoformat(),
        "to": found.period.last.isoformat(),
        "issues": [_issue(each) for each in found.sent],
        "unfinished": list(found.unfinished),
        "items": found.items,
        "places": found.places,
        "kinds": counts(found.kinds),
        "laender": counts(found.laender),
        "fields": counts(found.fields),
        "clusters": counts(found.clusters),
        "phases": [
            {
                "name": each.name,
                "count": each.count,
                "median_hours": hours(each.middle),
                "longest_hours": hours(each.longest),
            }
            for each in found.phases
        ],
    }


def _issue(it: Sent) -> dict[str, object]:
    figures = ("items", "recipients", "accepted", "refused", "not_sent", "bounced", "left")
    return {
        "id": it.id,
        "newsletter": it.newsletter,
        "opened_at": it.opened.isoformat(),
        "correction": it.correction,
    } | {figure: getattr(it, figure) for figure in figures}
