"""``newsletter clusters``: the member register, its people, links and keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import clusters_feed, clusters_people, clusters_share, moments
from newsletter.commands.context import give, invocation, say, table, warn
from newsletter.commands.tree import Noun
from newsletter.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.clusters import Imported
    from newsletter.models.cluster import Cluster, Contributor

_LABELS = {"gold": N_("Gold"), "silver": N_("Silber"), "bronze": N_("Bronze")}
_SLUG = typer.Argument(..., metavar="SLUG", help="Das Kürzel des Clusters.")


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(
        help="Mitgliedscluster: wer dazugehört und wer einreichen darf.",
    )
    noun.command("add")(add)
    noun.command("import")(import_)
    noun.command("list")(list_)
    noun.command("show")(show)
    noun.command("deactivate")(deactivate)
    clusters_people.mount(noun)
    clusters_feed.mount(noun)
    clusters_share.mount(noun)
    noun.command("key")(key)
    app.add_typer(noun, name="clusters")


def add(
    slug: str = _SLUG,
    name: str = typer.Option(..., "--name", metavar="TEXT", help="Der volle Name."),
    land: list[str] = typer.Option([], "--land", metavar="DE-XX", help="Das Land; auch mehrere."),
    field: list[str] = typer.Option([], "--field", metavar="TEXT", help="Das Feld; auch mehrere."),
    label: str = typer.Option("", "--label", metavar="LABEL", help="gold, silver oder bronze."),
    label_until: str = typer.Option(
        "", "--label-until", metavar="TAG", help="Bis wann das Label gilt, z. B. 2029-11-30."
    ),
    website: str = typer.Option("", "--website", metavar="ADRESSE", help="Mit https://."),
    contact_email: str = typer.Option(
        "", "--contact-email", metavar="E-MAIL", help="Wer angeschrieben wird und einreichen darf."
    ),
) -> None:
    """Ein Cluster eintragen, oder ein stillgelegtes zurückholen.

    \b
    Beispiel:
      newsletter clusters add lichtwerk --name "Lichtwerk Havelbogen e. V." --land DE-BB \\
        --field "Mikro-Nano-Opto" --contact-email presse@lichtwerk.example --as redaktion
    """
    from newsletter import clusters

    facts = {
        "slug": slug,
        "name": name,
        "land": land,
        "field": field,
        "label": label,
        "label_until": label_until,
        "website": website,
        "contact_email": contact_email,
    }
    with invocation.act() as act:
        added = clusters.add(act, facts)
    say(_("{name} ist eingetragen.").format(name=added.name))
    clusters_people.next_step(slug, contact_email)
    give({"slug": slug})


def import_(
    file: Path = typer.Argument(
        ..., metavar="DATEI", help="JSON oder CSV (UTF-8); „-“: Standardeingabe."
    ),
) -> None:
    """Cluster aus einer Datei übernehmen; gleiche Kürzel werden aktualisiert.

    Spalten oder Schlüssel: slug, name, land, field, label, label_until, website, contact_email.
    Mehrere Länder oder Felder stehen im CSV in einer Zelle, getrennt mit „|“. Was eine Zeile
    nicht nennt (keine solche Spalte, kein solcher Schlüssel), bleibt, wie es ist; genannt und
    leer (in JSON auch null), wird es gelöscht. Richtige Zeilen werden übernommen, falsche
    genannt; dann ist der Rückgabewert 1.

    \b
    Beispiel:
      newsletter clusters import clusters.json --as redaktion
    """
    from newsletter import clusters
    from newsletter.commands import given

    with invocation.act() as act:
        if str(file) == "-":
            report = clusters.import_bytes(act, given.bytes_of("-"), _("Standardeingabe"))
        else:
            report = clusters.import_file(act, file)
    say(_counted(report))
    give(_as_facts(report))
    for refusal in report.refused:
        for problem in refusal.problems:
            warn(f"{refusal.where}, {problem.field}: {problem.message}")
    if report.refused:
        raise typer.Exit(1)


def _counted(report: Imported) -> str:
    return _("{new} neu, {changed} geändert, {unchanged} unverändert, {refused} abgelehnt.").format(
        new=len(report.new),
        changed=len(report.changed),
        unchanged=len(report.unchanged),
        refused=len(report.refused),
    )


def _as_facts(report: Imported) -> dict[str, Any]:
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": [
            {
                "where": refusal.where,
                "problems": [
                    {"field": each.field, "message": each.message} for each in refusal.problems
                ],
            }
            for refusal in report.refused
        ],
    }


def list_() -> None:
    """Alle Cluster, nach Namen.

    \b
    Beispiel:
      newsletter clusters list
    """
    from newsletter import clusters

    with invocation.look() as session:
        found = clusters.all_(session)
    table(
        [_("Kürzel"), _("Name"), _("Länder"), _("Label"), _("Stand")],
        [
            [each.slug, each.name, ", ".join(each.laender), _label(each), _state(each)]
            for each in found
        ],
    )
    if not found:
        say(_("Noch keines. Übernehmen: newsletter clusters import DATEI"))
    give([_facts_of(each) for each in found])


def show(slug: str = _SLUG) -> None:
    """Ein Cluster mit seinen Ansprechpersonen.

    \b
    Beispiel:
      newsletter clusters show lichtwerk-havelbogen
    """
    from newsletter import clusters

    with invocation.look() as session:
        cluster = clusters.get(session, slug)
        people = clusters.people_of(session, cluster)
    for head, text in [
        (_("Kürzel"), cluster.slug),
        (_("Name"), cluster.name),
        (_("Länder"), ", ".join(cluster.laender)),
        (_("Felder"), ", ".join(cluster.fields)),
        (_("Label"), _label(cluster)),
        (_("Website"), cluster.website or ""),
        (_("Kontakt"), cluster.contact_email or ""),
        (_("Stand"), _state(cluster)),
        *((_("Einreichen darf"), clusters_people.named(each)) for each in people),
    ]:
        if text:
            say(f"{head}: {text}")
    give({**_facts_of(cluster), "people": _people(people)})


def deactivate(slug: str = _SLUG) -> None:
    """Ein Cluster stilllegen: Seine Links und sein Schlüssel enden sofort.

    \b
    Beispiel:
      newsletter clusters deactivate lichtwerk-havelbogen --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        clusters.deactivate(act, slug)
    said = _("{slug} ist stillgelegt; seine Links und sein Schlüssel gelten nicht mehr.")
    say(said.format(slug=slug))
    give({"slug": slug, "active": False})


