"""A home's templates beside ours, after an upgrade: what is overlaid, and what changed where."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from . import making
from .making import Origin


class Standing(StrEnum):
    """How a home's file stands to ours."""

    OWN = "own"  # there is none of ours
    SAME = "same"  # as ours is now
    CHANGED = "changed"  # by the home; ours is still what was taken over
    BEHIND = "behind"  # by us, since; the home changed nothing
    BOTH = "both"  # by both
    DIFFERS = "differs"  # nobody wrote down what was taken over


@dataclass(frozen=True, slots=True)
class Compared:
    """One file. ``yours`` is what the home changed, ``ours`` what we did since (unified diff)."""

    file: str
    of: str  # our file; empty: there is none
    standing: Standing
    version: str  # that it was taken over from; empty: not known
    yours: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()

    @property
    def overlays(self) -> bool:
        """It stands in the place of ours: without it, ours would be taken."""
        return bool(self.of) and self.of == self.file

    @property
    def needless(self) -> bool:
        """It may be deleted: nobody changed anything in it."""
        return self.overlays and self.standing in {Standing.SAME, Standing.BEHIND}


def compare(home: Path) -> list[Compared]:
    """Each of the home's own templates, by name."""
    known, record = making.ours(), making.origins(home)
    return [
        _compared(name, path, known, record.get(name)) for name, path in making.own(home).items()
    ]


def _compared(name: str, path: Path, known: dict[str, Path], origin: Origin | None) -> Compared:
    of = origin.of if origin else name
    if of not in known:
        return Compared(name, "", Standing.OWN, "")
    mine = _read(path)
    now = _read(known[of])
    if origin is None:
        return _of(name, of, mine, now, None, "")
    mine = mine.removeprefix(origin.above)
    then = origin.text
    if origin.renamed:
        folder = of.partition("/")[0]
        now, then = (making.renamed(each, folder, origin.renamed) for each in (now, then))
    return _of(name, of, mine, now, then, origin.version)


def _read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def _of(name: str, of: str, mine: str, now: str, then: str | None, version: str) -> Compared:
    standing = _standing(mine, now, then)
    base = now if then is None else then
    return Compared(
        file=name,
        of=of,
        standing=standing,
        version=version,
        yours=_diff(base, mine, of, name) if standing is not Standing.SAME else (),
        ours=_diff(base, now, of, of) if standing is not Standing.SAME else (),
    )


def _standing(mine: str, now: str, then: str | None) -> Standing:
    if mine == now:
        return Standing.SAME
    if then is None:
        return Standing.DIFFERS
    if mine == then:
        return Standing.BEHIND
    return Standing.CHANGED if now == then else Standing.BOTH


def _diff(before: str, after: str, old: str, new: str) -> tuple[str, ...]:
    lines: Iterable[str] = difflib.unified_diff(
        before.splitlines(), after.splitlines(), old, new, lineterm=""
    )
    return tuple(lines)
