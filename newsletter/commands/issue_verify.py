"""``newsletter issue verify``: are the stored bytes the approved ones, and would they be again?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import N_, _

if TYPE_CHECKING:
    from newsletter.issues import Verified

_ISSUE = typer.Argument(
    ..., metavar="AUSGABE", help="Die Ausgabe, zum Beispiel clusterplattform-2026-12."
)
_PARTS = {
    "subject": N_("Betreff"),
    "sender": N_("Absender"),
    "list_id": "List-Id",
    "html": N_("HTML-Teil"),
    "text": N_("Textteil"),
    "calendar": N_("Kalender"),
    "pictures": N_("Bilder"),
}


def verify(
    key: str = _ISSUE,
    diff: bool = typer.Option(
        False, "--diff", help="Auch zeigen, wo eine neu gebaute Fassung zuerst abweicht."
    ),
) -> None:
    """Prüfen, ob die gespeicherte Fassung die freigegebene ist, und ob sie neu gebaut gleich wäre.

    Zwei Antworten: ob die gespeicherten Bytes unverändert sind, und ob dieselben Beiträge heute
    dieselbe Fassung ergäben; sonst, woran es liegt. Nichts wird geändert. Ende mit 0, wenn die
    gespeicherten Bytes stimmen, sonst mit 1.

    \b
    Beispiel:
      newsletter issue verify clusterplattform-2026-12
      newsletter issue verify clusterplattform-2026-12 --diff
    """
    from newsletter import issues

    with invocation.look() as session:
        found = issues.verify(session, invocation.settings, key)
    if found.stored:
        _tell_stored(found)
        _tell_built(found)
        if diff:
            _tell_differences(found)
        suggest(_next(found, diff=diff))
    else:
        said = _("{issue}: Gespeichert ist noch nichts, es gibt also nichts zu vergleichen.")
        say(said.format(issue=found.issue.id))
        suggest(f"issue check {found.issue.id}")
    give(_facts(found))
    if found.wrong:
        raise typer.Exit(1)


def _next(found: Verified, *, diff: bool) -> str:
    if found.wrong or found.same or diff or not found.differences:
        return f"log issue {found.issue.id}" if found.wrong else f"issue status {found.issue.id}"
    return f"issue verify {found.issue.id} --diff"


def _tell_stored(found: Verified) -> None:
    from newsletter.rhythm import in_words

    zone = invocation.settings.zone
    if found.wrong:
        say(_("Gespeichert: nicht in Ordnung"))
        for wrong in found.wrong:
            say(f"  {wrong}")
    else:
        say(_("Gespeichert: unverändert"))
    say("  " + _("Prüfsumme: {hash}").format(hash=found.issue.content_hash))
    for yes in found.approved:
        said = _("Freigegeben von {who}, {when}")
        when = in_words(yes.decided_at or yes.requested_at, zone)
        say("  " + said.format(who=yes.decided_by, when=when))
    if not found.approved and not found.wrong:
        say("  " + _("Freigegeben hat sie noch niemand."))
    for reference, at in found.taken_down:
        said = _("{reference} wurde von Rechts wegen entfernt, {when}; der Rest ist, wie er war.")
        say("  " + said.format(reference=reference, when=in_words(at, zone)))


def _tell_built(found: Verified) -> None:
    if found.built_hash is None:
        say(_("Neu gebaut: geht nicht mehr. {why}").format(why=found.problem))
        return
    if found.same:
        say(_("Neu gebaut: Byte für Byte gleich"))
        for cause in found.causes:
            say("  " + _("ohne Folgen: {cause}").format(cause=cause))
        return
    say(_("Neu gebaut: anders (Prüfsumme {hash})").format(hash=found.built_hash))
    for cause in found.causes:
        say(f"  {cause}")
    if not found.known:
        say("  " + _("Womit sie gebaut wurde, ist nicht festgehalten: Damals geschah das nicht."))
    elif not found.causes:
        say("  " + _("Woran es liegt, ist nicht zu erkennen."))


def _tell_differences(found: Verified) -> None:
    for it in found.differences:
        where = _(_PARTS[it.part])
        where = where if it.variant == "full" else f"{it.variant}, {where}"
        say("\n" + _("{where}, zuerst hier:").format(where=where))
        say(f"  - {it.stored}")
        say(f"  + {it.built}")


def _facts(found: Verified) -> dict[str, Any]:
    return {
        "id": found.issue.id,
        "state": found.issue.state.value,
        "stored": found.stored,
        "unchanged": not found.wrong if found.stored else None,
        "wrong": list(found.wrong),
        "content_hash": found.issue.content_hash,
        "approved": [
            {
                "by": yes.decided_by,
                "at": yes.decided_at.isoformat() if yes.decided_at else None,
                "how": yes.how.value if yes.how else None,
            }
            for yes in found.approved
        ],
        "taken_down": [{"id": key, "at": at.isoformat()} for key, at in found.taken_down],
        "same_when_built": found.same if found.stored else None,
        "built_hash": found.built_hash,
        "causes": list(found.causes),
        "differences": [
            {"edition": it.variant, "part": it.part, "stored": it.stored, "built": it.built}
            for it in found.differences
        ],
    }
