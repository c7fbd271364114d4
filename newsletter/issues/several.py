"""Several issues behind one link: each decided by itself, or all approved at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_
from newsletter.settings import Settings

from .asking import TOKEN_BYTES, Answer, part_of
from .by_link import Asked, Standing, UnknownLink, asked, decide

_LENGTH = (TOKEN_BYTES * 8 + 5) // 6  # characters of a token


class NotAllOpen(Refused):
    sentence = N_(
        "Eine der Ausgaben ist inzwischen anders oder schon beantwortet, deshalb wurde keine"
        " freigegeben. Bitte entscheiden Sie über jede für sich."
    )


@dataclass(frozen=True, slots=True)
class Sibling:
    """One of the issues behind a link, and its own address."""

    token: str
    it: Asked


def siblings(session: Session, settings: Settings, token: str, now: datetime) -> list[Sibling]:
    """The issues that somebody was asked about with this one; none if it was the only one."""
    found: list[Sibling] = []
    while True:
        each = part_of(token[:_LENGTH], len(found))
        try:
            found.append(Sibling(each, asked(session, settings, each, now)))
        except UnknownLink:
            return found if len(found) > 1 else []


def hashes(them: Sequence[Sibling]) -> str:
    """By which a page says which editions it offered: those that are still to be decided."""
    return ",".join(each.it.approval.content_hash for each in _open(them))


def decide_all(
    act: Act, token: str, name: str, comment: str, *, seen: str, file_reference: str = ""
) -> list[Asked]:
    """Approve every issue behind a link that is still open, as it was ``seen``; all or none.

    NotAllOpen if one of them cannot be approved any more; otherwise as ``by_link.decide``.
    """
    them = siblings(act.session, act.settings, token, act.now)
    if not may_approve_all(them) or hashes(them) != seen:
        raise NotAllOpen
    return [
        decide(
            *(act, each.token, Answer.APPROVE, name, comment),
            seen=each.it.approval.content_hash,
            file_reference=file_reference,
        )
        for each in _open(them)
    ]


def may_approve_all(them: Sequence[Sibling]) -> bool:
    """Whether more than one is to be decided, and none is lost."""
    fine = {Standing.OPEN, Standing.APPROVED}
    return len(_open(them)) > 1 and all(each.it.standing in fine for each in them)


def _open(them: Sequence[Sibling]) -> list[Sibling]:
    return [each for each in them if each.it.standing is Standing.OPEN]
