"""A long list of lines of which only those that are seen are drawn: 1,000 items cost no more."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from .drawn import Drawn

ROLES = {
    "": Style(),
    "dim": Style(color="#a0a8b0"),
    "bold": Style(bold=True),
    "good": Style(color="#7ee787"),
    "warn": Style(color="#ffc069"),
    "bad": Style(color="#ff9a8f", bold=True),
    "mark": Style(color="#79c0ff", bold=True),
}

Draw = Callable[[int, int], Sequence[Drawn]]  # number of the row, width -> its lines


def as_text(lines: Sequence[Drawn]) -> Text:
    """Lines as a text that wraps at the terminal's width."""
    text = Text()
    for number, line in enumerate(lines):
        if number:
            text.append("\n")
        for span in line:
            text.append(span.text, ROLES[span.role])
    return text


class Lines(ScrollView, can_focus=True):
    """Rows with a cursor; a row without a key, such as a heading, is stepped over."""

    DEFAULT_CSS = """
    Lines { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "edge(-1)", show=False),
        Binding("end", "edge(1)", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, lines: "Lines", key: str | None) -> None:
            super().__init__()
            self.lines = lines
            self.key = key

    def __init__(self, id: str) -> None:  # noqa: A002  (Textual's word)
        super().__init__(id=id)
        self.keys: Sequence[str | None] = ()
        self.cursor = 0
        self._draw: Draw = lambda _row, _width: ()
        self._each = 1
        self._base, self._wide = Style(), 0

    def show(
        self, keys: Sequence[str | None], draw: Draw, each: int = 1, chosen: str | None = None
    ) -> None:
        """Other rows, each so many lines high; the cursor stays with its key, else its place."""
        before = self.key
        wanted = chosen if chosen in keys and chosen is not None else before
        self.keys, self._draw, self._each = keys, draw, each
        place = min(self.cursor, max(len(keys) - 1, 0))
        self.cursor = keys.index(wanted) if wanted is not None and wanted in keys else place
        if self.key is None:
            self.cursor = self._next(self.cursor, 1) or self._next(self.cursor, -1) or 0
        self._grow()
        self._follow()
        self.refresh()
        if self.key != before:
            self.post_message(self.Moved(self, self.key))

    @property
    def key(self) -> str | None:
        """What the cursor stands on."""
        return self.keys[self.cursor] if self.cursor < len(self.keys) else None

    def go(self, key: str | None) -> None:
        """Put the cursor on a row, if there is such a one."""
        if key is not None and key in self.keys:
            self._to(self.keys.index(key))

    def action_step(self, by: int) -> None:
        at = self._next(self.cursor, by)
        if at is not None:
            self._to(at)
        else:
            self.scroll_to(y=0 if by < 0 else self.virtual_size.height, animate=False)

    def action_page(self, by: int) -> None:
        rows = max(self.size.height // self._each - 1, 1)
        self._near(self.cursor + by * rows)

    def action_edge(self, to: int) -> None:
        self._near(len(self.keys) if to > 0 else 0)

    def _near(self, at: int) -> None:
        at = min(max(at, 0), max(len(self.keys) - 1, 0))
        if self.keys and self.keys[at] is None:
            at = self._next(at, 1) or self._next(at, -1) or at
        self._to(at)

    def _next(self, at: int, by: int) -> int | None:
        at += by
        while 0 <= at < len(self.keys):
            if self.keys[at] is not None:
                return at
            at += by
        return None

    def _to(self, at: int) -> None:
        if at == self.cursor:
            return
        before, self.cursor = self.cursor, at
        top = self.scroll_offset.y
        self._follow()
        if self.scroll_offset.y == top:
            self._refresh_row(before)
            self._refresh_row(at)
        self.post_message(self.Moved(self, self.key))

    def _follow(self) -> None:
        row = Region(0, self.cursor * self._each, 1, self._each)
        self.scroll_to_region(row, animate=False, immediate=True, x_axis=False)

    def _grow(self) -> None:
        self.virtual_size = Size(1, len(self.keys) * self._each)

    def on_click(self, event: object) -> None:
        """A mouse may point, too."""
        at = (getattr(event, "y", 0) + self.scroll_offset.y) // self._each
        if 0 <= at < len(self.keys) and self.keys[at] is not None:
            self._to(at)

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh()

    def redraw(self, key: str) -> None:
        """What a row says has changed."""
        if key in self.keys:
            self._refresh_row(self.keys.index(key))

    def _refresh_row(self, row: int) -> None:
        top = self.scroll_offset.y
        self.refresh(Region(0, row * self._each - top, self.size.width, self._each))

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines of the screen; to ask for the style takes as long as to draw one."""
        self._base, self._wide = self.rich_style, self.scrollable_content_region.width
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, base = self._wide, self._base
        row, part = divmod(y + self.scroll_offset.y, self._each)
        if row >= len(self.keys):
            return Strip.blank(width, base)
        drawn = self._draw(row, width)
        if row == self.cursor and self.key is not None:
            base += _CURSOR if self.has_focus else _RESTING
        segments = [Segment(text, base + ROLES[role]) for text, role in drawn[part]]
        return Strip(segments).adjust_cell_length(width, base)


_CURSOR = Style(bgcolor="#1f4f8f")
_RESTING = Style(bgcolor="#333a44")
