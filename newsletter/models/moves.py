"""A state machine is an enum and a table of allowed moves; this is the table's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Machine:
    """The moves of one noun. ``column`` holds the state; ``noun`` names it to people."""

    noun: str  # in the history
    word: str  # to people, marked
    arrows: Mapping[Any, frozenset[Any]]
    column: str = "state"

    def allows(self, from_: StrEnum, to: StrEnum) -> bool:
        """Whether the table has this arrow."""
        return to in self.arrows.get(from_, frozenset())

    @property
    def final(self) -> frozenset[StrEnum]:
        """States that no arrow leaves."""
        return frozenset(state for state, to in self.arrows.items() if not to)
