"""What is wrong with a built edition; says nothing as long as none is built."""

import binascii
import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from newsletter.content import Edition, Finding, IssueContent, Level, Slot
from newsletter.language import _, speaking
from newsletter.texts.typography import letters

from .anatomy import anatomy
from .facts import Facts
from .mends import in_template
from .names import found
from .read_mail import READING

# Gmail cuts a mail at about 102 kB of decoded HTML, goodbye link included (PR-06).
SIZE_HINT, SIZE_WARNING, SIZE_MOST = 80_000, 90 * 1024, 100_000
# Gmail drops a longer <style> whole; older sources say half of it (HT-02).
STYLE_HINT, STYLE_MOST = 8_192, 16_384
_LOADED = re.compile(r"""(?:\bsrc|\bbackground)\s*=\s*["']?([^"'\s>]+)|url\(\s*["']?([^"')\s]+)""")
_LEFT_OVER = re.compile(r"""\{\{|\{%|href\s*=\s*["'](?:#|)["']""")
_HEAVIEST = 3  # parts of a mail that is too large are named


def findings(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Everything that is wrong with the edition."""
    if facts.edition is not None:
        for check in (*_CHECKS, *READING):
            yield from check(content, facts.edition)


def _parts(edition: Edition) -> tuple[tuple[str, str], ...]:
    parts = (_("HTML-Teil"), edition.html), (_("Textteil"), edition.text)
    return tuple(part for part in parts if part[1])


def _unsubscribe(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    for name, part in _parts(edition):
        if Slot.UNSUBSCRIBE.marker not in part:
            wrong = _("Im {part} fehlt der Link zum Abmelden.").format(part=name)
            yield found("unsubscribe", Level.ERROR, "issue", wrong, in_template(content))


def _imprint(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    with speaking(content.language):
        imprint = content.masthead.imprint.lines()
    for name, part in _parts(edition):
        shown = _words(part, markup=part is edition.html)
        if missing := "; ".join(line for line in imprint if _words(line) not in shown):
            wrong = _("Im {part} fehlt vom Impressum: {missing}.")
            wrong = wrong.format(part=name, missing=missing)
            yield found("imprint", Level.ERROR, "issue", wrong, in_template(content))


def _words(text: str, *, markup: bool = False) -> str:
    if markup:
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return letters(text)


def _size(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    data = edition.html.encode()
    if len(data) <= SIZE_HINT:
        return
    level = Level.WARNING if len(data) >= SIZE_WARNING else Level.HINT
    level = Level.ERROR if len(data) > SIZE_MOST else level
    wrong = _(
        "Der HTML-Teil hat {size} kB (auf dem Weg {encoded} kB); Gmail schneidet bei 102 kB ab,"
        " samt Impressum und Abmeldelink."
    )
    encoded = len(binascii.b2a_qp(data)) // 1000
    wrong = wrong.format(size=len(data) // 1000, encoded=encoded)
    items = [each for each in sizes(edition).items() if each[0].startswith("q")]
    heaviest = ", ".join(f"{name} {count // 1000} kB" for name, count in items[:_HEAVIEST])
    mend = _("Bitte kürzen (am größten: {heaviest}): newsletter issue remove {issue} q…")
    mend = mend.format(heaviest=heaviest or "–", issue=content.issue_id)
    yield found("size", level, "issue", wrong, mend)


def sizes(edition: Edition) -> dict[str, int]:
    """The bytes of the HTML part by block („masthead“) and item („q412“), the largest first.

    An item's bytes are no part of its section's; „rest“ belongs to none.
    """
    own = anatomy(edition.html).own_bytes
    plain = {re.sub("^(?:block|item)-", "", name) or "rest": count for name, count in own.items()}
    return dict(sorted(plain.items(), key=lambda each: -each[1]))


def _style_size(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    largest = max(anatomy(edition.html).styles, default=0)
    if largest > STYLE_HINT:
        level = Level.WARNING if largest > STYLE_MOST else Level.HINT
        wrong = _("Ein <style> hat {size} Bytes; Gmail verwirft ihn ab {most} ganz.")
        wrong = wrong.format(size=largest, most=STYLE_MOST)
        yield found("style-size", level, "issue", wrong, in_template(content))


def _left_over(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    typed = "\n".join(
        (content.opening, *(f"{it.title}{it.teaser}{it.body}" for it in content.items))
    )
    for name, part in _parts(edition):
        left = sorted({piece for piece in _LEFT_OVER.findall(part) if piece not in typed})
        if left:
            wrong = _("Im {part} steht noch „{left}“.").format(part=name, left=left[0])
            yield found("left-over", Level.ERROR, "issue", wrong, in_template(content))


def _foreign_hosts(content: IssueContent, edition: Edition) -> Iterator[Finding]:
    ours = urlsplit(content.masthead.home_url).hostname
    loaded = (html.unescape(src or url) for src, url in _LOADED.findall(edition.html))
    foreign = {urlsplit(each).hostname for each in loaded} - {ours, None}
    if foreign:
        hosts = ", ".join(sorted(host for host in foreign if host))
        wrong = _("Beim Öffnen würde etwas von fremden Servern geladen: {hosts}.")
        wrong = wrong.format(hosts=hosts)
        yield found("foreign-host", Level.ERROR, "issue", wrong, in_template(content))


_CHECKS: tuple[Callable[[IssueContent, Edition], Iterator[Finding]], ...] = (
    _unsubscribe,
    _imprint,
    _size,
    _style_size,
    _left_over,
    _foreign_hosts,
)
