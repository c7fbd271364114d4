"""``newsletter issue preview``: the mail as it will be, in the browser or as files."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say
from newsletter.errors import Refused, WrongUsage, unreadable
from newsletter.language import N_, _

if TYPE_CHECKING:
    from newsletter.web.preview import Sheet

HOST, USUAL_PORT = "127.0.0.1", 8025


class NothingToWrite(Refused):
    """No mail could be made."""

    sentence = "{why}"


class NotWritten(Refused):
    """The operating system says no."""

    sentence = N_("Nach {folder} lässt sich nicht schreiben: {why}")


def preview(
    key: str = typer.Argument(
        None, metavar="AUSGABE", help="Die Ausgabe; ohne Angabe die eine, die gerade entsteht."
    ),
    port: int = typer.Option(
        None,
        "--port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Der Port; sonst 8025 oder ein freier.",
    ),
    open_: bool = typer.Option(False, "--open", help="Gleich den Browser öffnen."),
    link: bool = typer.Option(
        False, "--link", help="Eine Adresse der Webseiten machen, die 12 Stunden gilt, und enden."
    ),
    write: Path = typer.Option(
        None, "--write", metavar="ORDNER", help="Als Dateien ablegen (HTML, Text, .eml), und enden."
    ),
    screenshots: Path = typer.Option(
        None,
        "--screenshots",
        metavar="ORDNER",
        help="Alle Ansichten als Bilder (PNG) ablegen, und enden; braucht Chromium.",
    ),
) -> None:
    """Eine Ausgabe ansehen, wie sie ankommt, in allen Ansichten und mit der Prüfung.

    600, 360 und 320 Pixel breit, hell und dunkel, ohne Bilder, ohne Stilvorlage, als Text.
    Die Seite aktualisiert sich von selbst, wenn sich die Ausgabe, ein Beitrag, eine Vorlage
    oder newsletter.toml ändert. Ende mit Strg+C. Wer an einem anderen Rechner sitzt, nimmt
    --link: Die Adresse zeigt die Ausgabe jeder Person, die sie hat.

    \b
    Beispiel:
      newsletter issue preview clusterplattform-2026-12 --open
      newsletter issue preview clusterplattform-2026-12 --link
      newsletter issue preview clusterplattform-2026-12 --write ansicht
      newsletter issue preview clusterplattform-2026-12 --screenshots bilder
    """
    from newsletter import issues

    if sum(map(bool, (link, write, screenshots))) > 1:
        why = _("--link, --write und --screenshots: Bitte nur eines davon angeben.")
        raise WrongUsage(why=why)
    with invocation.look() as session:
        found = issues.find(session, key or issues.only_open(session)).id
    if link:
        _give_link(found)
    elif write:
        _write(found, write)
    elif screenshots:
        _photograph(found, screenshots)
    else:
        _serve(found, port, open_)


def _give_link(key: str) -> None:
    from newsletter import rhythm
    from newsletter.history import now
    from newsletter.web import preview_link

    settings = invocation.settings
    url, until = preview_link.link(settings, key, now())
    say(url)
    say(_("Gilt bis {when}.").format(when=rhythm.in_words(until, settings.zone)))
    say(_("Die Seite antwortet, solange „newsletter run“ oder „newsletter serve“ läuft."))
    give({"id": key, "url": url, "until": until.isoformat()})


def _write(key: str, folder: Path) -> None:
    from newsletter.history import now
    from newsletter.web import preview as pages

    with invocation.look() as session:
        sheet = pages.sheet(session, invocation.settings, key, now())
    if sheet.problem:
        raise NothingToWrite(why=sheet.problem)
    files = {
        f"{key}.html": sheet.html.encode(),
        f"{key}.txt": sheet.text.encode(),
        f"{key}.eml": sheet.message,
        f"{key}.json": _checks(key, sheet).encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as problem:
        raise NotWritten(folder=folder, why=unreadable(problem)) from problem
    for name in files:
        say(str(folder / name))
    give({"id": key, "files": [str(folder / name) for name in files]})


def _photograph(key: str, folder: Path) -> None:
    from newsletter.history import now
    from newsletter.web import preview as pages
    from newsletter.web import preview_shots

    with invocation.look() as session:
        sheet = pages.sheet(session, invocation.settings, key, now())
    if not sheet.html:
        raise NothingToWrite(why=sheet.problem)
    files = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, png in preview_shots.taken(invocation.settings, sheet, now()):
            file = folder / f"{key}-{name}.png"
            file.write_bytes(png)
            say(str(file))
            files.append(str(file))
    except OSError as problem:
        raise NotWritten(folder=folder, why=unreadable(problem)) from problem
    give({"id": key, "files": files})


def _checks(key: str, sheet: Sheet) -> str:
    findings = [
        {"check": f.check, "level": f.level.value, "where": f.where, "text": f.text, "mend": f.mend}
        for f in sheet.findings
    ]
    return json.dumps({"id": key, "findings": findings}, ensure_ascii=False, indent=2) + "\n"


def _serve(key: str, port: int | None, open_: bool) -> None:
    import uvicorn

    from newsletter.web.preview_here import create_app

    with _door(port) as door:
        address = f"http://{HOST}:{door.getsockname()[1]}"
        server: uvicorn.Server
        app = create_app(
            invocation.settings,
            invocation.engine,
            key,
            address=address,
            ending=lambda: server.should_exit,
        )
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
        server = uvicorn.Server(config)
        # uvicorn raises the signal that ended it once more; to us it is an ordinary end.
        for ending in (signal.SIGTERM, signal.SIGINT):
            signal.signal(ending, lambda *_: None)
        say(_("Die Vorschau von {issue}: {address}/").format(issue=key, address=address))
        say(_("Ende mit Strg+C."))
        give({"id": key, "url": f"{address}/"})
        if open_:
            _open_browser(f"{address}/")
        server.run(sockets=[door])


def _door(port: int | None) -> socket.socket:
    """The port is ours before we say it; NoDoor if the one that was asked for is taken."""
    from newsletter.commands.running import listening
    from newsletter.errors import OutsideTrouble

    try:
        return listening(HOST, USUAL_PORT if port is None else port)
    except OutsideTrouble:
        if port is not None:
            raise
        return listening(HOST, 0)


def _open_browser(url: str) -> None:
    import webbrowser

    if not webbrowser.open(url):
        say(_("Es ließ sich kein Browser öffnen; bitte die Adresse selbst öffnen."))
