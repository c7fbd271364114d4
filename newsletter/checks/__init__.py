"""What is wrong, before a reader sees it (pure; the facts are handed in).

An error stops a request for approval, a warning wants a reason, a hint informs. The name of
a check never changes: people filter by it (``names``). Limits and their sources: DOMAIN §2.6.

``issue``, ``subject``, ``sender``, ``twins`` look at an issue; ``item``, ``dates``,
``pictures``, ``linked``, ``numbers``, ``wording`` at an item; ``edition``, ``read_mail``,
``mail_clients``, ``spam`` at the mail that is made of it.
"""

from collections.abc import Iterable
from dataclasses import replace

from newsletter.content import Audience, Finding, IssueContent, Item, Level

from . import edition, issue, item, mail_clients
from .edition import sizes
from .facts import Before, Facts, Recent
from .linked import addresses
from .names import NAMES
from .sender import reserved

__all__ = [
    "NAMES",
    "Before",
    "Facts",
    "Recent",
    "addresses",
    "check_issue",
    "check_item",
    "errors",
    "reserved",
    "sizes",
    "warnings",
]

_GRAVITY = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}


def check_item(it: Item, facts: Facts) -> list[Finding]:
    """What is wrong with one item, gravest first."""
    return sorted(item.findings(it, facts), key=lambda finding: _GRAVITY[finding.level])


def check_issue(content: IssueContent, facts: Facts) -> list[Finding]:
    """What is wrong with an issue, its items and its edition (if built), gravest first.

    Of one gravity: the issue's own, then item by item as one reads them.
    """
    found = [*issue.findings(content, facts), *edition.findings(content, facts)]
    found.extend(mail_clients.findings(content, facts))
    widest = Audience.PUBLIC if Audience.PUBLIC in _audiences(content, facts) else Audience.MEMBERS
    for_items = replace(facts, audience=widest, issue_id=content.issue_id)
    for it in content.items:
        found.extend(item.findings(it, for_items))
    places = {it.reference: place for place, it in enumerate(content.items)}
    return sorted(found, key=lambda it: (_GRAVITY[it.level], places.get(it.where, -1)))


def errors(found: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level is Level.ERROR]


def warnings(found: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level is Level.WARNING]


def _audiences(content: IssueContent, facts: Facts) -> set[Audience | None]:
    return {content.masthead.audience, facts.audience}
