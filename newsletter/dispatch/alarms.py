"""A relay's trouble: written down, counted in a row, and when it lasts, issues are held and
somebody is told (BO-06).

The history holds the count, so that a restart forgets nothing: each trouble is a line, and so
is the moment at which the relay takes messages again.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from newsletter import editors, invalidation
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import Issue, IssueState

from . import ledger
from .pace import TROUBLES_IN_A_ROW
from .trouble import Trouble

_NOUN, _TROUBLE, _WELL, _TOLD = "sender", "trouble", "well", "alarmed"
_LASTS = N_(
    "{trouble} So ging es {times}-mal hintereinander; deshalb ist der Versand angehalten, bis"
    " jemand nachgesehen hat."
)
_AT_ONCE = N_("{trouble} Das gibt sich nicht von selbst; deshalb ist der Versand angehalten.")


def in_a_row(session: Session, relay: str, since: datetime | None = None) -> int:
    """How many troubles a relay has made since it last took a message (or since then, if later)."""
    after = col(Event.id) > _last(session, relay, _WELL)
    troubles = select(func.count()).select_from(Event).where(*_lines(relay, _TROUBLE), after)
    if since is not None:
        troubles = troubles.where(col(Event.at) >= since)
    return session.scalar(troubles) or 0


@dataclass(frozen=True, slots=True)
class Away:
    """A relay that has taken nothing since it made trouble."""

    relay: str
    since: datetime  # the last trouble's moment
    why: str
    again: datetime | None  # when it is asked again, as far as that was written down


_TRIED_AGAIN_WITHIN = timedelta(hours=2)  # at the latest, as long as anything waits for it


def away(
    session: Session, now: datetime, known: Collection[str], without: Collection[str] = ()
) -> list[Away]:
    """Relays that are away, except some. By what the sender wrote down, not by the settings:
    the relay it was given in its environment need not stand in those of whoever looks. One
    that is not ``known`` there may be gone, so it counts only till something goes out.
    """
    lately = select(col(Event.key)).where(
        col(Event.noun) == _NOUN,
        col(Event.what) == _TROUBLE,
        col(Event.at) > now - _TRIED_AGAIN_WITHIN,
        col(Event.key).not_in(without),
    )
    relays = session.scalars(lately.distinct().order_by(col(Event.key))).all()
    found = [it for relay in relays if (it := _away(session, relay)) is not None]
    return [it for it in found if it.relay in known or not ledger.accepted_since(session, it.since)]


def _away(session: Session, relay: str) -> Away | None:
    last = session.get(Event, _last(session, relay, _TROUBLE))
    if last is None or (last.id or 0) < _last(session, relay, _WELL):
        return None
    again = (last.detail or {}).get("again")
    return Away(relay, last.at, last.why or "", datetime.fromisoformat(again) if again else None)


def well(act: Act, relay: str) -> None:
    """A relay that was away takes messages again."""
    act.record(_NOUN, relay, _WELL)


def complain(
    act: Act,
    trouble: Trouble,
    newsletters: Collection[str] | None = None,
    wait: timedelta | None = None,
) -> list[Issue]:
    """Write a trouble down; hold issues and tell the editors when it is time to.

    ``newsletters``: those that no other relay takes just now (None: all). ``wait``: how long
    the relay is left alone. Returns the issues
    that were held. Nobody is told twice of one trouble, however long it lasts; but whoever
    lets an issue go on in vain hears of it again.
    """
    detail = {"again": (act.now + wait).isoformat()} if wait is not None else None
    act.record(_NOUN, trouble.relay, _TROUBLE, why=str(trouble), detail=detail)
    act.session.flush()
    held = [issue for issue in _going(act, newsletters) if _lasts_too_long(act, trouble, issue)]
    for issue in held:
        why = _(_AT_ONCE if trouble.needs_somebody else _LASTS)
        why = why.format(trouble=trouble, times=TROUBLES_IN_A_ROW)
        detail = {"alarm": why, "brake": "relay"}
        invalidation.take_back(act, issue, why, detail=detail)
    lasts = trouble.needs_somebody or in_a_row(act.session, trouble.relay) >= TROUBLES_IN_A_ROW
    if lasts and not _told(act.session, trouble.relay):
        act.record(_NOUN, trouble.relay, _TOLD)
        if not held:
            editors.tell(act, "alarms", "relay_trouble", relay=trouble.relay, why=str(trouble))
    return held


def _going(act: Act, newsletters: Collection[str] | None) -> list[Issue]:
    going = select(Issue).where(col(Issue.state) == IssueState.SENDING).order_by(col(Issue.id))
    if newsletters is not None:
        going = going.where(col(Issue.newsletter).in_(newsletters))
    return list(act.session.scalars(going))


def _lasts_too_long(act: Act, trouble: Trouble, issue: Issue) -> bool:
    """Counted anew from the moment at which a person let the issue go on."""
    if trouble.needs_somebody:
        return True
    since = ledger.began(act.session, issue.id)
    return in_a_row(act.session, trouble.relay, since) >= TROUBLES_IN_A_ROW


def _told(session: Session, relay: str) -> bool:
    return _last(session, relay, _TOLD) > _last(session, relay, _WELL)


def _lines(relay: str, what: str) -> tuple[ColumnElement[bool], ...]:
    return (col(Event.noun) == _NOUN, col(Event.key) == relay, col(Event.what) == what)


def _last(session: Session, relay: str, what: str) -> int:
    """The number of the last such line; 0 if there is none."""
    return session.scalar(select(func.max(col(Event.id))).where(*_lines(relay, what))) or 0
