"""The keys about items: what is decided about them, said about them, and written in them."""

from collections.abc import Callable, Sequence

from textual.app import SuspendNotSupported
from textual.screen import ModalScreen

from newsletter.errors import NewsletterError
from newsletter.language import _
from newsletter.models.issue import Issue
from newsletter.queue import Shows
from newsletter.settings import TextModule

from . import crops, queue_lines
from .dialogs import YES, Choose, Line, Write, sure
from .panes import Panes


class ItemKeys(Panes):
    """The panes, with an action for each key that is about one item."""

    def _asked(self, dialog: ModalScreen[str | None], then: Callable[[str], object]) -> None:
        """Show a dialog; what it answers is acted on, unless it was left."""

        def answered(answer: str | None) -> None:
            if answer is not None:
                then(answer)

        self.push_screen(dialog, answered)

    def _item(self) -> str | None:
        """The item that a key is about; a sentence if there is none."""
        if self.chosen is None:
            self.tell(_("Hier steht kein Beitrag."), "warn")
        return self.chosen

    def _issue(self) -> Issue | None:
        """The issue that is shown; a sentence if there is none."""
        if self.shelf is None:
            self.tell(_("Es ist keine Ausgabe begonnen; b beginnt eine."), "warn")
            return None
        return self.shelf.issue

    def _on(self, reference: str) -> None:
        """Go on to the next item that waits."""
        self.queue.go(queue_lines.following(self.entries, reference))

    # -- the queue ----------------------------------------------------------------------

    def action_accept(self, newsletter: str = "") -> None:
        if reference := self._item():
            only = [newsletter] if newsletter else None
            self.act(reference, lambda: self.hands.accept(reference, only))
            self._on(reference)

    def action_accept_for(self) -> None:
        if self._item():
            slugs = self.hands.settings.newsletters
            choices = [(str(n), it.name, slug) for n, (slug, it) in enumerate(slugs.items(), 1)]
            self._asked(Choose(_("Für welchen Newsletter annehmen?"), choices), self.action_accept)

    def action_defer(self) -> None:
        if reference := self._item():
            self.act(reference, lambda: self.hands.defer(reference))
            self._on(reference)

    def action_decline(self) -> None:
        if reference := self._item():
            head = _("{reference} ablehnen: Grund (geht an die Ansprechperson)")
            modules = self.hands.settings.desk.declines
            self._write("decline", reference, head, modules, self.hands.decline)

    def action_ask(self) -> None:
        if reference := self._item():
            head = _("{reference}: Frage an die Ansprechperson")
            modules = self.hands.settings.desk.questions
            self._write("ask", reference, head, modules, self.hands.ask)

    def action_comment(self) -> None:
        if reference := self._item():
            head = _("{reference}: Kommentar, nur für die Redaktion")
            self._write("comment", reference, head, (), self.hands.comment, stay=True)

    async def action_crop(self) -> None:
        """Which shape, then what of it must stay; each says what size comes out."""
        if (reference := self._item()) is None:
            return
        try:
            shown = await self.in_thread(self.looking, self.hands.picture, reference)
        except NewsletterError as error:
            self.tell(str(error), "bad")
            return
        head = _("{reference}: das Bild ({width} × {height} Pixel) beschneiden")
        width, height = shown.size
        head = head.format(reference=reference, width=width, height=height)
        self._asked(Choose(head, crops.shapes(shown)), lambda shape: self._crop_to(shown, shape))

    def _crop_to(self, shown: Shows, shape: str) -> None:
        if shape == crops.FREE:
            head = _("{reference}: von jedem Rand so viel Prozent abschneiden")
            line = Line(
                head.format(reference=shown.reference),
                "top=0,right=0,bottom=0,left=0",
                lambda typed: crops.outcome(shown, typed),
            )
            self._asked(line, lambda typed: self._crop(shown, typed))
            return
        try:
            places = crops.places(shown, shape)
        except NewsletterError as error:
            self.tell(str(error), "bad")
            return

        def then(place: str) -> None:
            if place == crops.FREE:
                head = _("Die wichtige Stelle, in Prozent von links und von oben: 40,20")
                self._asked(Line(head), lambda typed: self._crop(shown, shape, typed))
            else:
                self._crop(shown, shape, place)

        self._asked(Choose(_("Was muss im Bild bleiben?"), places), then)

    def _crop(self, shown: Shows, text: str, keep: str = "") -> None:
        self.act(shown.reference, lambda: self.hands.crop(shown, text, keep))

    def action_take(self) -> None:
        """Make an item one's own, or give it up."""
        if reference := self._item():
            entry, mine = self.entry(reference), self.hands.actor.name
            to = None if entry and entry.assigned == mine else mine
            self.act(reference, lambda: self.hands.assign(reference, to))

    def _write(
        self,
        what: str,
        reference: str,
        head: str,
        modules: Sequence[TextModule],
        verb: Callable[[str, str], str],
        *,
        stay: bool = False,
    ) -> None:
        entry = self.entry(reference)
        typed = self.kept.read(what, reference)

        def keep(text: str) -> None:
            self.kept.write(what, reference, text)

        def send(text: str) -> str:
            said = verb(reference, text)
            self.kept.forget(what, reference)
            return said

        def then(text: str) -> None:
            self.act(reference, lambda: send(text))
            if not stay:
                self._on(reference)

        title = entry.title if entry else ""
        self._asked(Write(head.format(reference=reference), title, typed, keep, modules), then)

    def action_merge(self) -> None:
        if (reference := self._item()) is None:
            return
        sheet = self.sheet
        pair = sheet.alike.merge if sheet and sheet.reference == reference else None
        if pair is None:
            self.tell(_("Zu {item} ist kein ähnlicher Beitrag bekannt.").format(item=reference))
            return
        kept, gone = pair
        question = _("{gone} in {kept} zusammenführen? Rückgängig machen lässt sich das nicht.")

        def then(answer: str) -> None:
            if answer == YES:
                self.act(reference, lambda: self.hands.merge(kept, gone))

        self._asked(sure(question.format(gone=gone, kept=kept)), then)

    async def action_undo(self) -> None:
        def then(answer: str) -> None:
            if answer == YES:
                self.act(None, self.hands.undo)

        try:
            lost = await self.in_thread(self.acting, self.hands.lost_by_undo)
        except NewsletterError as error:
            self.tell(str(error), "bad")
            return
        if lost:
            self._asked(sure(f"{lost} " + _("Trotzdem?")), then)
        else:
            then(YES)

    def action_view(self) -> None:
        choices = [
            (str(n), _(word), view) for n, (view, word) in enumerate(queue_lines.VIEWS.items(), 1)
        ]

        def then(view: str) -> None:
            self.view = view
            self.draw()

        self._asked(Choose(_("Was soll die Warteschlange zeigen?"), choices), then)

    def action_search(self) -> None:
        def narrow(words: str) -> None:
            self.words = words
            self.draw_queue()

        def found(words: str | None) -> None:
            narrow(words or "")
            self.draw()

        dialog = Line(_("Suchen in Kürzel, Titel und Cluster"), self.words, narrow)
        self.push_screen(dialog, found)

    # -- editing ------------------------------------------------------------------------

    def action_edit(self) -> None:
        if reference := self._item():
            self._with_editor(["queue", "edit", reference])

    def action_edit_issue(self) -> None:
        if issue := self._issue():
            self._with_editor(["issue", "edit", issue.id])

    def _with_editor(self, words: list[str]) -> None:
        """Leave the screen to a command that opens an editor."""
        try:
            with self.suspend():
                self.edit(words)
        except SuspendNotSupported:
            said = _("Hier lässt sich kein Editor öffnen: newsletter {command}")
            self.tell(said.format(command=" ".join(words)), "bad")
        self.refresh(layout=True)
        self.tell(_("zurück am Tisch"))
        self.reload()
