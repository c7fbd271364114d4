"""Saying what falls with a change before it is made, and asking where somebody can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

from newsletter.commands.asking import at_a_terminal, yes
from newsletter.commands.context import invocation, say
from newsletter.language import _

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from newsletter.history import Act
    from newsletter.models.issue import Issue, IssueState


class _Stopping(Protocol):
    """What came of an act on items: which issues it stopped, and how they stand now."""

    @property
    def stopped(self) -> Sequence[tuple[str, IssueState]]: ...


T = TypeVar("T", bound=_Stopping)


class _Falls(Exception):
    """Approvals that would fall, unconfirmed."""

    def __init__(self, lost: Mapping[str, str]) -> None:
        super().__init__()
        self.lost = lost


def of_issue(key: str) -> Issue:
    """The issue as it stands, after asking about what a change of it would undo."""
    from newsletter import issues

    with invocation.look() as session:
        issue = issues.find(session, key)
        lost = issues.at_stake(session, invocation.settings, issue)
    ask_first([lost] if lost else [])
    return issue


def act(references: Sequence[str], verb: Callable[[Act], T]) -> T:
    """Do something to items as one act; before issues lose their approval by it, ask.

    What was not confirmed leaves no trace: the act is undone whole, the question asked, and
    then it is done again.
    """
    told: set[str] = set()
    while True:
        try:
            return _acted(references, verb, told)
        except _Falls as falls:
            told |= falls.lost.keys()
            ask_first(falls.lost.values())


def _acted(references: Sequence[str], verb: Callable[[Act], T], told: Collection[str]) -> T:
    from newsletter import issues

    with invocation.act() as act:
        lost = {}
        if at_a_terminal():
            lost = issues.at_stake_with(act.session, act.settings, references)
        done = verb(act)
        falls = {it: lost[it] for it, __ in done.stopped if it in lost and it not in told}
        if falls:
            raise _Falls(falls)
    return done


def ask_first(lost: Iterable[str]) -> None:
    """Say what falls; a person at the terminal may still leave it. Without one the verb acts."""
    told = list(lost)
    for sentence in told:
        say(_("Achtung: {warning}").format(warning=sentence))
    if told and at_a_terminal() and not yes(_("Trotzdem?"), default=False):
        say(_("Nichts geändert."))
        raise typer.Exit(1)
