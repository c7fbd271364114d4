"""MJML -> HTML with its styles inlined.

The renderer has its own traps; each is met here and has a test in ``tests/test_traps.py``:
it prints attribute values the way Rust debugs strings (so it gets plain ASCII, ``_armoured``),
takes what MJML does not know in silence (``grammar``), does not say where a mistake is
(``_not_well_formed``), does not inline styles, and adds Google's fonts unless told not to.
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
    """Everything that ``to_html`` would refuse, and not only the first; what it lets pass, too:
    HTML in a text that is never ended, or ended by another name."""
    wrong = _translated(mjml, mjml)[1]
    first = _not_well_formed(mjml)
    return wrong if wrong or first is None else [first]


def _translated(mjml: str, printed: str) -> tuple[str, list[Mistake]]:
    """HTML of ``printed``; what is wrong is found in ``mjml``, as the template gave it."""
    try:
        return mjml2html(_armoured(printed), fonts={}), grammar.mistakes(mjml)
    except ValueError as problem:
        if first := _not_well_formed(mjml):
            return "", [first]
        return "", grammar.mistakes(mjml) or [Mistake("", _no_mjml(str(problem)))]


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


def _not_well_formed(mjml: str) -> Mistake | None:
    """Where markup stops being well-formed: the renderer says that it does, but not where."""
    read = _VOID.sub(r"<\1\2/>", mjml)
    around: list[tuple[str, int]] = []  # what is open, and the line it begins in
    reader = expat.ParserCreate()
    reader.UseForeignDTD(True)  # it knows no &nbsp;
    reader.StartElementHandler = lambda tag, _more: around.append((tag, reader.CurrentLineNumber))
    reader.EndElementHandler = lambda _tag: around.pop()
    try:
        reader.Parse(read, True)
    except expat.ExpatError as problem:
        lines = read.splitlines()
        at = min(problem.lineno, len(lines))
        return _wrong_end(problem, lines, at, around)
    return None


_END = re.compile(r"</?([\w-]+)")


def _wrong_end(
    problem: expat.ExpatError, lines: list[str], at: int, around: list[tuple[str, int]]
) -> Mistake:
    """What is never ended, at its beginning; an end too many, or anything else, where it stands."""
    line = lines[at - 1]
    before = line.rfind("</", 0, problem.offset + 2)
    ended = _END.match(line, before) if before >= 0 else None
    code = expat.errors.codes
    if problem.code == code[expat.errors.XML_ERROR_TAG_MISMATCH] and ended:
        if ended[1] not in [tag for tag, _begun in around]:
            return Mistake(line, _("</{tag}> beendet nichts.").format(tag=ended[1]))
    elif problem.code not in {code[it] for it in _AT_THE_END} or not around:
        return Mistake(line, _no_mjml(line[:80]))
    tag, begun = around[-1]
    return Mistake(lines[begun - 1], _("<{tag}> wird nicht beendet.").format(tag=tag))


_AT_THE_END = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)


def _no_mjml(why: str) -> str:
    return _("So ist es kein gültiges MJML ({why}).").format(why=why)


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
