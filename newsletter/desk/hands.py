"""The verbs of the desk, each one act of the editor's; they say what was done in a sentence."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session

from newsletter import database, issues, queue, submissions, undoing
from newsletter.history import Act, Actor, Clock, acting
from newsletter.history import now as clock_of_the_world
from newsletter.issues import Proposal
from newsletter.language import _, n_
from newsletter.models.issue import Issue, Placement
from newsletter.queue import CLEARANCE_WORDS, Decision, Shows
from newsletter.rhythm import in_words
from newsletter.settings import Settings

from . import looking
from .looking import Sheet, Shelf, Table

T = TypeVar("T")


@dataclass
class Hands:
    """Somebody at the desk: reads, and acts in their name. To be called from any thread."""

    engine: Engine
    settings: Settings
    actor: Actor
    clock: Clock = field(default=clock_of_the_world)

    @contextmanager
    def _act(self) -> Iterator[Act]:
        with acting(self.engine, self.settings, self.actor, clock=self.clock) as act:
            yield act

    def _look(self, read: Callable[[Session], T]) -> T:
        with database.reading(self.engine) as session:
            return read(session)

    # -- looking ------------------------------------------------------------------------

    def table(self) -> Table:
        return self._look(lambda it: looking.table(it, self.settings, self.clock()))

    def shelf(self, key: str) -> Shelf:
        return self._look(lambda it: looking.shelf(it, self.settings, key, self.clock()))

    def sheet(self, reference: str) -> Sheet:
        return self._look(lambda it: looking.sheet(it, self.settings, reference, self.clock()))

    def twin(self, reference: str) -> str | None:
        return self._look(lambda it: looking.twin(it, self.settings, reference))

    # -- the queue ----------------------------------------------------------------------

    def accept(self, reference: str, newsletters: Sequence[str] | None = None) -> str:
        with self._act() as act:
            return decided(queue.accept(act, [reference], newsletters))

    def decline(self, reference: str, reason: str) -> str:
        with self._act() as act:
            return decided(queue.decline(act, [reference], None, reason))

    def defer(self, reference: str) -> str:
        with self._act() as act:
            return decided(queue.defer(act, [reference]))

    def ask(self, reference: str, question: str) -> str:
        with self._act() as act:
            asked = queue.ask(act, reference, question)
        said = _("{reference}: Die Frage geht an {address}.")
        return said.format(reference=asked.reference, address=asked.to)

    def picture(self, reference: str) -> Shows:
        return self._look(lambda s: queue.picture_of(s, self.settings, reference))

    def crop(self, shown: Shows, text: str, keep: str) -> str:
        prepared = queue.cut_out(shown, queue.crop_of(text, keep))
        with self._act() as act:
            done = queue.crop(act, shown, prepared)
        said = _("{reference} hat das Bild, als Fassung {revision}.")
        return said.format(reference=done.reference, revision=done.revision)

    def comment(self, reference: str, text: str) -> str:
        with self._act() as act:
            said = queue.comment(act, reference, text)
        return _("Kommentar zu {reference}").format(reference=said.key)

    def assign(self, reference: str, to: str | None) -> str:
        with self._act() as act:
            queue.assign(act, [reference], to)
        if to is None:
            return _("{reference} hat jetzt niemand.").format(reference=reference)
        return _("{reference} hat jetzt {editor}.").format(reference=reference, editor=to)

    def merge(self, kept: str, gone: str) -> str:
        with self._act() as act:
            done = queue.merge(act, kept, [gone])
        said = _("{others} in {reference} zusammengeführt: {title}")
        others = ", ".join(done.merged)
        return said.format(others=others, reference=done.reference, title=done.title)

    def lost_by_undo(self) -> str:
        """Which approval would fall with what is undone; empty if none."""
        return " ".join(
            self._look(lambda it: undoing.foreseen(it, self.settings, self.actor, None)).at_stake
        )

    def undo(self) -> str:
        with self._act() as act:
            undone = undoing.undo(act)
        return " ".join(each.said for each in undone)

    def at_stake(self, issue: Issue) -> str | None:
        return self._look(lambda it: issues.at_stake(it, self.settings, issue))

    # -- the issue ----------------------------------------------------------------------

    def begin(self, newsletter: str) -> str:
        with self._act() as act:
            issue = issues.new(act, newsletter)
        return _("{id} ist angelegt: „{subject}“").format(id=issue.id, subject=issue.subject)

    def fill(self, seen: Issue) -> Proposal:
        return self._change(seen, lambda act: issues.fill(act, seen.id))

    def place(self, seen: Issue, reference: str) -> str:
        added = self._change(seen, lambda act: issues.add(act, seen.id, [reference]))[0]
        said = _("{reference} steht in Fassung {revision} unter {section}.")
        return said.format(
            reference=added.reference, revision=added.revision, section=added.section
        )

    def remove(self, seen: Issue, reference: str) -> str:
        self._change(seen, lambda act: issues.remove(act, seen.id, [reference]))
        return _("Herausgenommen: {references}").format(references=reference)

    def move(self, seen: Issue, reference: str, **where: Any) -> str:
        self._change(seen, lambda act: issues.move(act, seen.id, reference, **where))
        return _("{reference} steht jetzt an der neuen Stelle.").format(reference=reference)

    def shift(self, seen: Issue, reference: str, by: int) -> str:
        """So many places on in its section, from where it stands by now."""

        def shifted(act: Act) -> None:
            number = submissions.by_reference(act.session, reference).id
            place = act.session.get(Placement, (seen.id, number))
            to = max(place.position + by, 1) if place else 1
            issues.move(act, seen.id, reference, to=to)

        self._change(seen, shifted)
        return _("{reference} steht jetzt an der neuen Stelle.").format(reference=reference)

    def swap(self, seen: Issue, one: str, other: str) -> str:
        self._change(seen, lambda act: issues.swap(act, seen.id, one, other))
        return _("{one} und {other} sind getauscht.").format(one=one, other=other)

    def _change(self, seen: Issue, change: Callable[[Act], T]) -> T:
        with self._act() as act:
            issues.require_as_seen(act, seen)
            return change(act)

    def request(self, key: str, reason: str | None, to: str | None = None) -> str:
        with self._act() as act:
            asked = issues.request(act, key, reason, to)
            second = issues.second_person(act.settings, act.actor.name)
        if asked.approval.asked and asked.approval.until:
            said = _("{name} erhält eine E-Mail mit einem Link; Frist: {deadline}")
            deadline = in_words(asked.approval.until, self.settings.zone)
            return said.format(name=asked.approval.asked, deadline=deadline)
        said = _("{id}: Die Freigabe ist angefragt; freigeben kann {second}.")
        return said.format(id=asked.issue.id, second=second)

    def approve(self, seen: Issue) -> str:
        with self._act() as act:
            issue = issues.approve(act, seen.id, seen=seen.content_hash)
        said = _("{id} ist freigegeben: Prüfsumme {hash}")
        return said.format(id=issue.id, hash=issue.content_hash)

    def schedule(self, key: str, when: str = "") -> str:
        with self._act() as act:
            moment = issues.moment_of(when, act.settings, act.now) if when.strip() else None
            issue = issues.schedule(act, key, moment)
        said = _("{id} ist geplant: {when}")
        at = in_words(issue.send_at, self.settings.zone) if issue.send_at else ""
        return said.format(id=issue.id, when=at)


def decided(decisions: Sequence[Decision]) -> str:
    """What was decided, in one sentence: „q12 angenommen für go-cluster, clusterplattform“."""
    first = decisions[0]
    waits = {each.wait.until for each in decisions if each.wait}
    said = _("{reference} {state} für {newsletters}: {title}")
    if waits:
        said = _("{reference} {state} für {newsletters} bis {until}: {title}")
    return said.format(
        reference=first.reference,
        state=_(CLEARANCE_WORDS[first.state]),
        newsletters=", ".join(each.newsletter for each in decisions),
        until=", ".join(sorted(waits)),
        title=first.title,
    )


def filled(proposal: Proposal) -> str:
    """How many found a place, and how many did not."""
    if not proposal.placed and not proposal.left_out:
        return _("Angenommen und noch ohne Platz ist nichts.")
    placed = n_("{n} Beitrag aufgenommen", "{n} Beiträge aufgenommen", len(proposal.placed))
    left = n_("{n} bleibt draußen", "{n} bleiben draußen", len(proposal.left_out))
    return "; ".join((placed.format(n=len(proposal.placed)), left.format(n=len(proposal.left_out))))
