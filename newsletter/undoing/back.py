"""The last act that somebody may mean, and how each kind is taken back: by the opposite verb."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from newsletter import issues, queue
from newsletter.errors import Refused
from newsletter.history import Act, Actor
from newsletter.issues.register import CHANGES
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import Approval, ApprovalState, IssueState
from newsletter.models.submission import CLEARANCE, Via
from newsletter.queue.decide import UNASKED
from newsletter.queue.later import WAITS
from newsletter.settings import Settings

from . import on_issues, on_items, on_stories
from .deeds import (
    TAKEN_BACK,
    About,
    Deed,
    Stays,
    Undone,
    about,
    deeds,
    issue_of,
    item_of,
    item_only,
    word_of,
)
from .stays import STAYS


class NothingDone(Refused):
    sentence = N_("{who} hat bisher nichts getan, das sich rückgängig machen ließe.")


class NothingDoneThere(Refused):
    sentence = N_("{who} hat an {id} nichts getan, das sich rückgängig machen ließe.")


class StaysButBefore(Refused):
    sentence = N_(
        "Das lässt sich nicht rückgängig machen. {why}\n"
        "Was davor geschah, nimmt zurück: newsletter undo {before}"
    )


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What ``undo`` would take back, and what that would undo besides (sentences)."""

    deed: Deed
    at_stake: tuple[str, ...]


def undo(act: Act, given: str | None = None, seen: Deed | None = None) -> list[Undone]:
    """Take back the acting editor's last act, or their last one about the item or issue given.

    NothingDone; Stays says why it cannot be, and what can be done instead. ``seen``: the act
    that the editor was told of; another one is not touched.
    """
    only = about(act.session, given) if given else None
    deed, line = _last(act.session, act.actor, only)
    if seen is not None and deed.at != seen.at:
        raise Refused(why=_("Inzwischen ist noch etwas geschehen; bitte den Befehl noch einmal."))
    if why := _stays(act.session, line):
        raise _refusal(act, deed, why, only)
    done = BACK[(line.noun, word_of(line))](act, deed, line, only)
    if line.noun != CLEARANCE.noun:
        act.record(line.noun, line.key, TAKEN_BACK, detail={"lines": [it.id for it in deed.lines]})
    return done


def foreseen(session: Session, settings: Settings, who: Actor, given: str | None) -> Foreseen:
    """What ``undo`` would do, to be said and asked before it does. NothingDone."""
    deed, line = _last(session, who, about(session, given) if given else None)
    if _stays(session, line) or line.noun not in {"issue", "approval", "event"}:
        return Foreseen(deed, ())
    if line.noun == "event":
        with_it = issues.at_stake_with(session, settings, [item_of(session, line).reference])
        return Foreseen(deed, tuple(with_it.values()))
    if line.noun == "issue" and line.what not in CHANGES:
        return Foreseen(deed, ())
    if line.noun == "approval" and (one := on_issues.in_part(session, deed, line)):
        again = _("{who} wird noch einmal gefragt, mit einem neuen Link.")
        return Foreseen(deed, (again.format(who=one.asked),))
    key = line.key if line.noun == "issue" else issue_of(session, deed)
    said = issues.at_stake(session, settings, issues.find(session, key))
    return Foreseen(deed, (said,) if said else ())


def _last(session: Session, who: Actor, only: About | None) -> tuple[Deed, Event]:
    """The last act that somebody may mean, and its line that says of which kind it is."""
    decided = queue.last_decided(session, who, item_only(only))
    for deed in deeds(session, who.name, only):
        line = _telling(deed)
        meant = line is not None and _is_meant(line, deed.at == decided)
        if line is not None and meant and not _fell(session, deed, line):
            return deed, line
    if only is None:
        raise NothingDone(who=who.name)
    if only.noun == "submission":
        raise queue.nothing_to_undo(session, who, only.id)
    raise NothingDoneThere(who=who.name, id=only.id)


def _is_meant(line: Event, decided_last: bool) -> bool:
    """Of decisions only the last that nobody has decided anew since; of items, one's own."""
    if line.noun == CLEARANCE.noun and word_of(line) != WAITS:
        return decided_last
    return line.what != "received" or (line.detail or {}).get("via") == Via.EDITOR


def _fell(session: Session, deed: Deed, line: Event) -> bool:
    """Whether a request, an approval or a time fell with something else: nothing is left of it,
    and what the issue has by now is somebody else's, or of another version.
    """
    if (line.noun, word_of(line)) not in _UPWARDS:
        return False
    if line.noun == "approval" and not _counts(session, line):
        return True
    a_draft_again = select(col(Event.id)).where(
        col(Event.noun) == "issue",
        col(Event.key) == issue_of(session, deed),
        col(Event.to_state) == IssueState.DRAFT,
        col(Event.id) > line.id,
    )
    return session.scalars(a_draft_again.limit(1)).first() is not None


