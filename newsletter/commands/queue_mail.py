"""``newsletter queue add --from``: an item that came by mail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.commands.context import give, invocation, say, suggest
from newsletter.language import _, n_

if TYPE_CHECKING:
    from newsletter.queue import Filed


def add(
    mail: str, file: str | None, source: str | None, cluster: str | None, *, rights: bool
) -> None:
    """File the mail for a cluster, and say what of it is left."""
    from newsletter import queue
    from newsletter.errors import WrongUsage

    if file or source or not cluster:
        said = _("Zu --from gehört --cluster SLUG, und sonst keine Datei und keine Quelle.")
        raise WrongUsage(why=said)
    found = queue.read_mail(_bytes(mail), mail)
    try:
        with invocation.act() as act:
            filed = queue.add_mail(act, found, cluster, rights=rights)
    except queue.FiledAlready as known:  # nothing is left to do
        say(str(known))
        give({"id": known.facts["reference"], "already": True})
        return
    reference = filed.receipt.reference
    said = _("{reference} ist für {cluster} aufgenommen: {title}")
    say(said.format(reference=reference, cluster=cluster, title=found.title))
    _tell_rest(filed, rights=rights)
    suggest(f"queue edit {reference}" if not rights or filed.picture else f"queue show {reference}")
    give(
        {
            "id": reference,
            "already": False,
            "state": "received",
            "picture": filed.picture,
            "pictures_left": filed.pictures_left,
            "left_out": list(filed.others),
            "confirmed_to": filed.to or None,
        }
    )


def _bytes(mail: str) -> bytes:
    import sys

    from newsletter.commands.document import Unreadable
    from newsletter.errors import unreadable

    if mail == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(mail).read_bytes()
    except OSError as exc:
        raise Unreadable(file=mail, why=unreadable(exc)) from exc


def _tell_rest(filed: Filed, *, rights: bool) -> None:
    if filed.to:
        say(_("Die Bestätigung geht an {address}.").format(address=filed.to))
    if not rights:
        say(_("Die Rechte sind noch nicht bestätigt; ohne sie erscheint der Beitrag nicht."))
    if filed.picture:
        say(_("Das Bild braucht noch eine Beschreibung und einen Nachweis."))
    if filed.pictures_left:
        said = n_("{n} Bild bleibt liegen.", "{n} Bilder bleiben liegen.", filed.pictures_left)
        say(said.format(n=filed.pictures_left))
    if filed.others:
        say(_("Nicht gelesene Anhänge: {names}").format(names=", ".join(filed.others)))
