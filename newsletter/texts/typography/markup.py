"""Typography in HTML or MJML: the words between the tags, paragraph by paragraph."""

import html
import re
from dataclasses import dataclass

from .hyphens import hyphenated
from .quotes import TAG
from .typeset import typeset

# A comment; a whole element that holds no running text; any other tag.
_TAGS = re.compile(
    r"<!--.*?-->"
    r"|<(?P<whole>mj-style|style|script|mj-title|title|pre|code|kbd|samp)\b.*?</(?P=whole)\s*>"
    r"|<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>(?:[^<>\"]|\"[^\"]*\")*)>",
    re.DOTALL,
)
_LANG = re.compile(r"""\slang="([A-Za-z-]*)\"""")
_ALT = re.compile(r"""(?<=\salt=")[^"]+""")
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "br", "cite", "em", "font", "i", "img", "mark", "q", "s"),
        *("small", "span", "strong", "sub", "sup", "u", "wbr"),
    }
)
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
# What is looked for, listened to or copied by its words gets no soft hyphens.
_WHOLE_WORDS = frozenset(
    {"a", "h1", "h2", "h3", "h4", "h5", "h6", "mj-button", "mj-preview", "bdi"}
)
_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RIGHT_TO_LEFT = re.compile(rf"[{_RTL}]+(?:[ \u00a0'’.-]{{1,2}}[{_RTL}]+)*")


def in_markup(source: str, language: str = "de") -> str:
    """The same document with typographic texts; ``language`` until a ``lang`` says another one.

    Texts and ``alt`` change, nothing else: no tag, no other attribute, no style sheet, no title.
    Soft hyphens stand in running text only, not in headings, links and alt. Words that are
    written from right to left are isolated, so that what stands beside them keeps its place.
    """
    walk = _Walk(language)
    done = 0
    for tag in _TAGS.finditer(source):
        walk.text(source[done : tag.start()])
        walk.tag(tag)
        done = tag.end()
    walk.text(source[done:])
    walk.flush()
    return "".join(walk.out)


@dataclass(frozen=True, slots=True)
class _Element:
    """An element that is open."""

    name: str
    language: str
    whole: bool = False  # no soft hyphens in it
    isolated: bool = False  # from the direction of what stands around it


@dataclass(slots=True)
class _Text:
    """The words between two tags."""

    source: str
    whole: bool  # no soft hyphens
    isolated: bool  # by the template already
    before_break: bool = False


class _Walk:
    """One way through a document. A run is a paragraph: texts, and inline tags between them."""

    def __init__(self, language: str) -> None:
        self.out: list[str] = []
        self.open = [_Element("", language)]
        self.run: list[_Text | str] = []

    @property
    def language(self) -> str:
        return self.open[-1].language

    def text(self, source: str) -> None:
        """Some words; blanks before any are none."""
        if not self.run and (not source or source.isspace()):
            self.out.append(source)
            return
        self.run.append(_Text(source, self.open[-1].whole, self.open[-1].isolated))

    def tag(self, tag: re.Match[str]) -> None:
        """Any tag; one that is not inline, or changes the language, ends the run."""
        name, said = (tag["name"] or "").lower(), tag[0]
        if name in {"img", "mj-image"}:
            said = _ALT.sub(self._alt, said)
        if name in _INLINE and not self._changes_language(tag):
            if name == "br" and self.run and isinstance(self.run[-1], _Text):
                self.run[-1].before_break = True
            self.run.append(said)
        else:
            self.flush()
            self.out.append(said)
        self._follow(tag, name)

    def _changes_language(self, tag: re.Match[str]) -> bool:
        if tag["close"]:
            return len(self.open) > 1 and self.language != self.open[-2].language
        return tag["name"] not in _VOID and bool(_LANG.search(tag["rest"]))

    def _follow(self, tag: re.Match[str], name: str) -> None:
        """Keep in mind which elements are open; markup that is not well-formed ends nothing."""
        if tag["close"]:
            if self.open[-1].name == name or any(name == each.name for each in self.open):
                while self.open.pop().name != name:
                    pass
        elif name and name not in _VOID and not tag["rest"].endswith("/"):
            around, found = self.open[-1], _LANG.search(tag["rest"])
            isolated = name == "bdi" or (name == "span" and " dir=" in tag["rest"])
            self.open.append(
                _Element(
                    name,
                    found[1] if found else around.language,
                    around.whole or name in _WHOLE_WORDS,
                    around.isolated or isolated,
                )
            )

    def _alt(self, alt: re.Match[str]) -> str:
        return html.escape(typeset(html.unescape(alt[0]), self.language))

    def flush(self) -> None:
        """Set what was gathered as one text, and take it apart again at its tags."""
        if not self.run:
            return
        texts = [each for each in self.run if isinstance(each, _Text)]
        gathered = TAG.join(
            html.unescape(each.source).replace(TAG, "") + ("\n" if each.before_break else "")
            for each in texts
        )
        if gathered.strip(TAG + " \n"):
            pieces = typeset(gathered, self.language).split(TAG)
            for text, piece in zip(texts, pieces, strict=True):
                text.source = self._shown(text, piece)
        self.out += [each.source if isinstance(each, _Text) else each for each in self.run]
        self.run = []

    def _shown(self, text: _Text, piece: str) -> str:
        if text.before_break:
            piece = piece.removesuffix("\n")
        if not text.whole:
            piece = hyphenated(piece, self.language)
        if piece == html.unescape(text.source) and not _RIGHT_TO_LEFT.search(piece):
            return text.source
        escaped = html.escape(piece, quote=False)
        return (
            escaped
            if text.isolated
            else _RIGHT_TO_LEFT.sub(r'<span dir="rtl">\g<0></span>', escaped)
        )
