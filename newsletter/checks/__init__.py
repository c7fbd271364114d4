"""What is wrong, before a reader sees it (pure; the facts are handed in).

An error stops a request for approval, a warning wants a reason, a hint informs. The name of
a check never changes: people filter by it. Limits and their sources: DOMAIN §2.6.
"""

from collections.abc import Iterable
from dataclasses import replace

from newsletter.content import Audience, Finding, IssueContent, Item, Level

from . import edition, issue, item
from .facts import Facts

__all__ = ["Facts", "check_issue", "check_item", "errors", "warnings"]

_GRAVITY = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}


def check_item(it: Item, facts: Facts) -> list[Finding]:
    """What is wrong with one item, gravest first."""
    return _sorted(item.findings(it, facts))


def check_issue(content: IssueContent, facts: Facts) -> list[Finding]:
    """What is wrong with an issue, its items and its edition (if built), gravest first."""
    found = [*issue.findings(content, facts), *edition.findings(content, facts)]
    widest = Audience.PUBLIC if Audience.PUBLIC in _audiences(content, facts) else Audience.MEMBERS
    for_items = replace(facts, audience=widest, issue_id=content.issue_id)
    for it in content.items:
        found.extend(item.findings(it, for_items))
    return _sorted(found)


def errors(found: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level is Level.ERROR]


def warnings(found: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.level is Level.WARNING]


def _audiences(content: IssueContent, facts: Facts) -> set[Audience | None]:
    return {content.masthead.audience, facts.audience}


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: _GRAVITY[finding.level])
