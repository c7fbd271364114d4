"""``newsletter issue record``: the Freigabevermerk, at the terminal or as a page to file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _

if TYPE_CHECKING:
    from newsletter.issues import Record, Yes

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)


def record(
    key: str = _ISSUE,
    html: Path = typer.Option(
        None, "--html", metavar="DATEI", help="Als Seite zum Drucken oder Ablegen, für die Akte."
    ),
) -> None:
    """Der Freigabevermerk: wer was wann freigegeben hat, und woher wir es wissen.

    Mit Prüfsumme, geänderten Sätzen, begründeten Warnungen und Aktenzeichen. Die Seite aus
    --html lässt sich im Browser als PDF drucken.

    \b
    Beispiel:
      newsletter issue record clusterplattform-2026-12
      newsletter issue record clusterplattform-2026-12 --html vermerk.html
    """
    from newsletter import issues
    from newsletter.errors import Refused, unreadable

    invocation.actor()
    with invocation.look() as session:
        found = issues.record_of(session, invocation.settings, key)
    if html is None:
        _tell(found)
    else:
        try:
            html.write_text(issues.record_page(invocation.settings, found), encoding="utf-8")
        except OSError as error:
            said = _("{file} lässt sich nicht schreiben: {why}")
            raise Refused(why=said.format(file=html, why=unreadable(error))) from error
        say(_("Der Freigabevermerk steht in {file}.").format(file=html))
    suggest(f"issue status {found.issue.id}")
    give(_facts(found))


def _tell(found: Record) -> None:
    from newsletter.rhythm import in_words

    zone = invocation.settings.zone
    say(
        _("Freigabevermerk: {newsletter}, {issue}").format(
            newsletter=found.newsletter, issue=found.issue_name
        )
    )
    say(_("Aktenzeichen: {reference}").format(reference=found.file_reference or "–"))
    say(_("Stand: {state}").format(state=found.state))
    if found.missing:
        say(_("Es fehlt noch die Zusage von: {names}").format(names=found.missing))
    for yes in found.yes:
        said = _("Freigegeben von {who}, {when}")
        say("\n" + said.format(who=yes.who, when=in_words(yes.when, zone)))
        say("  " + yes.known)
        said = _("Angefragt von {who}, {when}")
        say("  " + said.format(who=yes.asked_by, when=in_words(yes.asked_at, zone)))
        say("  " + _("Prüfsumme: {hash}").format(hash=yes.content_hash))
        if yes.comment:
            say("  " + _("Kommentar: {words}").format(words=yes.comment))
        _tell_more(yes)
    for it in found.earlier:
        said = _("Frühere Fassung: nicht freigegeben von {who}, {when}")
        if not it.declined:
            said = _("Frühere Fassung: freigegeben von {who}, {when}; danach geändert")
        say("\n" + said.format(who=it.who, when=in_words(it.when, zone)))
        if it.comment:
            say("  " + it.comment)


def _tell_more(yes: Yes) -> None:
    for label, lines in yes.changes:
        say("  " + _("Geändert: {where}").format(where=label))
        for gone, new in lines:
            for sign, text in (("-", gone), ("+", new)):
                if text:
                    say(f"    {sign} {text}")
    for it in yes.warnings:
        said = _("Warnung ({check}): {text}")
        say("  " + said.format(check=it["check"], text=it["text"]))
        said = _("begründet von {who}: {reason}")
        say("    " + said.format(who=it["by"], reason=it["reason"]))


def _facts(found: Record) -> dict[str, Any]:
    return {
        "id": found.issue.id,
        "state": found.issue.state.value,
        "missing": found.missing or None,
        "file_reference": found.file_reference or None,
        "approved": [
            {
                "by": yes.who,
                "at": yes.when.isoformat(),
                "how": yes.how.value,
                "known": yes.known,
                "requested_by": yes.asked_by,
                "requested_at": yes.asked_at.isoformat(),
                "content_hash": yes.content_hash,
                "asked_hash": yes.asked_hash or None,
                "comment": yes.comment or None,
                "changes": [{"where": label, "lines": lines} for label, lines in yes.changes],
                "warnings": list(yes.warnings),
            }
            for yes in found.yes
        ],
        "earlier": [
            {
                "by": it.who,
                "at": it.when.isoformat(),
                "declined": it.declined,
                "comment": it.comment,
            }
            for it in found.earlier
        ],
    }
