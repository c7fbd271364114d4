"""``newsletter subscribers``: who reads, by what consent."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands import moments, reader_shown
from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import give, invocation, say, table, warn
from newsletter.commands.tree import Noun
from newsletter.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.readers import Report, Standing

_NEWSLETTER = typer.Option(..., "--newsletter", metavar="SLUG", help="Für welchen Newsletter.")
_ANY_NEWSLETTER = typer.Option(None, "--newsletter", metavar="SLUG", help="Nur dieser Newsletter.")
_EMAIL = typer.Argument(..., metavar="E-MAIL", help="Die Adresse der Person.")


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(
        help="Wer den Newsletter liest, und mit welcher Einwilligung.",
    )
    noun.command("add")(add)
    noun.command("find")(find)
    noun.command("list")(list_)
    noun.command("show")(show)
    noun.command("import")(import_)
    noun.command("unsubscribe")(unsubscribe)
    noun.command("erase")(erase)
    app.add_typer(noun, name="subscribers")


def add(
    email: str = _EMAIL,
    newsletter: str = _NEWSLETTER,
    evidence: str = typer.Option(
        ..., "--evidence", metavar="TEXT", help="Woher wir von der Einwilligung wissen."
    ),
    name: str = typer.Option("", "--name", metavar="TEXT", help="Wie die Person heißt."),
) -> None:
    """Eine Person aufnehmen, mit dem Nachweis ihrer Einwilligung.

    Wer sich abgemeldet hat, kommt nur durch eine eigene neue Anmeldung zurück.

    \b
    Beispiel:
      newsletter subscribers add maria@firma.example --newsletter go-cluster \\
        --evidence "Anmeldebogen Jahrestagung 2026" --as redaktion
    """
    from newsletter import readers

    with invocation.act() as act:
        added = readers.add(act, newsletter, email, evidence, name)
    said = (
        _("{email} erhält jetzt „{newsletter}“.")
        if added
        else _("{email} erhält „{newsletter}“ schon.")
    )
    say(said.format(email=email, newsletter=_name(newsletter)))
    give({"email": email, "newsletter": newsletter, "added": added})


def find(text: str = typer.Argument(..., help="Ein Teil der Adresse oder des Namens.")) -> None:
    """Personen finden, deren Adresse oder Name einen Text enthält.

    \b
    Beispiel:
      newsletter subscribers find firma.example --as redaktion
    """
    from newsletter import readers

    invocation.actor()
    with invocation.look() as session:
        found = readers.find(session, text)
    _list(found)
    if not found:
        say(_("Niemand mit „{text}“ in Adresse oder Name.").format(text=text))


def list_(
    newsletter: str = _ANY_NEWSLETTER,
    state: str = typer.Option(
        None,
        "--state",
        metavar="STAND",
        help="Nur in diesem Stand: pending, active, paused, restricted, expired, ended.",
    ),
) -> None:
    """Wer welchen Newsletter liest, mit Stand und Datum.

    Jeder Aufruf steht im Protokoll: Es ist ein Blick in personenbezogene Daten.

    \b
    Beispiel:
      newsletter subscribers list --newsletter clusterplattform --state active --as redaktion
    """
    from newsletter import readers
    from newsletter.dispatch.accounts import number
    from subscribers.models import SubscriptionState

    actor = invocation.actor()
    if newsletter is not None:
        invocation.settings.newsletter(newsletter)
    state = next((key for key, word in reader_shown.STATES.items() if _(word) == state), state)
    _one_of(state, reader_shown.STATES, "--state")
    with invocation.look() as session:
        found = readers.of_newsletter(
            session, newsletter, SubscriptionState(state) if state else None
        )
        counts = readers.counts(session)
    with invocation.act(actor) as act:
        act.record("subscribers", newsletter or "*", "listed", detail={"rows": len(found)})
    _list(found)
    for slug, states in counts.items():
        if newsletter in {None, slug}:
            parts = ", ".join(
                f"{number(n)} {_(reader_shown.STATES[state])}" for state, n in states.items()
            )
            say(f"{_name(slug)}: {parts}")
    if not counts:
        say(_("Noch liest niemand. Eine Liste übernimmt: newsletter subscribers import DATEI"))


def show(email: str = _EMAIL) -> None:
    """Alles, was über eine Person gespeichert ist, mit jedem Nachweis.

    \b
    Beispiel:
      newsletter subscribers show maria@firma.example --as redaktion
    """
    from newsletter import readers

    with invocation.act() as act:
        person = readers.known(act, email)
        facts = readers.standing(act.session, person)
        act.record("subscriber", person.public_id, "shown")
    say(f"{facts['email']}  {facts['name'] or ''}".rstrip())
    for one in facts["subscriptions"]:
        say()
        said = _("{newsletter}: {state} seit {when}")
        state, since = one["state"], moments.moment(one["since"])
        name = _name(one["newsletter"])
        say(said.format(newsletter=name, state=_(reader_shown.STATES[state]), when=since))
        say(reader_shown.wanted(one))
        table(
            reader_shown.evidence_heads(),
            [reader_shown.evidence(line) for line in one["evidence"]],
        )
    give(reader_shown.plain(facts))


def import_(
    file: str = typer.Argument(..., metavar="DATEI", help="CSV-Datei; - liest die Eingabe."),
    newsletter: str = _NEWSLETTER,
    evidence: str = typer.Option(
        None, "--evidence", metavar="TEXT", help="Nachweis für Zeilen, die keinen eigenen haben."
    ),
) -> None:
    """Eine Liste übernehmen: Spalten email, name, language, evidence, consented_at, edition.

    Nur email ist nötig; eine Zeile ohne evidence braucht --evidence. edition ist full (die
    ganze Ausgabe), text (nur Text) oder dates (nur Termine). Gute Zeilen werden übernommen,
    jede andere wird mit ihrer Nummer und dem Grund genannt (dann Ende mit 1).
    Dieselbe Liste noch einmal zu übernehmen schadet nicht.

    \b
    Beispiel:
      newsletter subscribers import leser.csv --newsletter go-cluster \\
        --evidence "Anmeldebogen Jahrestagung 2026" --as redaktion
    """
    report = _take_in(_content(file), newsletter, evidence)
    if report.ignored:
        warn(_("Nicht benutzte Spalten: {columns}").format(columns=", ".join(report.ignored)))
    taken = _("Übernommen: {added}, schon dabei: {already}, nicht übernommen: {refused}")
    counts = {"added": report.added, "already": report.already, "refused": len(report.refused)}
    say(taken.format(**counts))
    for refusal in report.refused:
        wrong = _("Zeile {line}: {why}")
        if refusal.email:
            wrong = _("Zeile {line} ({email}): {why}")
        facts = {"line": refusal.line, "email": refusal.email, "why": refusal.message}
        say("  " + wrong.format(**facts))
    give(
        {
            "newsletter": newsletter,
            "added": report.added,
            "already": report.already,
            "refused": [
                {"line": one.line, "email": one.email, "message": one.message}
                for one in report.refused
            ],
            "ignored_columns": report.ignored,
        }
    )
    if report.refused:
        raise typer.Exit(1)


def unsubscribe(email: str = _EMAIL, newsletter: str = _ANY_NEWSLETTER) -> None:
    """Eine Person abmelden, weil sie darum gebeten hat; ohne --newsletter von allen.

    Das gilt sofort, auch für eine Ausgabe, die gerade gesendet wird.

    \b
    Beispiel:
      newsletter subscribers unsubscribe maria@firma.example --as redaktion
    """
    from newsletter import readers

    with invocation.act() as act:
        goodbyes = readers.unsubscribe_address(act, email, newsletter)
    for goodbye in goodbyes:
        said = (
            _("{email} ist von „{newsletter}“ abgemeldet.")
            if goodbye.changed
            else _("{email} hatte „{newsletter}“ nicht abonniert.")
        )
        say(said.format(email=email, newsletter=goodbye.newsletter))
    give(
        {
            "email": email,
            "unsubscribed": [one.slug for one in goodbyes if one.changed],
            "unchanged": [one.slug for one in goodbyes if not one.changed],
        }
    )


def erase(email: str = _EMAIL) -> None:
    """Eine Person löschen; das lässt sich nicht zurücknehmen.

    So verlangt es Art. 17 DSGVO. Adresse und Name verschwinden aus der Datenbank. Es bleibt
    ein Schlüsselwert der Adresse, damit keine Liste sie zurückbringt, und der Nachweis
    früherer Einwilligungen ohne Namen.

    \b
    Beispiel:
      newsletter subscribers erase maria@firma.example --as redaktion
    """
    from newsletter import readers

    invocation.actor()
    sure = _("{email} wirklich löschen? Das gilt für immer.").format(email=email)
    if at_a_terminal() and not yes(sure, default=False):
        raise typer.Exit(1)
    with invocation.act() as act:
        public_id = readers.erase(act, email)
    said = _("{email} ist gelöscht. Nichts wird mehr an diese Adresse geschrieben.")
    say(said.format(email=email))
    say(
        _(
            "Geblieben ist ein Schlüsselwert der Adresse, damit keine Liste sie zurückbringt, und\n"
            "der Nachweis der Einwilligung ohne Namen (Art. 17 Abs. 3 Buchstabe e DSGVO)."
        )
    )
    say(
        _(
            "In Sicherungen steht die Adresse, bis diese verfallen; eine wieder eingespielte\n"
            "Datenbank löscht sie beim Übernehmen (newsletter db adopt) von neuem."
        )
    )
    give({"id": public_id, "erased": True, "kept": ["suppression", "evidence"]})


def _take_in(content: bytes, newsletter: str, evidence: str | None) -> Report:
    """Batch by batch, each its own transaction: nobody waits for a long list."""
    from newsletter import history, readers

    actor = invocation.actor()
    settings = invocation.settings
    settings.newsletter(newsletter)
    sheet = readers.read_csv(content, settings, evidence, history.now())
    report = readers.Report(ignored=sheet.ignored)
    for batch in readers.batches(sheet.rows):
        with invocation.act(actor) as act:
            readers.import_rows(act, newsletter, batch, report)
    with invocation.act(actor) as act:
        readers.record_import(act, newsletter, report, evidence)
    return report


def _content(file: str) -> bytes:
    from newsletter.errors import WrongUsage, unreadable

    if file == "-":
        return sys.stdin.buffer.read()
    path = Path(file)
    if not path.is_file():
        raise WrongUsage(why=_("Die Datei {file} gibt es nicht.").format(file=file))
    try:
        return path.read_bytes()
    except OSError as exc:
        wrong = _("{file} lässt sich nicht lesen ({why}).")
        raise WrongUsage(why=wrong.format(file=file, why=unreadable(exc))) from exc


def _one_of(given: str | None, known: dict[str, str], option: str) -> None:
    from newsletter.errors import WrongUsage

    if given is not None and given not in known:
        wrong = _("{option} „{given}“ gibt es nicht. Möglich: {names}.")
        raise WrongUsage(why=wrong.format(option=option, given=given, names=", ".join(known)))


def _list(found: Sequence[Standing]) -> None:
    if found:
        table(
            [_("Adresse"), _("Name"), _("Newsletter"), _("Stand"), _("seit")],
            [_row(one) for one in found],
        )
        say()
    give(
        [
            {
                "email": one.email,
                "name": one.name,
                "newsletter": one.newsletter,
                "state": one.state,
                "since": one.since.isoformat(),
                "edition": one.edition,
            }
            for one in found
        ]
    )


def _row(one: Standing) -> list[object]:
    state, since = _(reader_shown.STATES[one.state]), moments.moment(one.since)
    return [one.email, one.name, one.newsletter, state, since]


def _name(slug: str) -> str:
    from newsletter import readers

    return readers.name_of(invocation.settings, slug)
