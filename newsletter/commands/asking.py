"""Asking the person at the terminal, where there is one."""

import sys

import typer

from newsletter.language import _


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def yes(question: str, *, default: bool) -> bool:
    """Ask until the answer is ja or nein; Enter is the default, and no answer at all is no."""
    choice = _("[J/n]") if default else _("[j/N]")
    while True:
        try:
            answer = _answer(f"{question} {choice} ").casefold()
        except EOFError:
            return False
        if not answer:
            return default
        if answer in {"j", "ja", "y", "yes", "n", "nein", "no"}:
            return answer[0] in "jy"
        print(_("Bitte j oder n."))


def text(question: str) -> str:
    """A line of text; empty if there is no answer."""
    try:
        return _answer(f"{question}: ")
    except EOFError:
        return ""


def _answer(prompt: str) -> str:
    """What somebody types; Ctrl-C breaks the command off, before anything was done."""
    try:
        return input(prompt).strip()
    except KeyboardInterrupt:
        print()
        raise typer.Abort from None
