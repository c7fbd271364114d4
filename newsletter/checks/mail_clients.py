"""What the mail uses and a mail program does not know, by a table of caniemail.com (pure).

``mail_clients.json`` holds facts of one day (``make mail-clients`` renews it). What is not
known everywhere, but has something in its place, stands in ``FALLBACKS`` with what that is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from newsletter.content import Finding, IssueContent, Level
from newsletter.language import _

from .facts import Facts
from .features import used
from .mends import in_template
from .names import found

_FRESH = timedelta(days=365)
_MOST = 5  # findings of one mail

_SHEET = "a bonus where style sheets are read; what a reader needs is written into each element"
_SPOKEN = "for screen readers; without it the words are read in the same order"
FALLBACKS: Mapping[str, str] = {
    "html-style": _SHEET,
    "css-at-media": _SHEET,
    "css-at-media-prefers-color-scheme": "without it the light colours, or the program's own",
    "css-selector-attribute": "only for Outlook.com at night ([data-ogsc])",
    "css-selector-child": _SHEET,
    "css-selector-chaining": _SHEET,
    "css-selector-id": _SHEET,
    "css-selector-adjacent-sibling": _SHEET,
    "css-pseudo-class-hover": "the same link without a change under the mouse",
    "css-color-scheme": "without it the program darkens by itself",
    "html-meta-color-scheme": "without it the program darkens by itself",
    "css-important": "only in rules for the night and for phones",
    "css-border-radius": "square corners",
    "css-max-width": "the width attribute of table and picture",
    "css-height": "the height attribute of cell and picture",
    "css-outline": "only takes away what else stands around a picture that is a link",
    "html-body": "its colours and its language stand again on the element inside",
    "css-overflow-wrap": "word-break; Word breaks long words by itself",
    "css-word-break": "overflow-wrap, soft hyphens",
    "css-word-spacing": "the program's own spacing, which is the same",
    "css-direction": "the direction of the words themselves",
    "html-dir": "the direction of the words themselves",
    "html-lang": "it stands again on inner elements where a program drops the outer one",
    "html-role": _SPOKEN,
    "html-aria-label": _SPOKEN,
    "html-aria-hidden": _SPOKEN,
    "html-anchor-links": "the contents list leads nowhere, the items follow below it",
    "css-white-space": "a line that breaks",
}


@dataclass(frozen=True, slots=True)
class Table:
    """What mail programs know: of each feature one letter per program, y, a (partly), n or u."""

    day: date
    clients: tuple[str, ...]
    features: Mapping[str, str]

    def lacking(self, feature: str) -> tuple[str, ...]:
        """The programs that do not know a feature; none of one that nobody has tried."""
        letters = self.features.get(feature, "")
        return tuple(name for name, it in zip(self.clients, letters, strict=False) if it == "n")


@lru_cache(maxsize=1)
def table() -> Table:
    """The table that came with the program."""
    text = Path(__file__).with_name("mail_clients.json").read_text(encoding="utf-8")
    given = json.loads(text)
    day = date.fromisoformat(given["date"])
    return Table(day, tuple(given["clients"]), given["features"])


def unsupported(html: str) -> dict[str, tuple[str, ...]]:
    """Features without a fallback, each with the programs that do not know it; most first."""
    lacking = {each: table().lacking(each) for each in used(html) if each not in FALLBACKS}
    known = ((feature, names) for feature, names in lacking.items() if names)
    return dict(sorted(known, key=lambda it: (-len(it[1]), it[0])))


def findings(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """What some of the readers will not see as it was meant; and whether the table is old."""
    if facts.edition is None or not facts.edition.html:
        return
    for feature, names in [*unsupported(facts.edition.html).items()][:_MOST]:
        wrong = _("Die Vorlage nutzt „{feature}“; das kennen nicht: {programs}.")
        wrong = wrong.format(feature=_said(feature), programs=", ".join(names))
        yield found("css-support", Level.WARNING, "issue", wrong, in_template(content))
    if facts.now.date() - table().day > _FRESH:
        wrong = _(
            "Was Mailprogramme zeigen können, ist hier auf dem Stand vom {day}: älter als ein Jahr."
        )
        mend = _("Ein neuerer Stand kommt mit der nächsten Version des Programms.")
        said = wrong.format(day=f"{table().day:%d.%m.%Y}")
        yield found("css-support-old", Level.HINT, "issue", said, mend)


def _said(feature: str) -> str:
    """„css-display-flex“ as people write it: „display: flex“."""
    kind, _dash, name = feature.partition("-")
    if kind == "html":
        return f"<{name}>"
    for start, said in (("at-", "@"), ("display-", "display: "), ("pseudo-class-", ":")):
        if name.startswith(start):
            return said + name.removeprefix(start)
    return name
