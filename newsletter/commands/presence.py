"""Saying who has a document open, and that one's own is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from newsletter.commands.asking import at_a_terminal
from newsletter.commands.context import invocation, say
from newsletter.errors import NewsletterError
from newsletter.language import _
from newsletter.models.colleague import Typing


@contextmanager
def typing(noun: str, key: object, file: str | None) -> Iterator[Sequence[Typing]]:
    """While an editor is open others are told so, and the person who else has it open.

    Nothing of it when a file is read instead.
    """
    from newsletter import queue

    if file or not at_a_terminal():
        yield ()
        return
    with invocation.act() as act:
        others = list(queue.begin_typing(act, noun, key))
    for line in _warning(others):
        say(line)
    try:
        yield others
    finally:
        with suppress(NewsletterError), invocation.act() as act:  # it ends by itself, too
            queue.end_typing(act, noun, key)


def told(document: str, others: Sequence[Typing]) -> str:
    """A document that says on top who else has it open."""
    first, newline, rest = document.partition("\n")
    said = "".join(f"# {line}\n" for line in _warning(others))
    return f"{first}{newline}{said}{rest}"


def _warning(others: Sequence[Typing]) -> Iterator[str]:
    yield from lines(others)
    if others:
        yield _("Sie können trotzdem schreiben: Beim Speichern wird beides zusammengeführt.")


def lines(others: Sequence[Typing]) -> Iterator[str]:
    """„Wird gerade von freigabe bearbeitet (seit 10:12).“"""
    for each in others:
        said = _("Wird gerade von {who} bearbeitet (seit {since:%H:%M}).")
        yield said.format(who=each.editor, since=_here(each.since))


def facts(others: Sequence[Typing]) -> list[dict[str, str]]:
    """The same as JSON."""
    return [{"by": each.editor, "since": each.since.isoformat()} for each in others]


def _here(moment: datetime) -> datetime:
    return moment.astimezone(invocation.settings.zone)
