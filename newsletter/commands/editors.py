"""``newsletter editors``: colleagues, and how they come in."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest, table
from newsletter.commands.tree import Noun
from newsletter.language import N_, _, n_

if TYPE_CHECKING:
    from newsletter.editors.ssh_keys import PublicKey
    from newsletter.queue import Assigned
    from newsletter.settings import Editor

_LETTERS = {
    "items": N_("neue Beiträge"),
    "answers": N_("Antworten auf Rückfragen"),
    "issues": N_("Stand der Ausgaben"),
    "alarms": N_("Störungen"),
}


def mount(app: typer.Typer) -> None:
    """Put the commands into the tree."""
    noun = Noun(help="Redaktion: wer mitarbeitet, und wie sie hineinkommen.")
    noun.command("list")(list_)
    noun.command("add")(add)
    noun.command("retire")(retire)
    app.add_typer(noun, name="editors")


def list_() -> None:
    """Die Redaktion zeigen: wer entscheiden darf, und was den Namen belegt.

    \b
    Beispiel:
      newsletter editors list
    """
    people = invocation.settings.editors
    heads = [_("Name"), _("E-Mail"), _("Belegt durch"), _("Nachrichten")]
    table(heads, [[it.name, it.email, _proof(it), _letters(it)] for it in people])
    if unproven := next((it.name for it in people if not it.login and not it.ssh_key), None):
        suggest(f"editors add {unproven} --key id_ed25519.pub")
    give([_facts(it) for it in people])


def _proof(it: Editor) -> str:
    found = [_("Konto {login}").format(login=it.login)] if it.login else []
    found += [_("ssh-Schlüssel {key}").format(key=it.ssh_key)] if it.ssh_key else []
    return _(" oder ").join(found) or _("nichts")


def _letters(it: Editor) -> str:
    return ", ".join(_(_LETTERS[about]) for about in it.letters) or _("keine")


def _facts(it: Editor) -> dict[str, object]:
    return {
        "name": it.name,
        "email": it.email,
        "login": it.login or None,
        "ssh_key": it.ssh_key or None,
        "letters": list(it.letters),
    }


def add(
    name: str = typer.Argument(..., metavar="NAME", help="Kurz, wie bei --as: anna."),
    email: str = typer.Argument(None, metavar="[E-MAIL]", help="Wohin Nachrichten gehen."),
    key: str = typer.Option(
        None,
        "--key",
        metavar="SCHLÜSSEL",
        help="Der öffentliche ssh-Schlüssel: eine Datei .pub, „-“, oder er selbst.",
    ),
) -> None:
    """Zeigen, was für eine neue Kollegin oder einen neuen Kollegen einzutragen ist.

    Das sind ein Abschnitt für newsletter.toml und, mit --key, eine Zeile für authorized_keys:
    Wer den Schlüssel hat, arbeitet über ssh, nur mit diesem Programm und nur unter diesem Namen.
    Geändert wird nichts. Wer schon eingetragen ist, bekommt so einen Schlüssel.

    \b
    Beispiel:
      newsletter editors add anna anna@redaktion.example --key anna.pub
      newsletter editors add freigabe --key - < id_ed25519.pub
    """
    from newsletter.editors import ssh_keys

    standing = _standing(name)
    address = email or (standing.email if standing else "")
    _require_sound(name, address)
    found = _key(key) if key else None
    login = standing.login if standing else ""
    block = ssh_keys.block(name, address, found.fingerprint if found else "", login)
    line = found and ssh_keys.authorized_line(_program(), _home(), name, found)
    where = _("In newsletter.toml eintragen:")
    if standing:
        where = _("In newsletter.toml den Abschnitt von „{name}“ so schreiben:").format(name=name)
    say(f"{where}\n\n{block}\n")
    if line:
        say(_("In ~/.ssh/authorized_keys des Kontos, dem der Ordner gehört, als eine Zeile:"))
        say(f"\n{line}\n")
        say(_("Danach, vom eigenen Rechner: ssh -t KONTO@SERVER (der Tisch), ssh … queue list"))
    else:
        said = _("Über ssh hinein kommt, wer einen Schlüssel hat: editors add {name} --key DATEI")
        say(said.format(name=name))
    suggest("editors list")
    give({"toml": block, "authorized_keys": line or None})


def _standing(name: str) -> Editor | None:
    people = invocation.settings.editors
    return next((it for it in people if it.name.casefold() == name.casefold()), None)


def _require_sound(name: str, email: str) -> None:
    from pydantic import ValidationError

    from newsletter.errors import WrongUsage
    from newsletter.settings import Editor

    if not email:
        raise WrongUsage(why=_("Bitte auch die E-Mail-Adresse angeben: editors add NAME E-MAIL"))
    if not name.strip() or name.startswith("-"):
        raise WrongUsage(why=_("Bitte einen Namen angeben, der nicht mit „-“ beginnt."))
    try:
        Editor(name=name, email=email)
    except ValidationError as wrong:
        problem = wrong.errors(include_url=False)[0]
        why = str(problem["ctx"]["error"]) if "ctx" in problem else problem["msg"]
        raise WrongUsage(why=f"{problem['loc'][0]}: {why}") from wrong


def _key(given: str) -> PublicKey:
    from newsletter.commands.document import Unreadable
    from newsletter.editors import ssh_keys
    from newsletter.errors import unreadable

    if given.strip().startswith(("ssh-", "ecdsa-", "sk-")):
        return ssh_keys.public_key(given)
    try:
        text = sys.stdin.read(_LONGEST_KEY) if given == "-" else Path(given).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        why = unreadable(exc) if isinstance(exc, OSError) else _("es ist kein Text in UTF-8.")
        raise Unreadable(file=given, why=why) from exc
    return ssh_keys.public_key(text)


_LONGEST_KEY = 20_000


def _program() -> str:
    beside = Path(sys.executable).with_name("newsletter")
    return str(beside) if beside.is_file() else shutil.which("newsletter") or "newsletter"


def _home() -> str:
    return str(invocation.settings.home)


def retire(
    name: str = typer.Argument(..., metavar="NAME", help="Wer geht (aus [[editors]])."),
    to: str = typer.Option(
        None, "--to", metavar="NAME", help="Wer übernimmt, was der Person zugewiesen ist."
    ),
) -> None:
    """Zeigen, was auszutragen ist, wenn jemand geht; mit --to übernimmt jemand die Beiträge.

    Austragen schließt den Zugang; die Dateien ändern Sie selbst. Im Protokoll bleibt der Name.

    \b
    Beispiel:
      newsletter editors retire anna
      newsletter editors retire anna --to redaktion --as redaktion
    """
    from newsletter import queue

    gone = queue.named(invocation.settings, name)
    moved = _hand_over(gone, to) if to else []
    for each in moved:
        said = _("{reference}  liegt jetzt bei {name}: {title}")
        say(said.format(reference=each.reference, name=each.to, title=each.title))
    with invocation.look() as session:
        left = [f"q{it.submission_id}" for it in queue.assigned_by_name(session, gone)]
    _tell_left(gone, left)
    _tell_what_to_take_out(gone)
    suggest("editors list")
    lines = _lines_of_block(gone)
    give({"name": gone, "assigned": left, "moved": [it.reference for it in moved], "lines": lines})


def _hand_over(gone: str, to: str) -> list[Assigned]:
    from newsletter import queue

    with invocation.act() as act:
        theirs = [f"q{it.submission_id}" for it in queue.assigned_by_name(act.session, gone)]
        return queue.assign(act, theirs, to)


def _tell_left(gone: str, left: list[str]) -> None:
    if left:
        said = n_(
            "{name} ist noch zugewiesen: {references}",
            "{name} sind noch {n} Beiträge zugewiesen: {references}",
            len(left),
        )
        say(said.format(name=gone, n=len(left), references=" ".join(left)))
        say(_("Übergeben: newsletter editors retire {name} --to NAME").format(name=gone) + "\n")


def _tell_what_to_take_out(gone: str) -> None:
    said = _("In newsletter.toml austragen: den Abschnitt [[editors]] in Zeile {first} bis {last}")
    if lines := _lines_of_block(gone):
        say(said.format(first=lines[0], last=lines[-1]))
    held = _("In authorized_keys die Zeile löschen, in der steht: --editor {name}")
    say(held.format(name=gone))
    settings = invocation.settings
    if len(settings.editors) - 1 < settings.approval.people:
        say(
            _(
                "Achtung: Danach sind es zu wenige für eine Freigabe zu zweit. Bitte zuerst:"
                " newsletter editors add"
            )
        )


def _lines_of_block(name: str) -> list[int]:
    """The first and last line of an editor's block in the configuration; nothing if unclear."""
    from newsletter.settings import FILE

    text = (invocation.settings.home / FILE).read_text(encoding="utf-8-sig")
    starts: list[int] = []
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip().startswith("["):
            starts.append(number)
    wanted = re.compile(rf"""\s*name\s*=\s*(["']){re.escape(name)}\1\s*(?:#.*)?""")
    for start, after in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        block = lines[start - 1 : after - 1]
        if block[0].strip() == "[[editors]]" and any(wanted.fullmatch(it) for it in block):
            said = [n for n, it in enumerate(block) if it.strip() and not it.startswith("#")]
            return [start, start + said[-1]]
    return []
