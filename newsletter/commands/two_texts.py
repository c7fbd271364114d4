"""The document in which an editor settles what two have written: mine stands, theirs above it.

What the other one wrote stands in lines with ``#!``, which reading drops: whoever changes nothing
keeps their own, and nothing of either is lost.
"""

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from newsletter.commands import item_document
from newsletter.commands.document import COMPLAINT, read
from newsletter.language import _
from newsletter.queue import BothEdited
from newsletter.submissions.joining import Clash
from newsletter.texts.joined import Stretch


def document(both: BothEdited, zone: ZoneInfo) -> str:
    """What both wrote, to be saved as a change of the newest revision."""
    who = ", ".join(both.met.who)
    facts = dict(both.joined.facts)
    clashes = {clash.name: clash for clash in both.joined.clashes}
    if body := clashes.pop("body", None):
        facts["body"] = "\n".join(_side_by_side(body.stretches, who))
    reference = str(both.facts["reference"])
    text = item_document.numbered(reference, both.met.upto, facts, zone)
    return _with_theirs(text, clashes.values(), who, zone)


def _side_by_side(stretches: Sequence[Stretch], who: str) -> Iterator[str]:
    mine, gone = _("Und Sie:"), _("Sie haben es gestrichen.")
    end = _("Ab hier schreiben beide dasselbe.")
    for stretch in stretches:
        if stretch.clash:
            yield from remarks(_("Hier schreibt {who}:").format(who=who), stretch.theirs)
            yield f"{COMPLAINT} {mine if stretch.mine else gone}"
        yield from stretch.mine
        if stretch.clash:
            yield f"{COMPLAINT} {end}"


def _with_theirs(text: str, clashes: Iterable[Clash], who: str, zone: ZoneInfo) -> str:
    at = read(text).lines
    above = {at[clash.name]: clash for clash in clashes}
    told: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if clash := above.get(number):
            theirs = item_document.shown(clash.name, clash.theirs, zone)
            told += remarks(_("Hier schreibt {who}:").format(who=who), theirs.splitlines())
        told.append(line)
    return "\n".join(told)


def remarks(head: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines that reading drops; nothing at all is said to be nothing."""
    yield f"{COMPLAINT} {head}"
    for line in lines or [_("(nichts)")]:
        yield f"{COMPLAINT}   {line}".rstrip()
