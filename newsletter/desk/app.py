"""The desk at the terminal: what each key does, and what has to be asked before."""

from collections.abc import Callable

from newsletter import issues
from newsletter.content import Level
from newsletter.issues import Proposal
from newsletter.language import _
from newsletter.models.issue import Issue, IssueState
from newsletter.rhythm import in_words

from . import keys
from .dialogs import YES, Choose, Line, Read, Write, sure
from .drawn import Drawn, Span
from .hands import filled
from .issue_lines import LEVELS
from .item_keys import ItemKeys


class EditorsDesk(ItemKeys):
    """The whole desk: its panes, and an action for each key."""

    # -- the issue ----------------------------------------------------------------------

    def _change(self, about: str | None, verb: Callable[[Issue], str]) -> None:
        """Change the issue that is shown; asks first if an approval would fall."""
        if (issue := self._issue()) is None:
            return

        def then(answer: str) -> None:
            if answer == YES:
                self.act(about, lambda: verb(issue))

        if warning := self.hands.at_stake(issue):
            self._asked(sure(f"{warning} " + _("Trotzdem ändern?")), then)
        else:
            then(YES)

    def action_place(self) -> None:
        if reference := self._item():
            self._change(reference, lambda issue: self.hands.place(issue, reference))
            if self.where == keys.QUEUE:
                self.queue.action_step(1)

    def action_remove(self) -> None:
        if reference := self._item():
            self._change(reference, lambda issue: self.hands.remove(issue, reference))

    def action_move(self) -> None:
        if (reference := self._item()) is None or self.shelf is None:
            return
        choices = [
            (str(n), title, key) for n, (key, title, __) in enumerate(self.shelf.sections, 1)
        ]

        def then(section: str) -> None:
            self._change(
                reference, lambda issue: self.hands.move(issue, reference, section=section)
            )

        self._asked(Choose(_("In welche Rubrik?"), choices), then)

    def action_lower(self) -> None:
        self._shift(1)

    def action_higher(self) -> None:
        self._shift(-1)

    def _shift(self, by: int) -> None:
        if (reference := self._item()) is None or self.shelf is None:
            return
        if reference not in self.shelf.order:
            self.tell(_("{item} steht nicht in dieser Ausgabe.").format(item=reference), "warn")
            return
        self._change(reference, lambda issue: self.hands.shift(issue, reference, by))

    def action_swap(self) -> None:
        """The first press marks an item, the second exchanges it with another."""
        if (reference := self._item()) is None:
            return
        marked, self.marked = self.marked, None
        if marked is None:
            self.marked = reference
            said = _("{item} ist gemerkt; s auf einem anderen Beitrag tauscht die beiden.")
            self.tell(said.format(item=reference))
        elif marked != reference:
            self._change(reference, lambda issue: self.hands.swap(issue, marked, reference))
        self.draw_issue()

    def action_begin(self) -> None:
        slug = self.newsletter
        self.wanted.pop(slug, None)
        self.act(None, lambda: self.hands.begin(slug))

    def action_fill(self) -> None:
        def fill(issue: Issue) -> str:
            proposal = self.hands.fill(issue)
            self.call_from_thread(self._tell_filled, proposal)
            return filled(proposal)

        self._change(None, fill)

    def _tell_filled(self, proposal: Proposal) -> None:
        if proposal.left_out:
            told: list[Drawn] = [
                [
                    Span(f"{left.reference} ", "bold"),
                    Span(f"{left.title}: ", "bold"),
                    Span(left.why),
                ]
                for left in proposal.left_out
            ]
            self.push_screen(Read(_("Draußen geblieben"), told))

    def action_letter(self) -> None:
        if (shelf := self.shelf) is not None:
            told = [[Span(line)] for line in shelf.text.split("\n")]
            self.push_screen(Read(shelf.issue.subject, told))

    # -- what leaves the house ----------------------------------------------------------

    def action_request(self) -> None:
        if (issue := self._issue()) is None or self.shelf is None:
            return
        grave = [f for f in self.shelf.findings if f.level is not Level.HINT]
        if any(f.level is Level.ERROR for f in grave):
            told: list[Drawn] = [
                [Span(f"{_(LEVELS[f.level][0])}: ", LEVELS[f.level][1]), Span(f.text)]
                for f in grave
            ]
            self.push_screen(Read(_("Zuerst die Fehler beheben"), told))
        elif grave:
            head = _("{id} hat Warnungen. Warum sind sie in Ordnung?").format(id=issue.id)
            about = "\n".join(f"{f.where}: {f.text}" for f in grave)
            keep = self.kept
            dialog = Write(
                head,
                about,
                keep.read("request", issue.id),
                lambda text: keep.write("request", issue.id, text),
            )
            self._asked(dialog, lambda reason: self._whom(issue, reason))
        else:
            self._whom(issue, None)

    def _whom(self, issue: Issue, reason: str | None) -> None:
        """Whom to ask: a second editor, or somebody outside by letter."""
        names = [each.name for each in self.hands.settings.approvers]
        second = issues.second_person(self.hands.settings, self.hands.actor.name)
        choices = [("1", _("{name}, am Tisch oder mit Befehl").format(name=second), "")]
        choices += [
            (str(n), _("{name}, per E-Mail mit Link").format(name=name), name)
            for n, name in enumerate(names, 2)
        ]

        def then(to: str) -> None:
            self.act(None, lambda: self._requested(issue, reason, to or None))

        head = _("Freigabe von {id} anfragen bei").format(id=issue.id)
        self._asked(Choose(head, choices), then)

    def _requested(self, issue: Issue, reason: str | None, to: str | None) -> str:
        said = self.hands.request(issue.id, reason, to)
        self.kept.forget("request", issue.id)
        return said

    def action_approve(self) -> None:
        if (issue := self._issue()) is None:
            return
        if issue.state is IssueState.DRAFT:
            said = _("{id} ist ein Entwurf; R fragt die Freigabe an.")
            self.tell(said.format(id=issue.id), "warn")
            return
        question = _("{id} genau so freigeben? Gelesen mit der Taste l; Prüfsumme {hash}")
        question = question.format(id=issue.id, hash=(issue.content_hash or "–")[:12])

        def then(answer: str) -> None:
            if answer == YES:
                self.act(None, lambda: self.hands.approve(issue))

        self._asked(sure(question), then)

    def action_schedule(self) -> None:
        if (issue := self._issue()) is None or self.shelf is None:
            return
        head = _("{id} planen: now, eine Zeit wie 2026-12-15T10:00, oder leer: {when}")
        leaves = self.shelf.leaves
        when = in_words(leaves, self.hands.settings.zone) if leaves else _("gibt es keine")
        self._asked(
            Line(head.format(id=issue.id, when=when)),
            lambda typed: self.act(None, lambda: self.hands.schedule(issue.id, typed)),
        )

    # -- the desk itself ----------------------------------------------------------------

    def action_newsletter(self) -> None:
        slugs = list(self.hands.settings.newsletters)
        self.newsletter = slugs[(slugs.index(self.newsletter) + 1) % len(slugs)]
        self.marked = None
        self.reload()

    def action_other_issue(self) -> None:
        ids = [issue.id for issue in self.table.issues_of(self.newsletter)]
        if self.shelf and ids:
            at = (ids.index(self.shelf.issue.id) + 1) % len(ids) if len(ids) > 1 else 0
            self.wanted[self.newsletter] = ids[at]
            self.reload()

    def action_help(self) -> None:
        self.push_screen(Read(_("Die Tasten des Tisches"), keys.explained()))

    async def action_quit(self) -> None:
        self.action_leave()

    def action_leave(self) -> None:
        """Go when everything is saved; what is typed and not sent stays in the home."""
        if self.busy:
            self.tell(_("Es wird noch gespeichert; gleich noch einmal q."), "warn")
            return
        names = ", ".join(self.kept.subjects())
        if not names:
            self.exit()
            return
        question = _("Nicht abgeschickt, aber aufgehoben: Texte zu {names}. Trotzdem gehen?")
        self._asked(
            sure(question.format(names=names)),
            lambda answer: self.exit() if answer == YES else None,
        )
