"""``newsletter calendar``: when issues close and leave, and the same for people's calendars."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _, n_, weekday

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsletter.agenda import Planned

_YEARS = range(2000, 2200)


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("calendar")(calendar)


def calendar(
    year: int = typer.Argument(
        None,
        metavar="[JAHR]",
        min=_YEARS[0],
        max=_YEARS[-1],
        help="Zum Beispiel 2027; sonst die nächsten zwölf Monate.",
    ),
    ics: str = typer.Option(
        None, "--ics", metavar="DATEI", help="Als Kalenderdatei zum Einlesen; - für die Ausgabe."
    ),
) -> None:
    """Wann die Ausgaben erscheinen: Redaktionsschluss und Versand.

    Fällt ein Tag auf ein Wochenende oder einen Feiertag, steht dabei, was ihn verschoben hat. Mit
    --ics liest ein Kalenderprogramm die Termine ein; noch einmal eingelesen, folgen sie jeder
    Änderung.

    \b
    Beispiel:
      newsletter calendar
      newsletter calendar 2027 --ics ausgaben-2027.ics
    """
    from newsletter import agenda
    from newsletter.history import now

    moment = now()
    with invocation.look() as session:
        found = agenda.calendar(session, invocation.settings, moment, year)
    if ics:
        _hand_out(found, moment, ics)
        return
    if found:
        _tell(found)
        suggest("calendar" + (f" {year}" if year else "") + " --ics " + _("ausgaben.ics"))
    else:
        say(_("In diesem Zeitraum erschien keine Ausgabe, und keine ist geplant."))
        suggest("calendar")
    give([_facts(each) for each in found])


def _tell(found: Sequence[Planned]) -> None:
    rows = [
        [each.issue, _when(each, "closes"), _when(each, "leaves"), _state(each)] for each in found
    ]
    table([_("Ausgabe"), _("Redaktionsschluss"), _("Versand"), _("Stand")], rows)
    for each in found:
        for line in _notes(each):
            say(line)


def _when(planned: Planned, which: str) -> str:
    """„Di 15.12.2026 10:00“, with a star if it was moved."""
    if not planned.appears:
        return "–"
    at: datetime = getattr(planned.dates, which)
    local = at.astimezone(invocation.settings.zone)
    said = _("{weekday:.2} {moment:%d.%m.%Y %H:%M}").format(weekday=weekday(local), moment=local)
    return said + ("*" if getattr(planned.dates, f"{which}_moved") else "")


def _state(planned: Planned) -> str:
    from newsletter import issues

    if planned.left_out:
        return _("fällt aus")
    return _(issues.STATE_WORDS[planned.state]) if planned.state else ""


def _notes(planned: Planned) -> list[str]:
    """What a star or a gap in the table is about."""
    if planned.left_out:
        said = _("{issue} fällt aus: {why}")
        return [said.format(issue=planned.issue, why=planned.left_out)]
    moved = (
        (_("* {issue}: Redaktionsschluss {moved}"), planned.dates.closes_moved),
        (_("* {issue}: Versand {moved}"), planned.dates.leaves_moved),
    )
    if not planned.appears:
        return []
    return [said.format(issue=planned.issue, moved=why) for said, why in moved if why]


def _hand_out(found: Sequence[Planned], moment: datetime, file: str) -> None:
    from newsletter import agenda
    from newsletter.calendar import milestones_of
    from newsletter.errors import Refused, unreadable

    entries = agenda.milestones(invocation.settings, found)
    content = milestones_of(entries, invocation.settings.zone, moment)
    if file == "-":
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    try:
        Path(file).write_bytes(content)
    except OSError as exc:
        why = _("{file} lässt sich nicht schreiben: {why}")
        raise Refused(why=why.format(file=file, why=unreadable(exc))) from exc
    said = n_("{n} Termin steht in {file}.", "{n} Termine stehen in {file}.", len(entries))
    say(said.format(n=len(entries), file=file))
    say(_("Ihr Kalenderprogramm liest die Datei mit „Importieren“ ein."))
    give({"file": file, "entries": len(entries)})


def _facts(planned: Planned) -> dict[str, object]:
    dates = planned.dates
    return {
        "id": planned.issue,
        "newsletter": planned.newsletter,
        "number": dates.number,
        "state": planned.state.value if planned.state else None,
        "left_out": planned.left_out or None,
        "draft": dates.drafted.isoformat() if dates.drafted else None,
        "cut_off": dates.closes.isoformat(),
        "cut_off_moved": dates.closes_moved or None,
        "send_at": dates.leaves.isoformat(),
        "send_at_moved": dates.leaves_moved or None,
    }
