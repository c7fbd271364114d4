"""What the desk asks for: a choice, a line, a text; and long texts to read."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, Static, TextArea

from newsletter.language import N_, _, spoken
from newsletter.settings import TextModule

from .drawn import Drawn
from .lines import as_text

_BACK: list[BindingType] = [Binding("escape,ctrl+c", "back", priority=True, show=False)]


class _Dialog(ModalScreen[str | None]):
    """A frame in the middle of the screen; Esc gives None."""

    DEFAULT_CSS = """
    _Dialog { align: center middle; }
    _Dialog > Vertical {
        width: 90%; max-width: 100; height: auto; max-height: 90%;
        border: round $primary; padding: 0 1; background: $surface;
    }
    _Dialog .head { text-style: bold; }
    _Dialog TextArea { height: 10; border: tall $primary; }
    _Dialog VerticalScroll { height: auto; max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = _BACK

    def action_back(self) -> None:
        self.dismiss(None)


class Choose(_Dialog):
    """One of several, by its key or with the arrows and Enter; the first is the default."""

    def __init__(self, head: str, choices: Sequence[tuple[str, str, str]]) -> None:
        """``choices``: key, what it means, the answer."""
        super().__init__()
        self.head, self.choices, self.at = head, choices, 0

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self.head), classes="head")
            yield Static(self._list(), id="choices")

    def _list(self) -> Text:
        text = Text()
        for n, (key, meaning, __) in enumerate(self.choices):
            text.append("\n› " if n == self.at else "\n  ", "bold")
            text.append(key, "bold #79c0ff")
            text.append(f"  {meaning}", "bold" if n == self.at else "")
        return text

    def on_key(self, event: Key) -> None:
        event.stop()
        answers = {key.lower(): answer for key, __, answer in self.choices}
        pressed = (event.character or "").lower()
        if pressed in answers:
            self.dismiss(answers[pressed])
        elif event.key == "enter":
            self.dismiss(self.choices[self.at][2])
        elif event.key in {"up", "down"}:
            self.at = (self.at + (1 if event.key == "down" else -1)) % len(self.choices)
            self.query_one("#choices", Static).update(self._list())


YES = "yes"


def sure(question: str) -> Choose:
    """Yes or no; No is the default."""
    key = "j" if spoken() == "de" else "y"
    return Choose(question, [("n", _("nein"), ""), (key, _("ja"), YES)])


class Line(_Dialog):
    """One line; ``changed`` hears of every letter, and what it answers stands below.

    Enter gives the line, Esc None.
    """

    def __init__(
        self, head: str, typed: str = "", changed: Callable[[str], str | None] = lambda _text: None
    ) -> None:
        super().__init__()
        self.head, self.typed, self.changed = head, typed, changed

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self.head), classes="head")
            yield Input(self.typed)
            yield Static(id="below")

    def on_input_changed(self, event: Input.Changed) -> None:
        self.query_one("#below", Static).update(Text(self.changed(event.value) or ""))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)


class _Field(TextArea):
    """A text; while it is empty, a digit puts a module there."""

    modules: Sequence[TextModule] = ()

    def on_key(self, event: Key) -> None:
        number = (event.character or "").strip()
        if self.text or not number.isdecimal() or not 0 < int(number) <= len(self.modules):
            return
        event.prevent_default()
        self.text = self.modules[int(number) - 1].text
        self.move_cursor(self.document.end)


class Write(_Dialog):
    """A text to somebody; Ctrl+S sends it. What is typed is kept with every change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_BACK,
        Binding("ctrl+s,f2", "send", priority=True, show=False),
    ]

    def __init__(
        self,
        head: str,
        about: str,
        typed: str,
        keep: Callable[[str], object],
        modules: Sequence[TextModule] = (),
    ) -> None:
        super().__init__()
        self.head, self.about, self.typed = head, about, typed
        self.keep, self.modules = keep, modules

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self.head), classes="head")
            yield Static(Text(self.about))
            if self.modules:
                names = "  ".join(f"{n} {each.name}" for n, each in enumerate(self.modules, 1))
                said = _("Bausteine, solange das Feld leer ist: {names}").format(names=names)
                yield Static(Text(said, "#a0a8b0"))
            field = _Field(self.typed, soft_wrap=True, tab_behavior="focus")
            field.modules = self.modules
            yield field
            yield Static(Text(_(_WRITE_KEYS), "#a0a8b0"), id="below")

    def on_mount(self) -> None:
        field = self.query_one(_Field)
        field.move_cursor(field.document.end)
        field.focus()

    def on_text_area_changed(self) -> None:
        self.keep(self.query_one(_Field).text)

    def action_send(self) -> None:
        text = self.query_one(_Field).text
        if text.strip():
            self.dismiss(text)
        else:
            said = _("Hier fehlt noch der Text.") + " · " + _(_WRITE_KEYS)
            self.query_one("#below", Static).update(Text(said, "#ffc069"))


_WRITE_KEYS = N_("Strg+S abschicken · Esc zurück, der Text bleibt aufgehoben")


class Read(_Dialog):
    """Something long to read; any of the usual keys closes it."""

    DEFAULT_CSS = "Read > Vertical { height: 90%; } Read VerticalScroll { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q,enter,l,question_mark", "back", priority=True, show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, head: str, lines: Sequence[Drawn]) -> None:
        super().__init__()
        self.head, self.lines = head, lines

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self.head), classes="head")
            with VerticalScroll():
                yield Static(as_text(self.lines))
            yield Static(Text(_("Esc zurück · Pfeiltasten rollen"), "#a0a8b0"))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)
