"""``newsletter ssh``: what sshd runs for a colleague's key, whatever their client asks for."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.asking import at_a_terminal
from newsletter.commands.context import invocation
from newsletter.errors import NotAllowed
from newsletter.language import N_

if TYPE_CHECKING:
    from collections.abc import Sequence

# Parameters that name a file or a folder; a test looks for others.
FILES = frozenset(
    {"file", "mail", "evidence", "export", "write", "ics", "csv", "html", "screenshots"}
)
TEXTS = frozenset({"subscribers add", "subscribers import"})  # their --evidence is a sentence
DOCUMENTS = frozenset({"queue add", "queue edit", "issue edit"})  # they may read a kept draft


class NotBySshd(NotAllowed):
    sentence = N_(
        "Diesen Befehl ruft sshd auf, für den Schlüssel einer Kollegin oder eines Kollegen."
        " Die Zeile für authorized_keys nennt: newsletter editors add NAME --key DATEI"
    )


class NotTheirAccount(NotAllowed):
    sentence = N_("{file} gehört einem anderen Konto; nur dieses darf Kolleginnen einlassen.")


class AnotherKey(NotAllowed):
    sentence = N_("Angemeldet wurde mit einem anderen Schlüssel als dem von „{name}“.")


class NoServerFile(NotAllowed):
    sentence = N_(
        "Über ssh liest und schreibt der Befehl keine Dateien des Servers (hier: {file}). Bitte „-“"
        " angeben und die eigene Datei durchleiten: ssh … {command} - < datei"
    )


class PreviewByLink(NotAllowed):
    sentence = N_("Über ssh geht die Vorschau nur als Link: issue preview AUSGABE --link")


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("ssh")(ssh)


def ssh(
    context: typer.Context,
    editor: str = typer.Option(
        ..., "--editor", metavar="NAME", help="Wem der Schlüssel gehört (aus [[editors]])."
    ),
) -> None:
    """Den Befehl ausführen, den jemand über ssh gibt; für authorized_keys.

    Nur Befehle der Redaktion, unter dem Namen, der zum Schlüssel gehört: --as und --home gehen
    nicht, Dateien nur als „-“. Ohne Befehl öffnet sich der Tisch. Die Zeile für authorized_keys
    schreibt „newsletter editors add“.

    \b
    Beispiel:
      newsletter --home /srv/newsletter ssh --editor anna
      ssh newsletter@server.example queue list
    """
    from newsletter.editors import over_ssh

    _require_sshd(editor)
    typed = over_ssh.typed(os.environ.get("SSH_ORIGINAL_COMMAND", ""))
    invocation.json, invocation.plain = typed.json, typed.plain
    words = typed.words or (("desk",) if at_a_terminal() else ("agenda",))
    tree = context.find_root().command
    _require_no_files(tree, words)
    code = tree(list(words), prog_name=over_ssh.PROGRAM, standalone_mode=False)
    raise typer.Exit(code or 0)


def _require_sshd(name: str) -> None:
    """NotAllowed unless sshd has let in the holder of this editor's key, to the home's account."""
    from newsletter.editors import ssh_keys
    from newsletter.settings import FILE

    if not os.environ.get("SSH_CONNECTION") or invocation.as_name:
        raise NotBySshd
    invocation.over_ssh = name
    actor = invocation.actor()
    file = invocation.settings.home / FILE
    if file.stat().st_uid != os.getuid():
        raise NotTheirAccount(file=file)
    if told := os.environ.get("SSH_USER_AUTH"):  # sshd's ExposeAuthInfo
        lines = Path(told).read_text(encoding="utf-8").splitlines()
        if not ssh_keys.was_used((actor.login or "").split()[-1], lines):
            raise AnotherKey(name=actor.name)


def _require_no_files(tree: Any, words: Sequence[str]) -> None:
    """NoServerFile if a parameter that names a file is anything but „-“, or a kept draft."""
    from newsletter.editors import over_ssh

    command, path, rest = _leaf(tree, words)
    if hasattr(command, "commands"):
        if rest[:1] == ["--"]:  # it would hide a verb from us
            raise over_ssh.NotOverSsh(words=f"{path} --", known=", ".join(command.commands))
        return
    given = _as_given(command, rest)
    if given.get("help"):
        return
    if path == "issue preview" and not given.get("link"):
        raise PreviewByLink
    named = set() if path in TEXTS else FILES & given.keys()
    for name in named | {"file"} & given.keys():
        file = given[name]
        if file not in (None, "", "-") and not _kept(path, file):
            raise NoServerFile(file=file, command=path)


def _as_given(command: Any, words: Sequence[str]) -> dict[str, Any]:
    """What is given for each parameter, as the command's own parser will take these words apart;
    but nothing is read yet: an id „-“ would empty standard input before the verb comes to it.
    """
    parser = command.make_parser(command.context_class(command, info_name=command.name))
    given: dict[str, Any] = parser.parse_args(args=list(words))[0]
    return given


def _leaf(tree: Any, words: Sequence[str]) -> tuple[Any, str, Sequence[str]]:
    """The command that these words name, its full name, and what is left for it."""
    command, path, rest = tree, [], list(words)
    while rest and (below := getattr(command, "commands", {}).get(rest[0])):
        command = below
        path.append(rest.pop(0))
    return command, " ".join(path), rest


def _kept(path: str, file: str) -> bool:
    """Whether this is a text of ours that could not be saved."""
    drafts = (invocation.settings.home / "drafts").resolve()
    return path in DOCUMENTS and Path(file).resolve().parent == drafts
