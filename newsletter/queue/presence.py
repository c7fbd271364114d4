"""Who has a document open right now: told to others, holding up nobody, over by itself.

Whoever saves second is joined with who saved first (``meeting``); this only spares the work.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import Session, col

from newsletter.history import Act
from newsletter.models.colleague import Typing

BELIEVED = timedelta(hours=2)  # a connection may break, and nobody says that it is over


def begin_typing(act: Act, noun: str, key: object) -> Sequence[Typing]:
    """Say that the acting editor has a document open; who else has it, the earliest first."""
    others = typing_on(act.session, noun, key, act.now, but=act.actor.name)
    end_typing(act, noun, key)
    at = {"since": act.now, "until": act.now + BELIEVED}
    act.session.add(Typing(noun=noun, key=str(key), editor=act.actor.name, **at))
    act.session.flush()
    return others


def end_typing(act: Act, noun: str, key: object) -> None:
    """Say that it is closed; what nobody believes any longer goes with it."""
    mine = (
        (col(Typing.noun) == noun)
        & (col(Typing.key) == str(key))
        & (col(Typing.editor) == act.actor.name)
    )
    act.session.execute(delete(Typing).where(mine | (col(Typing.until) <= act.now)))


def typing_on(
    session: Session, noun: str, key: object, now: datetime, but: str = ""
) -> Sequence[Typing]:
    """Who has this open, the earliest first; ``but`` one of them."""
    open_ = select(Typing).where(
        col(Typing.noun) == noun,
        col(Typing.key) == str(key),
        col(Typing.editor) != but,
        col(Typing.until) > now,
    )
    return session.scalars(open_.order_by(col(Typing.since), col(Typing.editor))).all()
