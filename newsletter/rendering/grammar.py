"""What MJML allows: tags, where they stand, their attributes and the values of these.

Our renderer reports none of it. It drops a mistyped attribute, shows the text of an unknown
tag nowhere, and takes a column outside its section. The rules are those of the official
validator, written down in ``mjml.json`` (``tests/peers/mjml_facts.mjs`` writes it, a test
compares), for the tags that mail programs can be trusted with (STANDARDS HT-13).
"""

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..language import _

# The known-good set (HT-13). The renderer reports nothing outside it.
KNOWN_TAGS = frozenset(
    {
        *("mjml", "mj-head", "mj-body", "mj-title", "mj-attributes", "mj-all", "mj-class"),
        *("mj-style", "mj-raw", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-text"),
        *("mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table"),
    }
)
EVERYWHERE = frozenset({"css-class", "mj-class"})
_OF_THE_DOCUMENT = frozenset({"lang", "dir", "owa"})
# Allowed, but the renderer makes nothing of them, and does not say so.
IGNORED = {
    "mj-body": frozenset({"id"}),
    "mj-button": frozenset({"title"}),
    "mj-image": frozenset({"border-bottom", "border-top", "sizes"}),
    "mj-section": frozenset({"gutter", "text-padding"}),
    "mj-spacer": frozenset(
        {"border", *(f"border-{it}" for it in ("bottom", "left", "right", "top"))}
    ),
    "mj-table": frozenset({"font-weight", "role"}),
    "mj-text": frozenset({"background-color"}),
    "mj-wrapper": frozenset({"gap", "gutter", "text-padding"}),
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, and the line of MJML it stands in."""

    line: str
    why: str


@lru_cache(maxsize=1)
def facts() -> dict[str, Any]:
    """What ``mjml.json`` says: ``mjml`` (the version), ``colours``, ``tags``."""
    read: dict[str, Any] = json.loads(
        Path(__file__).with_name("mjml.json").read_text(encoding="utf-8")
    )
    return read


def mistakes(mjml: str) -> list[Mistake]:
    """Everything in a well-formed document that MJML does not allow, from top to bottom."""
    found = []
    for at, why in _walk(mjml):
        line = mjml[mjml.rfind("\n", 0, at) + 1 :].partition("\n")[0]
        found.append(Mistake(line, why))
    return found


_TOKEN = re.compile(
    r"""<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<![^>]*>"""
    r"""|<(?P<end>/?)(?P<tag>[A-Za-z][\w-]*)(?P<more>(?:[^<>"']|"[^"]*"|'[^']*')*?)(?P<empty>/?)>""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_INSIDE_TEXT = re.compile(r"<(mj-?[\w-]*)")


def _walk(mjml: str) -> Iterator[tuple[int, str]]:
    """Each mistake with its position."""
    around: list[str] = []
    at = 0
    while token := _TOKEN.search(mjml, at):
        if around and around[-1] in KNOWN_TAGS and (loose := mjml[at : token.start()].strip()):
            yield mjml.index(loose, at), _loose(loose, around[-1])
        at = token.end()
        tag = token["tag"]
        if tag is None:
            continue
        if token["end"]:
            while around and around.pop() != tag:
                pass
            continue
        yield from _opened(token, around)
        if token["empty"]:
            continue
        if not _holds_text(tag):
            around.append(tag)
            continue
        end = mjml.find(f"</{tag}", at)
        end = len(mjml) if end < 0 else end
        yield from _in_text(mjml, at, end, tag)
        close = mjml.find(">", end)
        at = len(mjml) if close < 0 else close + 1


def _holds_text(tag: str) -> bool:
    known = facts()["tags"].get(tag)
    return known["text"] if known else not tag.startswith("mj")


def _opened(token: re.Match[str], around: list[str]) -> Iterator[tuple[int, str]]:
    tag, at = token["tag"], token.start()
    parent = around[-1] if around else None
    if why := _misplaced(tag, parent):
        yield at, why
    if tag not in KNOWN_TAGS:
        return
    given = list(_ATTRIBUTE.finditer(token["more"]))
    if tag == "mj-image" and parent != "mj-attributes" and not any(it[1] == "alt" for it in given):
        yield at, _("Ein <mj-image> hat kein alt.")
    for each in given:
        value = each[2] if each[2] is not None else each[3]
        if why := _attribute(tag, each[1], value):
            yield token.start("more") + each.start(), why


def _misplaced(tag: str, parent: str | None) -> str | None:
    """Why a tag must not stand where it stands; None: it may."""
    if tag not in KNOWN_TAGS and not (parent is None or tag.startswith("mj")):
        return _html_outside(tag, parent)
    if tag not in KNOWN_TAGS:
        return _unknown(tag)
    if parent is None or parent not in KNOWN_TAGS or tag in facts()["tags"][parent]["inside"]:
        return None
    return _only_inside(tag, parent)


def _unknown(tag: str) -> str:
    said = _("<{tag}> ist nicht vorgesehen.").format(tag=tag)
    return said + _perhaps(tag, KNOWN_TAGS, "<{}>")


def _only_inside(tag: str, parent: str) -> str:
    places = {name for name, it in facts()["tags"].items() if tag in it["inside"]}
    places = places - {"mj-attributes"} or places  # there nearly everything may stand
    allowed = _(" oder ").join(f"<{each}>" for each in sorted(places))
    said = _("<{tag}> darf nicht in <{parent}> stehen, nur in {places}.")
    return said.format(tag=tag, parent=parent, places=allowed)


def _html_outside(tag: str, parent: str) -> str:
    said = _("<{tag}> darf nicht unmittelbar in <{parent}> stehen, nur in <mj-text> oder <mj-raw>.")
    return said.format(tag=tag, parent=parent)


def _loose(text: str, parent: str) -> str:
    said = _("Der Text „{text}“ steht unmittelbar in <{parent}>; er gehört in ein <mj-text>.")
    return said.format(text=text.splitlines()[0][:40], parent=parent)


def _in_text(mjml: str, start: int, end: int, tag: str) -> Iterator[tuple[int, str]]:
    if tag in {"mj-raw", "mj-style", "mj-title"}:
        return
    for each in _INSIDE_TEXT.finditer(mjml, start, end):
        known = each[1] in KNOWN_TAGS
        yield each.start(), _only_inside(each[1], tag) if known else _unknown(each[1])


# -- attributes ------------------------------------------------------------------------------


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Why an attribute is not allowed; None: it is."""
    if name in EVERYWHERE:
        return None
    known = allowed(tag)
    if name not in known:
        said = _("<{tag}> kennt kein Attribut „{name}“.").format(tag=tag, name=name)
        return said + _perhaps(name, [*known, *EVERYWHERE], "{}")
    if name in IGNORED.get(tag, ()):
        said = _("Aus „{name}“ macht unser MJML bei <{tag}> nichts; bitte anders lösen.")
        return said.format(tag=tag, name=name)
    if possible := _wrong_value(known[name], value.strip()):
        said = _('{name}="{value}" geht bei <{tag}> nicht; möglich: {possible}.')
        return said.format(tag=tag, name=name, value=value, possible=possible)
    return None


@lru_cache(maxsize=32)
def allowed(tag: str) -> dict[str, str]:
    """The attributes of a tag, each with the type of its values."""
    tags = facts()["tags"]
    if tag == "mjml":
        return dict.fromkeys(_OF_THE_DOCUMENT, "string")
    if tag not in {"mj-all", "mj-class"}:
        return dict(tags[tag]["attributes"])
    everything = {name: kind for it in tags.values() for name, kind in it["attributes"].items()}
    return everything | {"name": "string"}  # of the class


def _wrong_value(kind: str, value: str) -> str:
    """What would be right, if the value is not; else empty. ``kind`` is a type of the facts."""
    match kind.partition("("):
        case ("color", *_rest):
            return "" if _is_colour(value) else "#1c2733, rgb(28,39,51)"
        case ("enum", _bracket, rest):
            values = rest.rstrip(")").split(",")
            return "" if value in values else ", ".join(filter(None, values))
        case ("unit" | "unitWithNegative" as name, _bracket, rest):
            return _wrong_unit(rest, value, negative=name != "unit")
        case ("boolean", *_rest):
            return "" if value in {"true", "false"} else "true, false"
        case ("integer", *_rest):
            return "" if value.isdigit() else _("ganze Zahlen")
    return ""


def _is_colour(value: str) -> bool:
    if re.fullmatch(r"#(?:[0-9a-fA-F]{3}){1,2}", value) or value in facts()["colours"]:
        return True
    part = r"\s?\d{1,3}"
    return bool(
        re.fullmatch(
            rf"rgb\({part},{part},{part}\)|rgba\(({part},){{3}}\s?\d(\.\d{{1,3}})?\)", value
        )
    )


def _wrong_unit(rest: str, value: str, *, negative: bool) -> str:
    units, _bracket, count = rest.partition(")")
    named = [each for each in units.split(",") if each != "auto"]
    number = ("-?" if negative else "") + r"(?:\d+\.?\d*|\.\d+)"
    one = rf"(?:{number}(?:{'|'.join(map(re.escape, named))})|0|auto)"
    if "auto" not in units:
        one = one.replace("|auto", "")
    if re.fullmatch(rf"{one}(?: {one}){{0,{3 if count else 0}}}", value):
        return ""
    examples = [f"16{each}" if each else "1.5" for each in named]
    return ", ".join([*examples, *(["auto"] if "auto" in units else [])])


def _perhaps(name: str, known: Iterable[str], shown: str) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.7)
    return _(" Gemeint vielleicht: {it}.").format(it=shown.format(near[0])) if near else ""
