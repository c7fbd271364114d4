"""Asking the person at the terminal, where there is one."""

import sys

from newsletter.language import _


def at_a_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def yes(question: str, *, default: bool) -> bool:
    """Ask until the answer is ja or nein; Enter is the default, and no answer at all is no."""
    choice = _("[J/n]") if default else _("[j/N]")
    while True:
        try:
            answer = input(f"{question} {choice} ").strip().casefold()
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
        return input(f"{question}: ").strip()
    except EOFError:
        return ""
