"""``newsletter agenda``: what is due; also what a bare ``newsletter`` in a home prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from newsletter.agenda import Entry

_HEADINGS = (N_("Jetzt"), N_("Demnächst"), N_("Später"))


def mount(app: typer.Typer) -> None:
    """Put the command into the tree."""
    app.command("agenda")(agenda)


def is_home() -> bool:
    """Whether a bare ``newsletter`` has an agenda to show."""
    return (invocation.home / "newsletter.toml").is_file()


def agenda() -> None:
    """Was ansteht und wie es weitergeht.

    Das Dringendste steht zuerst, jedes mit dem Befehl, der wahrscheinlich folgt. „newsletter“
    allein zeigt in einem eingerichteten Ordner dasselbe.

    \b
    Beispiel:
      newsletter agenda
      newsletter agenda --json
    """
    from newsletter.agenda import entries, fetch
    from newsletter.history import now

    moment = now()
    with invocation.look() as session:
        found = entries(fetch(session, invocation.settings, moment))
    (_tell_plainly if invocation.plain else _tell)(found, moment)
    if found:
        suggest(found[0].command)
    give({"now": moment.isoformat(), "entries": [_facts(entry) for entry in found]})


def _tell(found: Sequence[Entry], moment: datetime) -> None:
    from newsletter.commands import tables

    say(_words(moment))
    for urgency, heading in enumerate(_HEADINGS):
        due = [entry for entry in found if entry.urgency == urgency]
        if due:
            say(f"\n{_(heading)}")
        for entry in due:
            who = f"{entry.who}: " if entry.who else ""
            for line in tables.sentences(f"{who}{entry.text.removesuffix('.')}.", "  "):
                say(line)
            say(f"      newsletter {entry.command}")
    say()


def _tell_plainly(found: Sequence[Entry], moment: datetime) -> None:
    say(_("Stand: {when}").format(when=_words(moment)) + "\n")
    for entry in found:
        say(_("Dringend: {how}").format(how=_(_HEADINGS[entry.urgency])))
        say(_("Wer: {who}").format(who=entry.who or _("Redaktion")))
        say(_("Was: {what}").format(what=entry.text))
        if entry.due:
            say(_("Zeit: {when}").format(when=_words(entry.due)))
        say(_("Befehl: {command}").format(command=f"newsletter {entry.command}") + "\n")


def _words(moment: datetime) -> str:
    from newsletter.rhythm import in_words

    return in_words(moment, invocation.settings.zone)


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "urgency": entry.urgency.name.lower(),
        "kind": entry.kind,
        "due": entry.due.isoformat() if entry.due else None,
        "for": entry.who or None,
        "text": entry.text,
        "command": f"newsletter {entry.command}",
    }
