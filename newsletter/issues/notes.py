"""What a note says is right: of a correction, and at an item in the archive."""

from newsletter import texts
from newsletter.errors import Refused
from newsletter.language import N_

LONGEST = 500  # characters


class NoNote(Refused):
    sentence = N_(
        "Bitte sagen, was falsch war und was richtig ist; das steht in der Mail und im Archiv:"
        ' newsletter issue correct {issue} --note "Die Tagung ist am 16. März, nicht am 15."'
    )


class NoteTooLong(Refused):
    sentence = N_("Der Hinweis hat {length} Zeichen; höchstens {most} gehen.")


def noted(issue_id: str, note: str) -> str:
    """A note as it is kept: on one line. NoNote, NoteTooLong."""
    said = texts.line(note)
    if not said:
        raise NoNote(issue=issue_id)
    if len(said) > LONGEST:
        raise NoteTooLong(length=len(said), most=LONGEST)
    return said
