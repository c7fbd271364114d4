"""Links: where they lead, and what their words say of it (STANDARDS HT-09)."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from newsletter.content import Finding, IssueContent, Item, Level
from newsletter.language import N_, _
from newsletter.links import untracked

from .facts import Facts
from .mends import edit, edit_issue
from .names import found
from .parts import Texts, markdown_of
from .words import LinkUse, links, says_nothing, wrong_with

# They hide where a link leads, follow who clicks, and end up in spam filters' lists.
_SHORTENERS = frozenset(
    {
        "bit.ly",
        "t.co",
        "tinyurl.com",
        "ow.ly",
        "goo.gl",
        "is.gd",
        "buff.ly",
        "rebrand.ly",
        "lnkd.in",
        "cutt.ly",
        "t1p.de",
        "kurzelinks.de",
        "shorturl.at",
        "tiny.cc",
        "rb.gy",
        "t.ly",
        "shorter.me",
        "tinygu.de",
        "bl.ink",
        "dlvr.it",
    }
)
_AN_ADDRESS = re.compile(
    r"(?:https?://)?(?P<host>(?:[\w-]+\.)+[a-z]{2,})(?::\d+)?(?:/\S*)?", re.IGNORECASE
)


def links_of(item: Item, facts: Facts) -> Iterator[Finding]:
    where, mend = item.reference, edit(item)
    if item.link and (why := wrong_with(item.link)):
        wrong = _("Der Link „{address}“ geht nicht: {why}").format(address=item.link, why=why)
        yield found("link", Level.ERROR, where, wrong, mend)
    elif item.link:
        yield from _about(LinkUse(item.link, ""), _("Link"), where, mend, facts)
    yield from _in_texts(markdown_of(item), where, mend, facts)


def links_of_issue(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    opening = [(_("Begrüßung"), content.opening)]
    yield from _in_texts(opening, "issue", edit_issue(content), facts)


_REACH = {
    "gone": N_("Unter „{address}“ gibt es keine Seite (mehr)."),
    "broken": N_("„{address}“ antwortet mit einem Fehler."),
    "silent": N_("„{address}“ ist von hier aus nicht zu erreichen."),
}


def unreachable(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """By what was said when somebody last asked: that is a warning at most."""
    if not facts.reach:
        return
    items = {item.reference: item for item in content.items}
    for address, holders in addresses(content).items():
        wrong = _REACH.get(facts.reach.get(address, ""))
        for where in dict.fromkeys(holders if wrong else ()):
            mend = edit(items[where]) if where in items else edit_issue(content)
            said = _(wrong or "").format(address=address)
            yield found("link-unreachable", Level.WARNING, where, said, mend)


def addresses(content: IssueContent) -> dict[str, list[str]]:
    """Every web address that an issue's own words and its items lead to, each with who does."""
    used = [(use.address, "issue") for use in links(content.opening)[0]]
    for item in content.items:
        used += [(item.link, item.reference)] if item.link else []
        for __, text in markdown_of(item):
            used += [(use.address, item.reference) for use in links(text)[0]]
    holders: dict[str, list[str]] = {}
    for address, where in used:
        if address.startswith(("https:", "http:")) and not wrong_with(address):
            holders.setdefault(address, []).append(where)
    return holders


def _in_texts(texts: Texts, where: str, mend: str, facts: Facts) -> Iterator[Finding]:
    for field, text in texts:
        used, halves = links(text)
        for half in halves:
            wrong = _(
                "{field}: „{half}“ sieht nach einem missglückten Link aus."
                " So geht es: [Worte](https://…)."
            ).format(field=field, half=half)
            yield found("link", Level.ERROR, where, wrong, mend)
        for use in used:
            if why := wrong_with(use.address):
                wrong = _("{field}: Der Link „{address}“ geht nicht: {why}")
                wrong = wrong.format(field=field, address=use.address, why=why)
                yield found("link", Level.ERROR, where, wrong, mend)
            else:
                yield from _about(use, field, where, mend, facts)


def _about(use: LinkUse, field: str, where: str, mend: str, facts: Facts) -> Iterator[Finding]:
    """What is wrong with a link that can be followed."""
    its = {"field": field, "address": use.address, "words": use.words}
    parts = urlsplit(use.address)
    host = (parts.hostname or "").removeprefix("www.")
    if says_nothing(use.words):
        wrong = _("{field}: Der Linktext „{words}“ sagt allein nichts, etwa beim Vorlesen.")
        yield found("link-text", Level.HINT, where, wrong.format(**its), mend)
    if parts.scheme not in {"http", "https"}:
        return
    if parts.scheme == "http":
        wrong = _("{field}: „{address}“ ist nicht verschlüsselt; meist geht es auch mit https://.")
        yield found("link-https", facts.advice, where, wrong.format(**its), mend)
    if _is_number(host) or parts.port is not None or host == "localhost":
        wrong = _("{field}: „{address}“ nennt einen Rechner statt einer Website (Zahl oder Port).")
        yield found("link-host", facts.advice, where, wrong.format(**its), mend)
    if host in _SHORTENERS:
        wrong = _("{field}: „{address}“ verbirgt sein Ziel. Bitte die Adresse der Seite selbst.")
        yield found("link-shortener", Level.WARNING, where, wrong.format(**its), mend)
    if untracked(parts.query) != parts.query:
        wrong = _("{field}: „{address}“ trägt Kennungen, die Leserinnen und Leser verfolgen.")
        yield found("link-tracking", Level.HINT, where, wrong.format(**its), mend)
    if (shown := _shown(use.words)) and not _same_site(shown, host):
        wrong = _("{field}: Zu lesen ist „{words}“, der Link führt aber zu {host}.")
        yield found("link-shown", Level.WARNING, where, wrong.format(**its, host=host), mend)


def _is_number(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _shown(words: str) -> str | None:
    """The host that a link's text shows, if it shows an address."""
    shown = _AN_ADDRESS.fullmatch(words.strip())
    return shown["host"].casefold().removeprefix("www.") if shown else None


def _same_site(shown: str, host: str) -> bool:
    """An umlaut is written in two ways: „mobilitätscluster.example“, „xn--…“."""
    try:
        spelt = shown.encode("idna").decode("ascii")
    except UnicodeError:
        spelt = shown
    return host in {shown, spelt}
