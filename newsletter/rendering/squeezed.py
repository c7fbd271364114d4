"""HTML without the bytes that nobody sees (pure)."""

import re

# A value of two lines is what somebody typed, and stays.
_BREAK = re.compile(r"=\"[^\"\n]*\n[^\"]*\"|(?<![ \t\r])[ \t\r]*\n[ \t\r\n]*")
_SHEET = re.compile(r"<style[^<>]*>[^<]*</style>")
_BLANKS = re.compile(r"(?<=[{};,:]) +| +(?=[{};,])")
_BODY = re.compile(r"(?<=>)</?tbody>(?=<)")
_IN_A_LINE = re.compile(r"</?(?:a|b|strong|i|em|u|s|sub|sup|span|img|code|small|q|bdi|bdo)\b")


def squeezed(html: str) -> str:
    """The same page in fewer bytes: a line break becomes a blank, beside blocks nothing.

    No-break spaces are text; so is every blank between two words. The body of a table goes
    without saying.
    """
    return _SHEET.sub(_dense, _BODY.sub("", _BREAK.sub(_joined, html)))


def _dense(it: re.Match[str]) -> str:
    return _BLANKS.sub("", it[0])


def _joined(it: re.Match[str]) -> str:
    if it[0].startswith("="):
        return it[0]
    html, (begins, ends) = it.string, it.span()
    beside = html[begins - 1 : begins] == ">" and _is_block(html, html.rfind("<", 0, begins))
    return "" if beside or (html[ends : ends + 1] == "<" and _is_block(html, ends)) else " "


def _is_block(html: str, at: int) -> bool:
    return not _IN_A_LINE.match(html, at)
