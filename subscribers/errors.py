"""What can go wrong with readers, as one tree.

    SubscriberError
    ├── NotAnAddress     cannot be delivered to; says why
    └── BadToken         not signed by us, or for another purpose

Each is a sentence for the person who asked; this package knows no exit codes and no HTTP.
"""

from typing import Any


def N_(message: str) -> str:  # noqa: N802  (gettext's own name)
    """Mark a sentence for whoever translates it: ``sentence`` and ``facts`` are its way out."""
    return message


class SubscriberError(Exception):
    """The root: a German sentence, and what fills its ``{names}``."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        self.sentence = sentence
        self.facts = facts
        super().__init__(sentence.format(**facts))


class NotAnAddress(SubscriberError):
    """The text is no address that we can deliver to."""


class BadToken(SubscriberError):
    """The token was not signed with one of our keys, or was made for something else."""

    def __init__(self) -> None:
        super().__init__(N_("Dieser Link ist nicht gültig."))
