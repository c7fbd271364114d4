"""What is wrong with a built edition; says nothing as long as none is built."""

import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from newsletter.content import Edition, Finding, IssueContent, Level, Slot
from newsletter.language import _, speaking

from .facts import Facts

# Gmail cuts a mail at about 102 kB of decoded HTML, goodbye link included (PR-06).
SIZE_HINT, SIZE_WARNING, SIZE_MOST = 80_000, 90 * 1024, 100_000
_LOADED = re.compile(r"""(?:\bsrc|\bbackground)\s*=\s*["']?([^"'\s>]+)|url\(\s*["']?([^"')\s]+)""")
_LEFT_OVER = re.compile(r"""\{\{|\{%|href\s*=\s*["'](?:#|)["']""")


def findings(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with the edition."""
    if facts.edition is not None:
        for check in _CHECKS:
            yield from check(content, facts.edition)


def _found(check: str, level: Level, text: str) -> Finding:
    return Finding(check, level, "issue", text)


def _in_template(content: IssueContent, wrong: str) -> str:
    mend = _("Bitte die Vorlage berichtigen: templates/{folder}/")
    return f"{wrong} {mend.format(folder=content.masthead.template)}"


def _parts(edition: Edition) -> tuple[tuple[str, str], ...]:
    return (_("HTML-Teil"), edition.html), (_("Textteil"), edition.text)


def _unsubscribe(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    for name, part in _parts(edition):
        if Slot.UNSUBSCRIBE.marker not in part:
            wrong = _("Im {part} fehlt der Link zum Abmelden.").format(part=name)
            yield _found("unsubscribe", Level.ERROR, _in_template(content, wrong))


def _imprint(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    with speaking(content.language):
        imprint = content.masthead.imprint.lines()
    for name, part in _parts(edition):
        shown = _words(part, markup=part is edition.html)
        if missing := "; ".join(line for line in imprint if _words(line) not in shown):
            wrong = _("Im {part} fehlt vom Impressum: {missing}.")
            wrong = wrong.format(part=name, missing=missing)
            yield _found("imprint", Level.ERROR, _in_template(content, wrong))


def _words(text: str, *, markup: bool = False) -> str:
    if markup:
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return "".join(text.split())


def _size(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    data = edition.html.encode()
    if len(data) <= SIZE_HINT:
        return
    level = Level.WARNING if len(data) >= SIZE_WARNING else Level.HINT
    level = Level.ERROR if len(data) > SIZE_MOST else level
    said = _(
        "Der HTML-Teil hat {size} kB (auf dem Weg {encoded} kB); Gmail schneidet bei 102 kB ab,"
        " samt Impressum und Abmeldelink. Bitte kürzen: newsletter issue remove {issue} q…"
    )
    encoded = len(binascii.b2a_qp(data)) // 1000
    said = said.format(size=len(data) // 1000, encoded=encoded, issue=content.issue_id)
    yield _found("size", level, said)


def _left_over(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    typed = "\n".join(
        (content.opening, *(f"{it.title}{it.teaser}{it.body}" for it in content.items))
    )
    for name, part in _parts(edition):
        left = sorted({piece for piece in _LEFT_OVER.findall(part) if piece not in typed})
        if left:
            wrong = _("Im {part} steht noch „{left}“.").format(part=name, left=left[0])
            yield _found("left-over", Level.ERROR, _in_template(content, wrong))


def _foreign_hosts(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    ours = urlsplit(content.masthead.home_url).hostname
    loaded = (html.unescape(src or url) for src, url in _LOADED.findall(edition.html))
    foreign = {urlsplit(each).hostname for each in loaded} - {ours, None}
    if foreign:
        hosts = ", ".join(sorted(host for host in foreign if host))
        wrong = _("Beim Öffnen würde etwas von fremden Servern geladen: {hosts}.")
        wrong = wrong.format(hosts=hosts)
        yield _found("foreign-host", Level.ERROR, _in_template(content, wrong))


_CHECKS: tuple[Callable[[IssueContent, Edition], Iterator[Finding]], ...] = (
    _unsubscribe,
    _imprint,
    _size,
    _left_over,
    _foreign_hosts,
)
