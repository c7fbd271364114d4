"""The document in which an editor settles what two have written: mine stands, theirs above it.

What the other one wrote stands in lines with ``#!``, which reading drops: whoever changes nothing
keeps their own, and nothing of either is lost.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from newsletter.commands import issue_document, item_document
from newsletter.commands.document import COMPLAINT, read
from newsletter.issues import BothChanged
from newsletter.language import _
from newsletter.queue import BothEdited
from newsletter.submissions.joining import Clash
from newsletter.texts.joined import Stretch


def told(both: Exception, who: str) -> str:
    """That somebody else changed the same, and how to go on."""
    how = _(
        "Im Dokument steht jetzt beides: was {who} schreibt, in Zeilen mit #!, darunter Ihr Text."
        " Bitte lassen Sie stehen, was gelten soll, und speichern Sie noch einmal."
    )
    return f"{both}\n{how.format(who=who)}"


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


def of_issue(
    both: BothChanged, titles: Mapping[str, str], sections: Sequence[tuple[str, str]]
) -> str:
    """What both planned for an issue, to be saved as a change of its newest version."""
    here = _("Hier schreibt {who}:").format(who=both.who)
    clashes = {clash.name: clash for clash in both.clashes}
    plan = both.plan
    if opening := clashes.pop("opening", None):
        plan = replace(plan, opening="\n".join(_side_by_side(opening.stretches, both.who)))
    above = {
        name: list(remarks(here, [_titled(line, titles) for line in str(it.theirs).splitlines()]))
        for name, it in clashes.items()
    }
    return issue_document.planned(plan, both.version, titles, sections, above)


def _titled(line: str, titles: Mapping[str, str]) -> str:
    return f"{line} {titles[line]}" if line in titles else line


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
