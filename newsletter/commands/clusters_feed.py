"""``newsletter clusters feed``: members' feeds, from which items are suggested to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import moments
from newsletter.commands.context import give, invocation, say, suggest, table, warn
from newsletter.commands.tree import Noun
from newsletter.language import _, n_

if TYPE_CHECKING:
    from newsletter.feeds_in import Line, Report

_SLUG = typer.Argument(..., metavar="SLUG", help="Das Kürzel des Clusters.")
_URL = typer.Argument(
    ..., metavar="ADRESSE", help="RSS, Atom, ein Kalender (.ics) oder eine Seite mit Terminen."
)


def mount(noun: Noun) -> None:
    """Put the commands below ``clusters``."""
    feed = Noun(
        help="Feeds der Mitglieder: Was dort neu ist, wird dem Cluster vorgeschlagen.",
    )
    feed.command("add")(add)
    feed.command("list")(list_)
    feed.command("read")(read)
    feed.command("remove")(remove)
    noun.add_typer(feed, name="feed")


def add(slug: str = _SLUG, url: str = _URL) -> None:
    """Einen Feed eintragen; er wird alle sechs Stunden gelesen, solange „newsletter run“ läuft.

    Was neu ist, steht auf der Formularseite des Clusters unter „Auf Ihrer Seite gefunden:
    einreichen?“. Eingereicht oder veröffentlicht wird dadurch nichts.

    \b
    Beispiel:
      newsletter clusters feed add lichtwerk-havelbogen https://www.lichtwerk.example/termine.ics \\
        --as redaktion
    """
    from newsletter import feeds_in

    with invocation.act() as act:
        added = feeds_in.add(act, slug, url)
        known = added.url
    say(_("Für {slug} wird gelesen: {url}").format(slug=slug, url=known))
    suggest(f"clusters feed read {slug}")
    give({"slug": slug, "url": known})


def remove(slug: str = _SLUG, url: str = _URL) -> None:
    """Einen Feed austragen; offene Vorschläge daraus verschwinden, Entwürfe bleiben.

    \b
    Beispiel:
      newsletter clusters feed remove lichtwerk-havelbogen \\
        https://www.lichtwerk.example/termine.ics --as redaktion
    """
    from newsletter import feeds_in

    with invocation.act() as act:
        feeds_in.remove(act, slug, url)
    say(_("Für {slug} wird nicht mehr gelesen: {url}").format(slug=slug, url=url))
    give({"slug": slug, "url": url})


def list_(
    slug: str = typer.Argument("", metavar="[SLUG]", help="Nur die dieses Clusters."),
) -> None:
    """Alle Feeds: wann zuletzt gelesen, wie viele Vorschläge offen sind, was nicht ging.

    \b
    Beispiel:
      newsletter clusters feed list
    """
    from newsletter import feeds_in

    with invocation.look() as session:
        lines = [_facts(line) for line in feeds_in.feeds_of(session, slug)]
    heads = [_("Cluster"), _("Adresse"), _("Zuletzt gelesen"), _("Offen"), _("Stand")]
    table(
        heads,
        [
            [*(line[name] for name in _COLUMNS), line["trouble"] or _waiting(line["beyond"])]
            for line in lines
        ],
    )
    if not lines:
        say(_("Noch keiner. Eintragen: newsletter clusters feed add SLUG ADRESSE"))
    give(lines)


_COLUMNS = ("cluster", "url", "read_at", "open")


def _facts(line: Line) -> dict[str, Any]:
    read_at = line.feed.read_at
    return {
        "cluster": line.slug,
        "url": line.feed.url,
        "read_at": moments.moment(read_at) if read_at and not invocation.json else read_at,
        "open": line.open,
        "beyond": line.feed.beyond,
        "trouble": line.feed.trouble,
    }


def read(slug: str = _SLUG) -> None:
    """Die Feeds eines Clusters jetzt lesen, und sagen, was dabei herauskam.

    \b
    Beispiel:
      newsletter clusters feed read lichtwerk-havelbogen --as redaktion
    """
    from newsletter import feeds_in, history, outside

    with invocation.act() as act:
        ids = [line.feed.id or 0 for line in feeds_in.feeds_of(act.session, slug)]
        actor = act.actor
    settings, engine = invocation.settings, invocation.engine
    fetcher = outside.Fetcher(settings.network, settings.agent)
    reports = [
        feeds_in.read_now(engine, settings, fetcher, history.now, each, actor) for each in ids
    ]
    for report in reports:
        (warn if report.trouble else say)(f"{report.url}: {_said(report)}")
    if not reports:
        say(_("Noch keiner. Eintragen: newsletter clusters feed add SLUG ADRESSE"))
    give([_of(report) for report in reports])
    if any(report.trouble for report in reports):
        raise typer.Exit(3)


def _said(report: Report) -> str:
    if report.trouble:
        return report.trouble
    if report.unchanged:
        return _("seit dem letzten Lesen nicht verändert.")
    found = n_("{n} Eintrag ist neu.", "{n} Einträge sind neu.", report.new)
    return " ".join(filter(None, (found.format(n=report.new), _waiting(report.beyond))))


def _waiting(beyond: int) -> str:
    """Of a long calendar the next dates are suggested, and the others as they come nearer."""
    said = n_(
        "{n} späterer Termin wird vorgeschlagen, sobald er zu den nächsten {most} gehört.",
        "{n} spätere Termine werden vorgeschlagen, sobald sie zu den nächsten {most} gehören.",
        beyond,
    )
    from newsletter import feeds_in

    return said.format(n=beyond, most=feeds_in.MOST) if beyond else ""


def _of(report: Report) -> dict[str, Any]:
    return {
        "url": report.url,
        "new": report.new,
        "hints": report.hints,
        "beyond": report.beyond,
        "unchanged": report.unchanged,
        "trouble": report.trouble or None,
    }
