"""The desk's panes, and the work that goes on behind them.

A key never waits for the database: verbs are done one after the other in a thread of their own,
and what is looked at comes from another. The panes are drawn anew when something has changed,
here or at a colleague's desk.
"""

import asyncio
import gc
import sys
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static
from textual.worker import Worker

from newsletter import database, queue
from newsletter.errors import NewsletterError
from newsletter.language import _
from newsletter.queue import Entry

from . import issue_lines, keys, letter, queue_lines
from .drawn import Span
from .hands import Hands
from .kept import Kept
from .lines import Lines, as_text
from .looking import Sheet, Shelf, Table, late
from .queue_lines import Facts

T = TypeVar("T")
_TURNS = 0.001  # seconds that a thread reads on while the screen waits
_WATCH = 1.5  # seconds between two looks for others' changes
_DRAWN = 0.01  # seconds until what a key changes is on the screen
_REST = 0.02  # seconds that a cursor rests before its item is read
_TWO_LINES = 40  # from so many rows on, the queue takes two lines for each item


class Panes(App[None]):
    """Queue, item and issue side by side; folded where there is no room."""

    ENABLE_COMMAND_PALETTE = False
    calm = (
        0.15  # seconds after the last verb until all is read anew: a quick editor's keys go first
    )
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  (Textual's own says what it is)
        (0, "-tiny"),
        (60, "-narrow"),
        (120, "-wide"),
    ]
    CSS = """
    Screen { layers: base; background: #0d1117; color: #e6edf3; }
    ModalScreen { background: #0d1117 60%; }
    #head, #keys { height: 1; background: #161b22; }
    #said { height: auto; min-height: 1; max-height: 3; }
    #panes { height: 1fr; }
    #left { width: 44; border-right: vkey #30363d; }
    #middle { width: 1fr; padding: 0 1; }
    #right { width: 54; border-left: vkey #30363d; }
    .title { height: 1; text-style: bold; }
    Lines { height: 1fr; }
    #checks { height: auto; max-height: 50%; border-top: solid #30363d; }
    #item, #checks { scrollbar-size-vertical: 1; }
    .-narrow #left, .-narrow #right { width: 38; }
    .-narrow #right, .-tiny #right, .-tiny #middle { display: none; }
    .-tiny #left, .-tiny #right { width: 1fr; border: none; }
    .-narrow.on-issue #left, .-tiny.on-issue #left, .-tiny.on-item #left { display: none; }
    .-narrow.on-issue #right, .-tiny.on-issue #right, .-tiny.on-item #middle { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(k.key, k.action, show=False, priority=k.key.startswith("tab"))
            for k in keys.KEYS
        ),
        Binding("space", "roll(1)", show=False),
        Binding("backspace", "roll(-1)", show=False),
        Binding("enter", "open", show=False),
    ]

    def __init__(self, hands: Hands, edit: Callable[[list[str]], None]) -> None:
        """``edit`` runs a command that opens an editor, and may print and ask."""
        super().__init__()
        self.hands, self.edit = hands, edit
        self.kept = Kept(hands.settings.home, hands.actor.name)
        self.table = Table()
        self.shelf: Shelf | None = None
        self.sheet: Sheet | None = None
        self.newsletter = next(iter(hands.settings.newsletters))
        self.wanted: dict[str, str] = {}  # which issue of a newsletter is shown
        self.view, self.words = "all", ""
        self.entries: list[Entry] = []
        self.saving: list[str] = []  # one entry for each verb that is not done yet
        self.twins: dict[str, str] = {}
        self.marked: str | None = None
        self._compared: set[tuple[str, int]] = set()
        self._written: dict[str, Text] = {}
        self.busy = 0
        self._stale = self._reading = self._greeted = False
        self._seen: object = None
        self.acting = ThreadPoolExecutor(1, "acts")
        self.looking = ThreadPoolExecutor(1, "looks")
        self._mark = database.Mark(hands.engine)

    def compose(self) -> ComposeResult:
        yield Static(id="head")
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield Static(id="queue-title", classes="title")
                yield Lines("queue")
            with VerticalScroll(id="middle", can_focus=False):
                yield Static(id="item")
            with Vertical(id="right"):
                yield Static(id="issue-title", classes="title")
                yield Lines("issue")
                with VerticalScroll(id="checks", can_focus=False):
                    yield Static(id="findings")
        yield Static(id="said")
        yield Static(id="keys")

    def on_mount(self) -> None:
        sys.setswitchinterval(_TURNS)
        gc.freeze()  # half a million objects stay; to look through them again holds a key up
        self.queue.focus()
        self.set_interval(_WATCH, self._watch)
        self.tell(_("wird gelesen …"))
        self.reload()

    def on_unmount(self) -> None:
        self.acting.shutdown(wait=True)
        self.looking.shutdown(wait=True)
        self._mark.close()

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    # -- what is where ------------------------------------------------------------------

    @property
    def queue(self) -> Lines:
        return self.screen_stack[0].query_one("#queue", Lines)

    @property
    def board(self) -> Lines:
        """The issue's lines."""
        return self.screen_stack[0].query_one("#issue", Lines)

    def _put(self, name: str, text: Text, *, layout: bool = False) -> None:
        """Write a text somewhere, unless it stands there; ``layout`` if its height may change."""
        if self._written.get(name) != text:
            self._written[name] = text
            self.screen_stack[0].query_one(f"#{name}", Static).update(text, layout=layout)

    @property
    def where(self) -> str:
        """Which of the two lists the keys speak of."""
        return keys.ISSUE if self.screen_stack[0].has_class("on-issue") else keys.QUEUE

    @property
    def chosen(self) -> str | None:
        """The item under the cursor."""
        return (self.board if self.where == keys.ISSUE else self.queue).key

    def entry(self, reference: str | None) -> Entry | None:
        """What the queue knows of an item."""
        return next(
            (each for each in self.table.entries if each.submission.reference == reference), None
        )

    # -- behind the panes ---------------------------------------------------------------

    async def in_thread(self, pool: ThreadPoolExecutor, work: Callable[..., T], *given: Any) -> T:
        """Have something done elsewhere, in the language that is spoken here."""
        run = partial(copy_context().run, work, *given)
        return await asyncio.get_running_loop().run_in_executor(pool, run)

    def act(self, about: str | None, verb: Callable[[], str]) -> None:
        """Have a verb done; verbs are done in the order of their keys."""
        self.busy += 1
        if about:
            self.saving.append(about)
            self.queue.redraw(about)
        self.tell(_("wird gespeichert …"))
        self._start(partial(self._act, about, verb))

    def _start(
        self, work: Callable[[], Coroutine[None, None, None]], alone: str = ""
    ) -> Worker[None]:
        """Begin something; what is ``alone`` lets go what it began before."""
        return self.run_worker(work, exclusive=bool(alone), group=alone or "default")

    async def _act(self, about: str | None, verb: Callable[[], str]) -> None:
        await asyncio.sleep(_DRAWN)
        try:
            said = await self.in_thread(self.acting, verb)
        except NewsletterError as error:
            self.bell()
            self.tell(str(error), "bad")
        else:
            self.tell(_("gespeichert: {what}").format(what=said), "good")
        finally:
            self.busy -= 1
            if about:
                self.saving.remove(about)
        self.reload()

    def reload(self) -> None:
        """Read everything anew, as soon as nobody writes here."""
        self._stale = True
        if not self._reading and not self.busy:
            self._reading = True
            self._start(self._reload)

    async def _reload(self) -> None:
        try:
            while self._stale and not self.busy:
                await asyncio.sleep(self.calm)
                if self.busy:
                    break
                self._stale = False
                self._seen, self.table, self.shelf = await self.in_thread(
                    self.looking, self._read, self.table.entries
                )
                self.draw()
            if not self._greeted:
                self._greet()
            self._start(self._compare, "likeness")
        except NewsletterError as error:
            self.tell(str(error), "bad")
        finally:
            self._reading = False

    async def _compare(self) -> None:
        """Find the twins of what is to be decided, one item after the other, in no hurry."""
        waiting = [each.submission for each in self.table.entries if queue_lines.is_open(each)]
        for each in waiting[: queue.LOOKED_AT]:
            known = (each.reference, each.revision)
            if known in self._compared:
                continue
            await asyncio.sleep(self.calm)
            with suppress(NewsletterError):
                twin = await self.in_thread(self.looking, self.hands.twin, each.reference)
                self._compared.add(known)
                if twin:
                    self.twins[each.reference] = twin
                    self.queue.redraw(each.reference)

    def _greet(self) -> None:
        """What of the last time waits, if anything."""
        self._greeted = True
        unsent = ", ".join(self.kept.subjects())
        said = _("Noch nicht abgeschickt: Texte zu {names}.").format(names=unsent)
        self.tell(said if unsent else _("bereit"), "warn" if unsent else "dim")

    def _read(self, before: Sequence[Entry]) -> tuple[object, Table, Shelf | None]:
        seen = self._mark.read()
        table = self.hands.table()
        table = replace(table, entries=queue_lines.steady(before, table.entries))
        ahead = table.issues_of(self.newsletter)
        key = issue_lines.nearest(ahead, self.wanted.get(self.newsletter))
        return seen, table, self.hands.shelf(key) if key else None

    async def _watch(self) -> None:
        """Has a colleague, the site or the sender changed something?"""
        if self.busy or self._reading:
            return
        try:
            mark = await self.in_thread(self.looking, self._mark.read)
        except NewsletterError as error:
            self.tell(str(error), "bad")
            return
        if mark != self._seen:
            self.reload()

    # -- drawing ------------------------------------------------------------------------

    def draw(self) -> None:
        """All panes, from what was read last."""
        self.draw_queue()
        self.draw_issue()
        self.draw_head()
        self.look_at(self.chosen)

    def facts(self) -> Facts:
        shelf = self.shelf
        return Facts(
            now=self.hands.clock(),
            newsletter=self.newsletter,
            places=shelf.order if shelf else {},
            late=late(self.table.entries, shelf.closes if shelf else None),
            twins=self.twins,
            shares=self.table.shares,
            saving=self.saving,
            editor=self.hands.actor.name,
        )

    def draw_queue(self, chosen: str | None = None) -> None:
        """The queue, narrowed as wanted; the cursor stays with its item."""
        facts = self.facts()
        entries = queue_lines.narrowed(self.table.entries, facts, self.view, self.words)
        self.entries = entries
        each = 2 if self.size.height >= _TWO_LINES else 1

        def drawn(row: int, width: int) -> list[list[Span]]:
            lines = [queue_lines.line(entries[row], facts, width)]
            return lines + [queue_lines.second_line(entries[row], facts, width)] * (each - 1)

        references = [entry.submission.reference for entry in entries]
        self.queue.show(references, drawn, each, chosen)
        title = queue_lines.title(self.table.entries, len(entries), self.view, self.words)
        self._put("queue-title", Text(title, no_wrap=True, overflow="ellipsis"))

    def draw_issue(self) -> None:
        """The issue with its sections, and what is wrong with it."""
        rows = issue_lines.rows(self.shelf)
        findings = self.shelf.findings if self.shelf else ()
        marked = self.marked

        def drawn(row: int, width: int) -> list[list[Span]]:
            return [issue_lines.line(rows[row], findings, marked, width)]

        self.board.show([row.item.reference if row.item else None for row in rows], drawn)
        title = issue_lines.title(self.shelf, self.newsletter, self.hands.settings.zone)
        self._put("issue-title", Text(title, no_wrap=True, overflow="ellipsis"))
        told = issue_lines.below(self.shelf, self.hands.settings.zone)
        self._put("findings", as_text(told), layout=True)

    def draw_head(self) -> None:
        """Who works at what, and which keys matter now."""
        name = self.hands.settings.newsletter(self.newsletter).name
        head = f" {self.hands.actor.name} · {name}"
        if self.shelf:  # above the issue as well, but there is seldom room for all of it
            title = issue_lines.title(self.shelf, self.newsletter, self.hands.settings.zone)
            head += f" · {title}"
        self._put("head", Text(head, "bold", no_wrap=True, overflow="ellipsis"))
        now = keys.now(self.where, self.entry(self.chosen), self.shelf, self.newsletter)
        self._put("keys", as_text([keys.line(now, self.size.width)]))

    def tell(self, sentence: str, role: str = "dim") -> None:
        """The line above the keys."""
        said = " ".join(sentence.split())
        before = self._written.get("said", Text())
        longer = max(len(said), len(before)) >= self.size.width
        self._put("said", as_text([[Span(said, role)]]), layout=longer)

    # -- looking at one item ------------------------------------------------------------

    def on_lines_moved(self, moved: Lines.Moved) -> None:
        if moved.key == self.chosen:
            self.look_at(moved.key)
            self.draw_head()

    def look_at(self, reference: str | None) -> Worker[None]:
        """Show an item as soon as it is read; the one before is let go."""
        return self._start(partial(self._look_at, reference), "item")

    async def _look_at(self, reference: str | None) -> None:
        if reference is None:
            self.sheet = None
            self._put("item", Text(), layout=True)
            return
        await asyncio.sleep(_REST)
        try:
            sheet = await self.in_thread(self.looking, self.hands.sheet, reference)
        except NewsletterError as error:
            self._put("item", Text(str(error)), layout=True)
            return
        fresh = self.sheet is None or self.sheet.reference != sheet.reference
        self.sheet = sheet
        settings = self.hands.settings
        text = as_text(letter.whole(sheet, settings.language, settings.zone))
        self._put("item", text, layout=True)
        if fresh:
            self.screen_stack[0].query_one("#middle").scroll_to(y=0, animate=False)
        if sheet.alike.twins:
            self.twins[reference] = sheet.alike.twins[0].reference

    def action_roll(self, by: int) -> None:
        """The item's text, a page on or back."""
        pane = self.screen_stack[0].query_one("#middle")
        pane.scroll_relative(y=by * max(pane.size.height - 2, 1), animate=False)

    def action_open(self) -> None:
        """Where only one pane has room: the item itself."""
        self.screen_stack[0].toggle_class("on-item")

    def action_other_pane(self) -> None:
        screen = self.screen_stack[0]
        screen.remove_class("on-item")
        screen.toggle_class("on-issue")
        (self.board if self.where == keys.ISSUE else self.queue).focus()
        self.call_after_refresh(self.draw)
