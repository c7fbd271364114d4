"""Two people have changed one item: their facts in one, and what a person has to choose (pure).

All three sides are Submission JSON, clean. A field that one of them changed is taken; a longer
text is joined line by line.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from newsletter.content import Kind
from newsletter.language import _
from newsletter.texts.joined import Stretch, as_mine, joined

from .facts import Facts

BY_LINES = ("body", "challenge", "solution", "result", "quote", "urgent_because")
_OF_ONE_THING = (("image", "image_alt", "image_credit"), ("starts_at", "ends_at"))
_NAMES = {"starts": "starts_at", "ends": "ends_at"}  # in Facts, and in JSON


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that both changed, each otherwise; None: not given."""

    name: str
    mine: Any
    theirs: Any
    stretches: Sequence[Stretch] = ()  # of a longer text


@dataclass(frozen=True, slots=True)
class Joined:
    """What both made of it; where they clash, as I have it."""

    facts: dict[str, Any]
    clashes: tuple[Clash, ...] = ()
    theirs: tuple[str, ...] = field(default=())  # fields that only the other one changed


def join(
    base: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    by_lines: Collection[str] = BY_LINES,
) -> Joined:
    """Both sides' changes in one; the fields ``by_lines`` line by line."""
    facts: dict[str, Any] = {}
    clashes: list[Clash] = []
    taken: list[str] = []
    for names in _groups(base, mine, theirs):
        was, here, there = ({n: side.get(n) for n in names} for side in (base, mine, theirs))
        if there in (was, here):
            facts |= here
        elif here == was:
            facts |= there
            taken += names
        else:
            found = list(_both(names, was, here, there, by_lines))
            facts |= {clash.name: clash.mine for clash in found}
            clashes += (it for it in found if _open(it))
            taken += (it.name for it in found if it.stretches and not _open(it))
    given = {name: value for name, value in facts.items() if value not in (None, "")}
    return Joined(given, tuple(clashes), tuple(taken))


def _groups(*sides: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Fields that are changed together: those of one picture, of one span, each other alone."""
    names = dict.fromkeys(name for side in sides for name in side)
    for group in _OF_ONE_THING:
        if len({str(side.get(group[0])) for side in sides}) > 1:
            yield group
            names = {name: None for name in names if name not in group}
    yield from ((name,) for name in names)


def _both(
    names: Sequence[str],
    was: Mapping[str, Any],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    by_lines: Collection[str],
) -> Iterator[Clash]:
    for name in names:
        if name in by_lines:
            texts = (str(side[name] or "") for side in (was, mine, theirs))
            stretches = joined(*texts)
            yield Clash(name, as_mine(stretches), theirs[name], stretches)
        else:
            yield Clash(name, mine[name], theirs[name])


def _open(clash: Clash) -> bool:
    if clash.stretches:
        return any(stretch.clash for stretch in clash.stretches)
    return bool(clash.mine != clash.theirs)


def as_json(facts: Facts) -> dict[str, Any]:
    """Clean facts as Submission JSON, as ``facts_of`` tells a revision."""
    found = {
        _NAMES.get(name, name): _plain(getattr(facts, name)) for name in Facts.__dataclass_fields__
    }
    decorative = found.pop("image_decorative")
    found["image_alt"] = _("schmückend") if decorative else found["image_alt"]
    found["targets"] = sorted(facts.targets)
    return {name: value for name, value in found.items() if value not in (None, "", False)}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Kind):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
