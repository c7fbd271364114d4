"""``db``: bring the database up to date, look it over, take a copy over."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say
from newsletter.commands.tree import Noun
from newsletter.language import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from newsletter.database.checkup import Seen
    from newsletter.history import Actor

_ENOUGH = 500_000_000  # bytes: a few hundred pictures, and room for a database to tidy up


def mount(app: typer.Typer) -> None:
    """Put the noun into the tree."""
    noun = Noun(
        help="Datenbank: erneuern, prüfen, eine Kopie übernehmen.",
    )
    noun.command("upgrade")(upgrade)
    noun.command("check")(check)
    noun.command("adopt")(adopt)
    app.add_typer(noun, name="db")


def upgrade() -> None:
    """Die Datenbank auf den Stand dieses Programms bringen. Sichern Sie sie vorher.

    \b
    Beispiel:
      newsletter db upgrade
    """
    from newsletter import database

    engine = database.connect(invocation.settings.database_url)
    try:
        before = database.state_of(engine)
        database.upgrade(engine)
    finally:
        engine.dispose()
    if before == database.newest():
        say(_("Die Datenbank war schon auf dem Stand des Programms."))
    else:
        said = _("Die Datenbank ist jetzt auf dem Stand {version}.")
        say(said.format(version=database.newest()))
    give({"before": before, "now": database.newest()})


def check() -> None:
    """Prüfen, ob mit der Datenbank alles stimmt: Stand, Aufbau, Unversehrtheit, Platz.

    Auch ob aus diesem Ordner gesendet werden darf. Verändert nichts. Ende mit 0, wenn alles
    stimmt; mit 1, wenn etwas zu tun ist; mit 3, wenn die Datenbank nicht erreichbar ist.

    \b
    Beispiel:
      newsletter db check
    """
    from newsletter import database
    from newsletter.database import checkup

    settings = invocation.settings
    engine = database.connect(settings.database_url)
    try:
        seen = checkup.look(engine)
        doubt = _doubt(engine) if seen.current else None
    finally:
        engine.dispose()
    free = shutil.disk_usage(settings.home).free
    wrong = [*seen.wrong, *([doubt] if doubt else []), *_scarce(free)]
    _show(seen, doubt, free)
    give(
        {
            "ok": not wrong,
            "database": seen.kind,
            "version": seen.version,
            "place": seen.place,
            "schema": {"is": seen.revision, "wanted": database.newest()},
            "wrong": wrong,
            "hints": list(seen.hints),
            "may_send": seen.current and doubt is None,
            "free_bytes": free,
        }
    )
    if wrong:
        raise typer.Exit(1)


def _doubt(engine: Engine) -> str | None:
    from newsletter.database import reading
    from newsletter.dispatch import home_guard

    with reading(engine) as session:
        return home_guard.doubt(session, invocation.settings.home)


def _show(seen: Seen, doubt: str | None, free: int) -> None:
    say(f"{seen.kind} {seen.version}, {seen.place}")
    for problem in seen.wrong:
        say("  " + _("Fehler: {problem}").format(problem=problem))
    if not seen.wrong:
        say("  " + _("Stand, Aufbau und Inhalt stimmen (Stand {n}).").format(n=seen.revision))
    if doubt:
        how = _("Aus diesem Ordner wird nichts gesendet: {why} Übernehmen: {command}")
        say("  " + how.format(why=doubt, command="newsletter db adopt --reason …"))
    elif seen.current:
        say("  " + _("Aus diesem Ordner darf gesendet werden."))
    for hint in seen.hints:
        say("  " + _("Hinweis: {hint}").format(hint=hint))
    for scarce in _scarce(free) or [_("Frei für Bilder und Protokolle: {n}.").format(n=_gb(free))]:
        say("  " + scarce)


def _scarce(free: int) -> list[str]:
    if free >= _ENOUGH:
        return []
    return [
        _("Auf dem Datenträger sind nur noch {n} frei. Bitte Platz schaffen.").format(n=_gb(free))
    ]


def _gb(size: int) -> str:
    return _("{n:.1f} GB").format(n=size / 1e9).replace(".", _(","), 1)


def adopt(
    reason: str = typer.Option(
        ..., "--reason", metavar="GRUND", help="Warum von jetzt an dieser Ordner sendet."
    ),
) -> None:
    """Einen kopierten oder zurückgespielten Ordner übernehmen: von jetzt an sendet er.

    Was nicht abgeschlossen war, könnte aus dem anderen Ordner hinausgegangen sein: es gilt
    als unklar, bis jemand entscheidet. Abmeldungen, die die Datenbank nicht kennt, werden
    nachgetragen. Der andere Ordner darf danach nicht mehr senden.

    \b
    Beispiel:
      newsletter db adopt --reason "Umzug auf den neuen Server"
    """
    from newsletter.dispatch import home_guard
    from newsletter.dispatch.accounts import number
    from newsletter.errors import WrongUsage

    if not reason.strip():
        wrong = _("--reason braucht einen Grund; er bleibt im Verlauf stehen.")
        raise WrongUsage(why=wrong)
    home, engine = invocation.settings.home, invocation.engine
    with home_guard.only_sender(home, engine), invocation.act(_login()) as act:
        done = home_guard.adopt(act, reason.strip())
    say(_("Übernommen: von jetzt an sendet dieser Ordner."))
    say("  " + _("unklare Zustellungen und Nachrichten: {n}").format(n=number(done.unknown)))
    say("  " + _("nachgetragene Abmeldungen: {n}").format(n=number(done.goodbyes)))
    for issue_id in done.late:
        waits = _("{id} wartet auf ein Ja: newsletter issue schedule {id} now")
        say("  " + waits.format(id=issue_id))
    give({"unknown": done.unknown, "goodbyes": done.goodbyes, "late": list(done.late)})


def _login() -> Actor:
    """``db`` asks nobody who acts; the login stands in the history."""
    import getpass

    from newsletter.history import Actor

    try:
        return Actor("db", getpass.getuser())
    except (KeyError, OSError):
        return Actor("db")
