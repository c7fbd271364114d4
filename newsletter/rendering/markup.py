"""MJML -> HTML with its styles inlined.

The renderer has its own traps; each is met here and has a test in ``tests/test_traps.py``:
it prints attribute values the way Rust debugs strings (so it gets plain ASCII, ``_armoured``),
makes the text of an unknown tag invisible (``_only_known_tags``), does not say where a mistake
is (``_first_wrong_line``), does not inline styles, and adds Google's fonts unless told not to.
"""

import re
from pathlib import Path
from xml.parsers import expat

from css_inline import CSSInliner
from mjml import mjml2html

from ..language import _
from ..templating import broken_at

# The known-good set (HT-13). The renderer reports nothing outside it.
KNOWN_TAGS = frozenset(
    {
        *("mjml", "mj-head", "mj-body", "mj-title", "mj-attributes", "mj-all", "mj-class"),
        *("mj-style", "mj-raw", "mj-wrapper", "mj-section", "mj-column", "mj-group", "mj-text"),
        *("mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table"),
    }
)

_INLINER = CSSInliner(
    keep_style_tags=True,
    keep_at_rules=True,
    minify_css=True,
    remove_inlined_selectors=True,
    load_remote_stylesheets=False,
)


def to_html(mjml: str, template: str, where: tuple[Path, ...]) -> str:
    """The HTML of what the template ``template`` gave. BrokenTemplate says file and line."""
    try:
        _only_known_tags(mjml)
        return _INLINER.inline(mjml2html(_armoured(mjml), fonts={}))
    except _WrongMarkup as wrong:
        raise broken_at(where, template, wrong.line, str(wrong)) from wrong
    except ValueError as problem:
        line = _first_wrong_line(mjml)
        why = _("So ist es kein gültiges MJML ({why}).").format(why=line[:80] or problem)
        raise broken_at(where, template, line, why) from problem


class _WrongMarkup(Exception):
    """A line of MJML that the renderer would take in silence."""

    def __init__(self, why: str, mjml: str, at: int) -> None:
        super().__init__(why)
        self.line = mjml[mjml.rfind("\n", 0, at) + 1 :].partition("\n")[0]


def _only_known_tags(mjml: str) -> None:
    for tag in re.finditer(r"<(mj[\w-]*)", mjml):
        if tag[1] not in KNOWN_TAGS:
            raise _WrongMarkup(
                _("<{tag}> ist nicht vorgesehen.").format(tag=tag[1]), mjml, tag.start()
            )
    if bare := re.search(r"<mj-image(?![^>]*\salt=)", mjml):
        raise _WrongMarkup(_("Ein <mj-image> hat kein alt."), mjml, bare.start())


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
