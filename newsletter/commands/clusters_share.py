"""``newsletter clusters share``: how often each cluster appeared in a year."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer

from newsletter.commands.bars import bar, cut
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.language import _, n_

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from newsletter.commands.tree import Noun
    from newsletter.issues import Share

_NARROW = 72  # columns; below, the plot stands under the name
_LEAST_BAR, _LONGEST_BAR = 6, 40


def mount(noun: Noun) -> None:
    """Put the command below ``clusters``."""
    noun.command("share")(share)


def share(
    year: int = typer.Argument(
        None, metavar="[JAHR]", min=2000, max=2999, help="Das Jahr der Ausgaben; sonst dieses."
    ),
    file: str = typer.Option(
        None, "--csv", metavar="DATEI", help="Als Tabelle in eine neue Datei; „-“: Standardausgabe."
    ),
) -> None:
    """Wie oft jedes Cluster in einem Jahr vorkam, als Tabelle und Balken.

    Gezählt wird jeder Beitrag einmal, ob erschienen oder in einer Ausgabe eingeplant; ein
    gemeinsamer zählt für jedes genannte Cluster.

    \b
    Beispiel:
      newsletter clusters share 2026
      newsletter clusters share 2026 --csv anteile.csv
    """
    from newsletter import issues
    from newsletter.history import now

    year = year or now().astimezone(invocation.settings.zone).year
    with invocation.look() as session:
        found = issues.shares(session, invocation.settings, year)
    slugs = list(invocation.settings.newsletters)
    if file:
        _write(file, found, slugs)
    else:
        _tell(found, year)
    total = sum(each.items for each in found)
    give({"year": year, "clusters": [_facts(each, total, slugs) for each in found]})


def _facts(it: Share, total: int, slugs: Sequence[str]) -> dict[str, Any]:
    return {
        "slug": it.slug,
        "name": it.name,
        "handed_in": it.handed_in,
        "published": len(it.out),
        "planned": len(it.ahead - it.out),
        "share": round(it.items / total, 4) if total else 0.0,
        "places": {slug: it.places.get(slug, 0) for slug in slugs},
    }


# -- at the terminal ----------------------------------------------------------------------


def _tell(found: Sequence[Share], year: int) -> None:
    total = sum(each.items for each in found)
    if invocation.plain:
        table(_heads(), [_row(each, total) for each in found])
    else:
        for line in plotted(found, shutil.get_terminal_size().columns):
            say(line)
    items = len(set[int]().union(*(each.out | each.ahead for each in found)))
    appeared = sum(1 for each in found if each.items)
    said = n_(
        "{year}: {n} Beitrag von {clusters} der {all} Cluster.",
        "{year}: {n} Beiträge von {clusters} der {all} Cluster.",
        items,
    )
    say(said.format(year=year, n=items, clusters=appeared, all=len(found)))
    if not found:
        say(_("Noch keines. Übernehmen: newsletter clusters import DATEI"))
    elif appeared < len(found):
        suggest("queue list")


def _heads() -> list[str]:
    return [_("Cluster"), _("Eingereicht"), _("Erschienen"), _("Geplant"), _("Anteil")]


def _row(it: Share, total: int) -> list[str]:
    numbers = (it.handed_in, len(it.out), len(it.ahead - it.out))
    return [it.name, *map(str, numbers), _percent(it.items, total)]


def _percent(part: int, whole: int) -> str:
    return _("{n} %").format(n=round(100 * part / whole) if whole else 0)


def plotted(found: Sequence[Share], columns: int) -> Iterator[str]:
    """A table with a bar in each row, no line longer than ``columns``; narrow ones in two lines."""
    total, most = sum(each.items for each in found), max((each.items for each in found), default=0)
    rows = [(_row(each, total), each.items) for each in found]
    if columns < _NARROW:
        for row, items in rows:
            yield cut(row[0], columns)
            yield f"  {bar(items, most, columns - 10)} {row[-1]}".rstrip()
        return
    heads = _heads()
    numbers = sum(map(len, heads[1:])) + 2 * len(heads)
    longest = max((len(each.name) for each in found), default=0)
    name = min(max(longest, len(heads[0])), columns - numbers - _LEAST_BAR)
    width = min(columns - name - numbers, _LONGEST_BAR)
    yield "  ".join([heads[0].ljust(name), *heads[1:]])
    for row, items in rows:
        cells = (cell.rjust(len(head)) for head, cell in zip(heads[1:], row[1:], strict=True))
        plot = bar(items, most, width)
        yield "  ".join([cut(row[0], name).ljust(name), *cells, plot]).rstrip()


# -- as a file ----------------------------------------------------------------------------


def _write(file: str, found: Sequence[Share], slugs: Sequence[str]) -> None:
    from newsletter.commands import address_list

    if file == "-":
        _write_csv(sys.stdout, found, slugs)
        return
    with address_list.written(Path(file)) as out:
        out.write("\ufeff")  # spreadsheet programs want it
        _write_csv(out, found, slugs)
    said = n_("{n} Zeile in {file}.", "{n} Zeilen in {file}.", len(found))
    say(said.format(n=len(found), file=file))


def _write_csv(out: IO[str], found: Sequence[Share], slugs: Sequence[str]) -> None:
    from newsletter import texts

    total = sum(each.items for each in found)
    rows = [_facts(each, total, slugs) for each in found]
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    heads = ("slug", "name", "handed_in", "published", "planned", "share")
    writer.writerow([*heads, *slugs])
    for row in rows:
        values = [*(row[head] for head in heads), *row["places"].values()]
        writer.writerow([texts.cell(value) for value in values])
