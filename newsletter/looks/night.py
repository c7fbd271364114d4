"""A mail as it looks by night, in a program that honours prefers-color-scheme (pure)."""

import re

from css_inline import CSSInliner

_QUERY = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)\s*\{")
_INLINER = CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def by_day(html: str) -> str:
    """The same mail, whatever the reader's machine prefers."""
    for start, _inside, end in _queries(html):
        html = html[:start] + html[end:]
    return html


def by_night(html: str) -> str:
    """The same mail with its dark rules in force, inlined as well."""
    for start, inside, end in _queries(html):
        html = html[:start] + html[inside : end - 1] + html[end:]
    return _INLINER.inline(html)


def _queries(html: str) -> list[tuple[int, int, int]]:
    """The dark rules: where each begins, where its inside begins, where it ends; the last first."""
    found = []
    for match in _QUERY.finditer(html):
        depth, at = 1, match.end()
        while depth and at < len(html):
            depth += {"{": 1, "}": -1}.get(html[at], 0)
            at += 1
        found.append((match.start(), match.end(), at))
    return found[::-1]
