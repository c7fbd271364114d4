"""Two people have changed one text: what both did, line by line.

Lines that only one of them changed are taken; lines that both changed differently stand side by
side, for a person to choose. A change that touches another's is never taken by guess.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some lines of the joined text: the same twice, or what each of the two made of them."""

    mine: tuple[str, ...]
    theirs: tuple[str, ...]

    @property
    def clash(self) -> bool:
        """Whether a person has to choose."""
        return self.mine != self.theirs


def joined(base: str, mine: str, theirs: str) -> list[Stretch]:
    """The text that came of ``base`` in two hands, in stretches; none lie beside one another
    that need no choice.
    """
    lines = [text.splitlines() for text in (base, mine, theirs)]
    found: list[Stretch] = []
    for stretch in _stretches(*lines):
        if found and not found[-1].clash and not stretch.clash:
            whole = (*found.pop().mine, *stretch.mine)
            stretch = Stretch(whole, whole)
        if stretch.mine or stretch.theirs:
            found.append(stretch)
    return found


def as_mine(stretches: Sequence[Stretch]) -> str:
    """The joined text; where a choice is open, as I have it."""
    return "\n".join(line for stretch in stretches for line in stretch.mine)


def _stretches(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[Stretch]:
    a = m = t = 0
    for start, in_mine, in_theirs, size in _common(base, mine, theirs):
        yield _decided(base[a:start], mine[m:in_mine], theirs[t:in_theirs])
        same = tuple(base[start : start + size])
        yield Stretch(same, same)
        a, m, t = start + size, in_mine + size, in_theirs + size


def _decided(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Stretch:
    """Whoever changed it is right; both, if they made the same of it."""
    if mine == base:
        mine = theirs
    elif theirs == base:
        theirs = mine
    return Stretch(tuple(mine), tuple(theirs))


def _common(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Lines that stand in all three: where in each, and how many. The ends come last."""
    ours, others = _blocks(base, mine), _blocks(base, theirs)
    i = j = 0
    while i < len(ours) and j < len(others):
        (a, m, n), (b, t, k) = ours[i], others[j]
        start, end = max(a, b), min(a + n, b + k)
        if start < end:
            yield start, m + start - a, t + start - b, end - start
        if a + n < b + k:
            i += 1
        else:
            j += 1
    yield len(base), len(mine), len(theirs), 0


def _blocks(base: Sequence[str], other: Sequence[str]) -> list[tuple[int, int, int]]:
    """Equal runs of lines; empty ones count, they keep paragraphs apart."""
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return [(block.a, block.b, block.size) for block in matcher.get_matching_blocks()]
