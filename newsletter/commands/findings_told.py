"""What the checks found, told to a person: by gravity, then item by item, with how to mend it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from newsletter.commands.context import invocation, say, table
from newsletter.commands.tables import room
from newsletter.content import Level
from newsletter.dispatch.accounts import number
from newsletter.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from newsletter.content import Finding
    from newsletter.models.issue import WarningReason

_LEVEL = {Level.ERROR: N_("Fehler"), Level.WARNING: N_("Warnung"), Level.HINT: N_("Hinweis")}
_LEVELS = {
    Level.ERROR: N_("Fehler ({n})"),
    Level.WARNING: N_("Warnungen ({n})"),
    Level.HINT: N_("Hinweise ({n})"),
}
_TITLE = 60  # characters of an item's title


def tell(
    findings: Sequence[Finding],
    titles: Mapping[str, str],
    reasons: Mapping[str, WarningReason],
) -> None:
    """Findings under their items, errors first; warnings with why they are in order.

    With --plain each is one line. ``titles`` by reference.
    """
    if not findings:
        say(_("Nichts zu beanstanden."))
    for line in (
        _plain(findings, reasons) if invocation.plain else _grouped(findings, titles, reasons)
    ):
        say(line)


def _plain(findings: Iterable[Finding], reasons: Mapping[str, WarningReason]) -> Iterator[str]:
    for it in findings:
        where = "" if it.where == "issue" else f"{it.where}: "
        yield f"{_(_LEVEL[it.level])} ({it.check}): {where}{it.text}"
        yield from _accepted(it, reasons, "  ")


def _grouped(
    findings: Sequence[Finding],
    titles: Mapping[str, str],
    reasons: Mapping[str, WarningReason],
) -> Iterator[str]:
    for level in Level:
        of_level = [it for it in findings if it.level is level]
        if of_level:
            yield _(_LEVELS[level]).format(n=len(of_level))
        for where in dict.fromkeys(it.where for it in of_level):
            yield f"  {_heading(where, titles)}"
            yield from _of_one([it for it in of_level if it.where == where], reasons)
        if of_level:
            yield ""


def _heading(where: str, titles: Mapping[str, str]) -> str:
    if where == "issue":
        return _("Ausgabe")
    title = textwrap.shorten(titles.get(where, ""), _TITLE, placeholder=" …")
    return f"{where} {title}".rstrip()


def _of_one(findings: Sequence[Finding], reasons: Mapping[str, WarningReason]) -> Iterator[str]:
    """What is wrong with one item; what mends several of it is said once, below the last."""
    for mend in dict.fromkeys(it.mend for it in findings):
        for it in findings:
            if it.mend == mend:
                yield _wrapped(f"{it.check}: {it.wrong}", "    ", "      ")
                yield from _accepted(it, reasons, "      ")
        if mend:
            yield f"    → {mend}"


def _accepted(it: Finding, reasons: Mapping[str, WarningReason], indent: str) -> Iterator[str]:
    why = reasons.get(it.check) if it.level is Level.WARNING else None
    if why:
        said = _("begründet von {who}: {reason}").format(who=why.given_by, reason=why.reason)
        yield _wrapped(said, indent, indent)


def _wrapped(text: str, first: str, later: str) -> str:
    """In lines that fit the terminal; a command in it stays whole as far as it can."""
    width = room()
    if width is None:
        return first + text
    return textwrap.fill(
        text,
        width,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )


_PARTS = {
    "masthead": N_("Kopf"),
    "opening": N_("Begrüßung"),
    "contents": N_("Inhaltsverzeichnis"),
    "section": N_("Rubriken"),
    "callout": N_("Hervorgehobenes"),
    "preheader": N_("Vorschauzeile"),
    "correction": N_("Korrektur"),
    "calendar": N_("Kalender"),
    "agenda": N_("Termine auf einen Blick"),
    "size": N_("Umfang"),
    "logos": N_("Logos"),
    "footer": N_("Fuß"),
    "rest": N_("Übriges (Stile, Gerüst)"),
}


def tell_sizes(sizes: Mapping[str, int], titles: Mapping[str, str]) -> None:
    """A table of what each block and item of the mail weighs, the heaviest first."""
    total = sum(sizes.values())
    rows = [
        (_part(name, titles), number(count), f"{100 * count // total} %")
        for name, count in sizes.items()
    ]
    whole = (_("zusammen"), number(total), "100 %")
    table((_("Teil"), _("Bytes"), _("Anteil")), [*rows, whole], 0)


def _part(name: str, titles: Mapping[str, str]) -> str:
    if name in titles:
        return _heading(name, titles)
    return _(_PARTS[name]) if name in _PARTS else name
