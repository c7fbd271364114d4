"""``newsletter stories``: what may be shown again, above all success stories."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands import moments, stake
from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.commands.tree import Noun
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.models.story import Story
    from newsletter.stories import Stocked
    from newsletter.submissions import Place

_REFERENCE = typer.Argument(..., metavar="ID", help="Der Beitrag, zum Beispiel q12.")


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(
        help="Vorrat: Geschichten und Meldungen, die wieder erscheinen dürfen.",
    )
    noun.command("add")(add)
    noun.command("list")(list_)
    noun.command("show")(show)
    noun.command("use")(use)
    noun.command("remove")(remove)
    app.add_typer(noun, name="stories")


def add(
    reference: str = _REFERENCE,
    terms: str = typer.Option(
        ..., "--terms", metavar="TEXT", help="Wo und wie er wieder erscheinen darf."
    ),
    evidence: Path = typer.Option(
        ...,
        "--evidence",
        metavar="DATEI",
        help="Die Zusage: E-Mail oder Notiz; „-“: Standardeingabe.",
    ),
    approved_by: str = typer.Option(
        "",
        "--approved-by",
        metavar="NAME",
        help="Wer dort zustimmte; sonst wie im Beitrag.",
    ),
    approved_on: str = typer.Option(
        None, "--approved-on", metavar="TAG", help="Wann, zum Beispiel 2026-11-20; sonst heute."
    ),
    until: str = typer.Option(None, "--until", metavar="TAG", help="Letzter Tag der Nutzung."),
    again_after: str = typer.Option(
        None, "--again-after", metavar="TAG", help="Erst nach diesem Tag wieder zeigen."
    ),
) -> None:
    """Einen Beitrag in den Vorrat legen, mit der Zusage des Unternehmens.

    Die Zusage gilt für die neueste Fassung; nur die erscheint wieder. Für einen Beitrag, der
    schon im Vorrat liegt, tritt sie an die Stelle der bisherigen.

    \b
    Beispiel:
      newsletter stories add q12 --terms "Newsletter und Website, mit Bild" \\
        --approved-by "Dr. Erika Beispiel" --evidence zusage.eml --until 2028-12-31 --as redaktion
    """
    from newsletter import stories
    from newsletter.evidence import Evidence
    from newsletter.history import now

    today = now().astimezone(invocation.settings.zone).date()
    given = stories.Terms(
        terms=terms,
        approved_by=approved_by,
        approved_on=moments.day_in(approved_on, "--approved-on") or today,
        evidence=Evidence.read(evidence),
        until=moments.day_in(until, "--until"),
        again_after=moments.day_in(again_after, "--again-after"),
    )
    with invocation.act() as act:
        story = stories.keep(act, reference, given)
    said = _("q{number} liegt im Vorrat, in Fassung {revision}. {usable}")
    usable = _agreed(story)
    say(said.format(number=story.submission_id, revision=story.revision, usable=usable))
    suggest(f"stories show q{story.submission_id}")
    give(_terms(story))


def _agreed(story: Story) -> str:
    from_, until = story.again_after, story.until
    if from_ and until:
        said = _("Wieder nach dem {day}, längstens bis {until}.")
        return said.format(day=moments.day(from_), until=moments.day(until))
    if from_:
        return _("Wieder nach dem {day}.").format(day=moments.day(from_))
    if until:
        return _("Längstens bis {until}.").format(until=moments.day(until))
    return _("Ohne Frist.")


def list_(
    words: list[str] = typer.Argument(
        None, metavar="[WORT…]", help="Alle müssen in Titel, Text oder Cluster vorkommen."
    ),
    cluster: str = typer.Option(None, "--cluster", metavar="SLUG", help="Nur von diesem."),
    land: str = typer.Option(None, "--land", metavar="LAND", help="BY, DE-BY oder Bayern."),
    field: str = typer.Option(None, "--field", metavar="TEXT", help="Ein Technologiefeld."),
    kind: str = typer.Option(None, "--kind", metavar="ART", help="news oder success_story."),
    usable: bool = typer.Option(False, "--usable", help="Nur, was heute erscheinen darf."),
) -> None:
    """Im Vorrat suchen; was am längsten nicht zu sehen war, steht oben.

    \b
    Beispiel:
      newsletter stories list licht --land BB --usable
    """
    from newsletter import stories
    from newsletter.history import now

    query = stories.Query(
        words=" ".join(words or []),
        cluster=cluster,
        land=land,
        field=field,
        kind=_kind(kind),
        usable=usable,
    )
    with invocation.look() as session:
        found = stories.search(session, invocation.settings, query, now())
    if found:
        table(
            [_("ID"), _("Titel"), _("Von"), _("Zuletzt"), _("Nutzung")],
            [_row(each) for each in found],
        )
        suggest(f"stories show {found[0].item.reference}")
    elif query == stories.Query():
        say(_("Der Vorrat ist leer. Hineinlegen: newsletter stories add ID --terms TEXT …"))
    else:
        say(_("Im Vorrat findet sich dazu nichts. Alles zeigt: newsletter stories list"))
    give([_facts(each) for each in found])


def _kind(said: str | None) -> Any:
    from newsletter.content import Kind
    from newsletter.errors import WrongUsage

    if said is None:
        return None
    try:
        return Kind(said)
    except ValueError:
        why = _("Art „{value}“ gibt es nicht. Möglich: {known}.")
        raise WrongUsage(why=why.format(value=said, known=", ".join(Kind))) from None


def _row(it: Stocked) -> list[str]:
    last = it.last
    shown = f"{last.newsletter}-{last.number}" if last else _("noch nie")
    return [it.item.reference, it.item.title, it.item.origin.name, shown, _in_short(it.story)]


def _in_short(story: Story) -> str:
    """„nach 01.06.2027, bis 31.12.2028“, for a table."""
    said = []
    if story.again_after:
        said.append(_("nach {day}").format(day=moments.day(story.again_after)))
    if story.until:
        said.append(_("bis {day}").format(day=moments.day(story.until)))
    return ", ".join(said) or _("ohne Frist")


def show(
    reference: str = _REFERENCE,
    evidence: Path = typer.Option(
        None, "--save-evidence", metavar="DATEI", help="Den Nachweis in eine neue Datei legen."
    ),
) -> None:
    """Einen Beitrag im Vorrat zeigen: Zusage, Bedingungen, wo er schon erschien.

    \b
    Beispiel:
      newsletter stories show q12
    """
    from newsletter import stories
    from newsletter.history import now

    with invocation.look() as session:
        it = stories.show(session, invocation.settings, reference, now())
    if evidence:
        _save(evidence, it.story.evidence)
        if str(evidence) == "-":
            return
    for line in _told(it):
        say(line)
    if not it.why_not:
        suggest(f"stories use {it.item.reference} {_('AUSGABE')}")
    give(_facts(it))


def _told(it: Stocked) -> list[str]:
    story = it.story
    agreed = _("Zugestimmt hat {name} am {day}; Nachweis: {file}")
    lines = [
        f"{it.item.reference}  {it.item.title} ({it.item.origin.name})",
        _("Bedingungen: {terms}").format(terms=story.terms),
        _agreed(story),
        agreed.format(
            name=story.approved_by, day=moments.day(story.approved_on), file=story.evidence_name
        ),
    ]
    newest = it.submission.revision
    if newest > story.revision:
        said = _("Die Zusage gilt für Fassung {agreed}; inzwischen gibt es Fassung {newest}.")
        lines.append(said.format(agreed=story.revision, newest=newest))
    lines += [_place(place) for place in it.places] or [_("Noch nirgends erschienen.")]
    return lines + ([it.why_not] if it.why_not else [])


def _place(place: Place) -> str:
    said = _("Erschienen in {issue}: {url}")
    return said.format(issue=f"{place.newsletter}-{place.number}", url=place.url)


def _save(file: Path, content: bytes) -> None:
    from newsletter.errors import Refused, unreadable

    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    try:
        with file.open("xb") as out:
            out.write(content)
    except OSError as error:
        said = _("{file} lässt sich nicht schreiben: {why}")
        raise Refused(why=said.format(file=file, why=unreadable(error))) from error


def use(
    reference: str = _REFERENCE,
    key: str = typer.Argument(
        ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
    ),
    section: str = typer.Option(None, "--section", metavar="RUBRIK", help="Kürzel der Rubrik."),
) -> None:
    """Einen Beitrag aus dem Vorrat in eine Ausgabe nehmen.

    Es bleibt derselbe Beitrag: Er muss für diesen Newsletter angenommen sein, und wird er
    zurückgezogen, dann überall. Ist die Nutzung abgelaufen, kommt er nicht hinein.

    \b
    Beispiel:
      newsletter stories use q12 clusterplattform-2027-07 --as redaktion
    """
    from newsletter import issues

    invocation.actor()
    seen = stake.of_issue(key)
    with invocation.act() as act:
        issues.require_as_seen(act, seen)
        used = issues.use(act, key, reference, section)
    said = _("{reference} steht in Fassung {revision} unter {section}.")
    its = {"reference": used.reference, "revision": used.revision, "section": used.section}
    say(said.format(**its))
    for place in used.places:
        say(_place(place))
    suggest(f"issue check {used.issue_id}")
    give({"id": used.reference, "issue": used.issue_id, **its, "published": _urls(used.places)})


def remove(
    reference: str = _REFERENCE,
    reason: str = typer.Option("", "--reason", metavar="TEXT", help="Warum; steht im Verlauf."),
) -> None:
    """Einen Beitrag aus dem Vorrat nehmen: Er erscheint nicht wieder.

    Was verschickt ist, bleibt. Ausgaben, die ihn wieder zeigen sollten, verlieren ihre
    Freigabe; ein laufender Versand hält an.

    \b
    Beispiel:
      newsletter stories remove q12 --reason "Firma widerrief am 3. März" --as redaktion
    """
    from newsletter import stories
    from newsletter.commands import queue_shown

    done = stake.act([reference], lambda act: stories.drop(act, reference, reason))
    say(_("{item} ist aus dem Vorrat genommen.").format(item=done.reference))
    queue_shown.tell_stopped(done.stopped)
    suggest(f"issue check {done.stopped[0][0]}" if done.stopped else "stories list")
    stopped = {issue: state.value for issue, state in done.stopped}
    give({"id": done.reference, "in_stock": False, "stopped": stopped})


# -- as JSON ------------------------------------------------------------------------------


def _terms(story: Story) -> dict[str, Any]:
    return {
        "id": f"q{story.submission_id}",
        "revision": story.revision,
        "terms": story.terms,
        "until": story.until,
        "again_after": story.again_after,
        "approved_by": story.approved_by,
        "approved_on": story.approved_on,
        "evidence": story.evidence_name,
    }


def _facts(it: Stocked) -> dict[str, Any]:
    return {
        **_terms(it.story),
        "kind": it.item.kind.value,
        "title": it.item.title,
        "from": it.item.origin.name,
        "cluster": it.cluster.slug if it.cluster else None,
        "published": _urls(it.places),
        "usable": not it.why_not,
        "why_not": it.why_not or None,
    }


def _urls(places: tuple[Place, ...]) -> list[dict[str, str]]:
    return [{"issue": f"{it.newsletter}-{it.number}", "url": it.url} for it in places]
