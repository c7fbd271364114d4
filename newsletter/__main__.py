"""The program: a command, or an answer to the tab key, which must not wait for all the rest."""

import os
from typing import Any

from newsletter.completing.answer import ASKED
from newsletter.completing.answer import main as answer


def main() -> None:
    """Run the program."""
    if os.environ.get(ASKED):
        answer(_tree)
        return
    from cli import main as command

    command()


def _tree(language: str) -> dict[str, Any]:
    """The command tree as completion keeps it."""
    from cli import app
    from newsletter.commands.completion import written_down

    return written_down(app, language)


if __name__ == "__main__":
    main()
