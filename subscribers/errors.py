"""What can go wrong with readers, as one tree.

    SubscriberError
    ├── NotAnAddress     cannot be delivered to; says why
    └── BadToken         not signed by us, or for another purpose

Each is a sentence for the person who asked; this package knows no exit codes and no HTTP.
"""


class SubscriberError(Exception):
    """The root."""


class NotAnAddress(SubscriberError):
    """The text is no address that we can deliver to."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class BadToken(SubscriberError):
    """The token was not signed with one of our keys, or was made for something else."""

    def __init__(self) -> None:
        super().__init__("Dieser Link ist nicht gültig.")
