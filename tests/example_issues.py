"""Both newsletters as their readers get them: from the examples, and from the nastiest texts."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from newsletter import templating, texts
from newsletter.content import IssueContent, Item, Origin
from newsletter.demo.relative import expanded
from newsletter.looks import specimens
from tests.rendering_situations import BASE, BERLIN, BOTH, masthead

TODAY = date(2026, 11, 23)
HERE = templating.folders(None)


def _read(name: str) -> Any:
    return json.loads((templating.shipped("examples") / name).read_text(encoding="utf-8"))


def _clusters() -> dict[str, Origin]:
    return {
        it["slug"]: Origin(
            it["name"],
            (it["land"],) if isinstance(it["land"], str) else tuple(it["land"]),
            it.get("label"),
            it.get("website"),
        )
        for it in _read("clusters.json")
    }


def _item(given: Mapping[str, Any], number: int, clusters: Mapping[str, Origin]) -> Item:
    source = Origin(given.get("source", ""), is_cluster=False)
    body = given.get("body", "")
    if given.get("body_format") == "html":
        body = texts.from_html(body)
    origin = clusters.get(given.get("cluster", ""), source)
    return specimens.item({**given, "body": body}, f"q{number}", (origin,), BASE)


def of_examples(slug: str) -> IssueContent:
    """All that the examples bring for a newsletter, dates told from a fixed day."""
    clusters = _clusters()
    given = expanded(_read("submissions.json"), TODAY, BERLIN)
    items = [_item(it, n, clusters) for n, it in enumerate(given, 401) if slug in it["targets"]]
    return specimens.issue(masthead(slug), items)


def nastiest(slug: str) -> IssueContent:
    return specimens.nastiest(masthead(slug))


ISSUES = [(slug, make) for slug in BOTH for make in (of_examples, nastiest)]
