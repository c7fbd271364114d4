"""Two who edited one issue from the same version: both are joined, or a person chooses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from newsletter import texts
from newsletter.errors import Refused
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.event import Event
from newsletter.models.issue import ISSUE, Issue
from newsletter.submissions.joining import Clash, join
from newsletter.texts.joined import Stretch

from .board import Board
from .plan import Plan

_FIELDS = {
    "subject": N_("Betreff"),
    "preheader": N_("Vorschauzeile"),
    "opening": N_("Einleitung"),
    "order": N_("Auswahl oder Reihenfolge der Beiträge"),
}
_BY_LINES = ("opening", "order")


class ChangedMeanwhile(Refused):
    sentence = N_(
        "{issue} wurde inzwischen geändert (Stand {now}, Ihr Dokument kennt {seen})."
        " Bitte den neuen Stand öffnen und die Änderungen übertragen."
    )


class BothChanged(Refused):
    """Both changed the same; ``plan`` holds what both planned, with mine where they clash."""

    sentence = N_(
        "{issue} wurde inzwischen von {who} geändert (Stand {now}). Dort und bei Ihnen anders:"
        " {fields}."
    )

    def __init__(self, plan: Plan, clashes: Sequence[Clash], who: str, issue: Issue) -> None:
        self.plan, self.clashes, self.who, self.version = plan, clashes, who, issue.version
        fields = ", ".join(_(_FIELDS[clash.name]) for clash in clashes)
        super().__init__(issue=issue.id, who=who, now=issue.version, fields=fields)


@dataclass(frozen=True, slots=True)
class _Then:
    """How an issue stood at a version, and who has changed it since."""

    before: Mapping[str, Any]
    who: str


def meet(act: Act, issue: Issue, board: Board, plan: Plan, seen: int) -> Plan:
    """What came of a plan that was made from version ``seen``, and of the changes since.

    BothChanged where a person has to choose; ChangedMeanwhile if nobody wrote down how the
    issue stood then.
    """
    then = _then(act, issue, seen)
    sections = [it.key for it in act.settings.newsletter(issue.newsletter, issue.number).sections]
    mine = {
        "subject": texts.line(plan.subject),
        "preheader": texts.line(plan.preheader),
        "opening": texts.markdown(plan.opening),
        "order": _as_lines({key: list(references) for key, references in plan.order}, sections),
    }
    base, theirs = (_standing(it, sections) for it in (then.before, board.before))
    joined = join(base, mine, theirs, _BY_LINES)
    clashes = list(joined.clashes)
    facts = {name: str(joined.facts.get(name, "")) for name in _FIELDS}
    if _twice(facts["order"]) and not any(it.name == "order" for it in clashes):
        both = (tuple(mine["order"].splitlines()), tuple(theirs["order"].splitlines()))
        clashes.append(Clash("order", mine["order"], theirs["order"], [Stretch(*both)]))
        facts["order"] = mine["order"]
    made = Plan(
        facts["subject"],
        facts["preheader"],
        facts["opening"],
        _from_lines(facts["order"]),
        plan.note,
    )
    if clashes:
        raise BothChanged(made, clashes, then.who, issue)
    return made


def _then(act: Act, issue: Issue, seen: int) -> _Then:
    """ChangedMeanwhile if the history does not say how it stood."""
    story = select(Event).where(
        col(Event.noun) == ISSUE.noun, col(Event.key) == issue.id, col(Event.detail).is_not(None)
    )
    changes = [
        event
        for event in act.session.scalars(story.order_by(col(Event.id)))
        if (event.detail or {}).get("before", {}).get("version", -1) >= seen
    ]
    if not changes or (changes[0].detail or {})["before"]["version"] != seen:
        raise ChangedMeanwhile(issue=issue.id, now=issue.version, seen=seen)
    who = ", ".join(dict.fromkeys(event.actor for event in changes))
    return _Then((changes[0].detail or {})["before"], who)


def _standing(before: Mapping[str, Any], sections: Sequence[str]) -> dict[str, str]:
    order = {key: [f"q{number}" for number, _pin in places] for key, places in before["order"]}
    words = {name: str(before[name]) for name in ("subject", "preheader", "opening")}
    return words | {"order": _as_lines(order, sections)}


def _as_lines(order: Mapping[str, Sequence[str]], sections: Sequence[str]) -> str:
    """Sections as configured, each with its items, a line for each; empty ones are left out."""
    keys = sorted(order, key=lambda it: sections.index(it) if it in sections else len(sections))
    return "\n".join(
        line for key in keys if order[key] for line in (f"[{key}]", *map(_reference, order[key]))
    )


def _reference(typed: str) -> str:
    number = re.fullmatch(r"[qQ]?0*(\d+)", typed.strip())
    return f"q{number[1]}" if number else typed


def _from_lines(lines: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    order: dict[str, list[str]] = {}
    key = ""
    for line in lines.splitlines():
        if line.startswith("["):
            key = line[1:-1]
            order.setdefault(key, [])
        else:
            order.setdefault(key, []).append(line)
    return tuple((key, tuple(references)) for key, references in order.items())


def _twice(order: str) -> bool:
    """Whether an item stands in two places, or one above the first section: no order."""
    lines = order.splitlines()
    items = [line for line in lines if not line.startswith("[")]
    return len(set(items)) < len(items) or bool(lines and not lines[0].startswith("["))
