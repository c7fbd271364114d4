"""HTML without the bytes that nobody sees (pure)."""

import re

# A tag with its attributes as html5 writers print them (a quoted value may hold < and >), a
# comment, a style sheet; what stands between them is text.
_MARKUP = re.compile(
    r"(<!--.*?-->|<style.*?</style>|<[a-zA-Z/!][^\"<>]*(?:\"[^\"]*\"[^\"<>]*)*>)", re.DOTALL
)
_IN_A_LINE = re.compile(r"</?(?:a|b|strong|i|em|u|s|sub|sup|span|img|code|small|q|bdi|bdo)\b")
_BLANKS = re.compile(r"[ \t\r\n]+")


def squeezed(html: str) -> str:
    """The same page in fewer bytes: runs of white space become one, beside blocks none.

    No-break spaces are text; so is every blank between two words.
    """
    parts = _MARKUP.split(html)
    for at in range(0, len(parts), 2):
        parts[at] = _text(
            parts[at], *(parts[i] if 0 <= i < len(parts) else "" for i in (at - 1, at + 1))
        )
    for at in range(1, len(parts), 2):
        if parts[at].startswith(("<!--", "<style")):
            parts[at] = _BLANKS.sub(" ", parts[at])
    return "".join(parts)


def _text(text: str, before: str, after: str) -> str:
    text = _BLANKS.sub(" ", text)
    if not _IN_A_LINE.match(before):
        text = text.lstrip(" ")
    if not _IN_A_LINE.match(after):
        text = text.rstrip(" ")
    return text