def _counts(session: Session, line: Event) -> bool:
    """Whether a yes still counts, and was not asked for anew since."""
    approval = session.get(Approval, int(line.key))
    return approval is not None and approval.state is ApprovalState.APPROVED


_UPWARDS = {("issue", state) for state in ("in_approval", "approved", "scheduled")} | {
    ("approval", "approved")
}


def _telling(deed: Deed) -> Event | None:
    """The line that says of which kind an act is."""
    return next((line for kind in _KINDS if (line := deed.line(*kind)) is not None), None)


def _stays(session: Session, line: Event) -> str | None:
    """Why an act cannot be taken back, and what to do instead; None if it can."""
    sentence = STAYS.get((line.noun, word_of(line)))
    return _(sentence).format(**_facts(session, line)) if sentence else None


def _facts(session: Session, line: Event) -> dict[str, str]:
    key, detail = line.key, line.detail or {}
    facts = {"key": key, "id": key, "email": _("E-MAIL"), "url": _("ADRESSE")}
    facts |= {name: str(detail[name]) for name in ("email", "url") if name in detail}
    if line.noun == "issue":
        issue = issues.find(session, key)
        return facts | {"newsletter": issue.newsletter, "number": issue.number}
    if line.noun in {"submission", "clearance", "change_request", "story"}:
        item, slug = item_of(session, line).reference, key.partition("/")[2]
        return facts | {"id": item, "newsletter": slug}
    return facts


def _refusal(act: Act, deed: Deed, why: str, only: About | None) -> Refused:
    """With the way to the act before it, if there is one that can be taken back."""
    if only is not None:
        return Stays(why=why)
    decided = queue.last_decided(act.session, act.actor)
    for before in deeds(act.session, deed.who, None):
        line = _telling(before)
        if before.at >= deed.at or line is None or _stays(act.session, line):
            continue
        if _is_meant(line, before.at == decided):
            return StaysButBefore(why=why, before=_id(act.session, before, line))
    return Stays(why=why)


def _id(session: Session, deed: Deed, line: Event) -> str:
    """What people call that which a line is about."""
    if line.noun in {"submission", "clearance", "event", "story"}:
        return item_of(session, line).reference
    return issue_of(session, deed)


Back = Callable[[Act, Deed, Event, About | None], list[Undone]]

# By noun and what the line says was done (or the state it reached). Of an act with several such
# lines the first entry counts: filling takes items up, too, and moves no issue by itself.
BACK: dict[tuple[str, str], Back] = {
    ("submission", "withdrawn"): on_items.gone,
    ("submission", "merged"): on_items.gone,
    **{("issue", what): on_issues.changed for what in CHANGES if what != issues.PUT_BACK},
    ("issue", "made"): on_issues.begun,
    ("issue", "left out"): on_issues.left_out,
    ("issue", "not left out any more"): on_issues.let_in,
    ("issue", "in_approval"): on_issues.requested,
    ("approval", "approved"): on_issues.approved,
    ("issue", "scheduled"): on_issues.scheduled,
    ("issue", "planned when approved"): on_issues.planned,
    ("issue", "warning accepted"): on_issues.reasoned,
    ("issue", "commented"): on_items.commented,
    ("submission", "commented"): on_items.commented,
    ("submission", "noted in the archive"): on_items.noted,
    ("submission", "note in the archive taken back"): on_items.note_gone,
    ("submission", "assigned"): on_items.assigned,
    ("submission", "assigned to nobody"): on_items.assigned,
    ("issue", "approved"): on_issues.unscheduled,
    ("story", "kept in stock"): on_stories.kept,
    ("story", "taken_out"): on_stories.taken_out,
    ("event", "postponed"): on_items.event,
    ("event", "cancelled"): on_items.event,
    ("event", "on"): on_items.event,
    ("submission", "received"): on_items.added,
    ("submission", "revised"): on_items.revised,
    ("clearance", "accepted"): on_items.decisions,
    ("clearance", "held_over"): on_items.decisions,
    ("clearance", "declined"): on_items.decisions,
    ("clearance", UNASKED): on_items.decisions,
}
_FIRST = (  # these stop or cancel issues by the way
    ("submission", "taken down"),
    ("issue", "left out"),
    ("issue", "not left out any more"),
    ("submission", "withdrawn"),
    ("submission", "merged"),
    ("story", "taken_out"),
    ("event", "postponed"),
    ("event", "cancelled"),
    ("event", "on"),
    ("change_request", "taken_over"),
    *(("clearance", state) for state in ("accepted", "held_over", "declined", UNASKED)),
    ("submission", "revised"),
)
_KINDS = (*_FIRST, *STAYS, *BACK)
