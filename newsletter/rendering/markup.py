"""MJML -> HTML with its styles inlined.

The renderer has its own traps; each is met here and has a test in ``tests/test_traps.py``:
it prints attribute values the way Rust debugs strings (so it gets plain ASCII, ``_armoured``),
takes what MJML does not know in silence (``grammar``), does not say where a mistake is
(``_first_wrong_line``), does not inline styles, and adds Google's fonts unless told not to.
"""

import re
from pathlib import Path
from xml.parsers import expat

from css_inline import CSSInliner
from mjml import mjml2html

from ..language import _
from ..templating import broken_at
from ..texts.typography import in_markup
from . import grammar
from .grammar import Mistake
from .squeezed import squeezed

_INLINER = CSSInliner(
    keep_style_tags=True,
    keep_at_rules=True,
    minify_css=True,
    remove_inlined_selectors=True,
    load_remote_stylesheets=False,
)


def to_html(mjml: str, template: str, where: tuple[Path, ...], *, typeset: bool = True) -> str:
    """The HTML of what the template ``template`` gave, with its typography.

    BrokenTemplate says file and line.
    """
    html, wrong = _translated(mjml, in_markup(mjml) if typeset else mjml)
    if wrong:
        raise broken_at(where, template, wrong[0].line, wrong[0].why)
    return squeezed(_inlined(html))


def mistakes(mjml: str) -> list[Mistake]:
    """Everything that ``to_html`` would refuse, and not only the first."""
    return _translated(mjml, mjml)[1]


def _translated(mjml: str, printed: str) -> tuple[str, list[Mistake]]:
    """HTML of ``printed``; what is wrong is found in ``mjml``, as the template gave it."""
    try:
        return mjml2html(_armoured(printed), fonts={}), grammar.mistakes(mjml)
    except ValueError as problem:
        line = _first_wrong_line(mjml)
        why = _("So ist es kein gültiges MJML ({why}).").format(why=line[:80] or problem)
        return "", (not line and grammar.mistakes(mjml)) or [Mistake(line, why)]


_RESETS = '<style type="text/css">\n#outlook a'
_KEPT = ' data-css-inline="ignore"'


def _inlined(html: str) -> str:
    """A newsletter's own style sheet in each element; the renderer's stays a style sheet.

    Written into each table and cell it would be a third of the page, and a program that drops
    style sheets needs none of what it puts right.
    """
    kept = html.replace(_RESETS, _RESETS.replace('">', f'"{_KEPT}>'), 1)
    return _INLINER.inline(kept).replace(_KEPT, "", 1)


_VOID = re.compile(r"<(br|hr|img|meta|col|wbr)\b([^<>]*?)/?>")


def _first_wrong_line(mjml: str) -> str:
    """Where markup stops being well-formed: the renderer says that it does, but not where."""
    reader = expat.ParserCreate()
    reader.UseForeignDTD(True)  # it knows no &nbsp;
    try:
        reader.Parse(_VOID.sub(r"<\1\2/>", mjml), True)
    except expat.ExpatError as problem:
        return mjml.splitlines()[min(problem.lineno, mjml.count("\n") + 1) - 1]
    return ""


_STYLE = re.compile(r"(<mj-style.*?</mj-style>)", re.DOTALL)
_UNSAFE = re.compile(r"[^ -\[\]-~\n]")
_ATTRIBUTE = re.compile(r'="[^"]*"')


def _armoured(mjml: str) -> str:
    """The same document in ASCII without backslashes, by numeric references.

    The renderer writes attribute values as Rust's ``{:?}`` does: a slot marker would become
    ``\\u{e000}``, a line break ``\\n``, a backslash two. Style sheets know no references.
    """
    parts = _STYLE.split(mjml)
    parts[::2] = [_ATTRIBUTE.sub(_one_line, _UNSAFE.sub(_numeric, part)) for part in parts[::2]]
    return "".join(parts)


def _numeric(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"


def _one_line(match: re.Match[str]) -> str:
    return match[0].replace("\n", "&#10;")