def key(slug: str = _SLUG) -> None:
    """Einen neuen Schlüssel für die Schnittstelle ausgeben; der bisherige endet sofort.

    \b
    Beispiel:
      newsletter clusters key lichtwerk-havelbogen --as redaktion
    """
    from newsletter import clusters

    with invocation.act() as act:
        secret = clusters.key(act, slug)
    said = _("Der Schlüssel von {slug}, nur jetzt zu sehen; ein früherer gilt nicht mehr:")
    say(said.format(slug=slug))
    say(secret)
    give({"key": secret})


def _label(cluster: Cluster) -> str:
    if cluster.label is None:
        return ""
    label = _(_LABELS[cluster.label])
    if cluster.label_until is None:
        return label
    return _("{label} bis {day}").format(label=label, day=moments.day(cluster.label_until))


def _state(cluster: Cluster) -> str:
    return _("stillgelegt") if cluster.deactivated_at else _("aktiv")


def _people(people: Sequence[Contributor]) -> list[dict[str, str | None]]:
    return [{"email": each.email, "name": each.name} for each in people]


def _facts_of(cluster: Cluster) -> dict[str, Any]:
    return {
        "slug": cluster.slug,
        "name": cluster.name,
        "land": cluster.laender,
        "field": cluster.fields,
        "label": cluster.label,
        "label_until": cluster.label_until,
        "website": cluster.website,
        "contact_email": cluster.contact_email,
        "active": cluster.deactivated_at is None,
    }
