"""Bars of plain blocks: plots that any terminal can show, and that fit its width (pure)."""

from collections.abc import Iterator, Sequence

_LONGEST_BAR = 40
_NARROW = 60  # columns; below, a bar stands under its name


def bar(value: float, most: float, width: int) -> str:
    """A bar of whole and half blocks; whatever is more than nothing can be seen."""
    halves = round(2 * width * value / most) if most else 0
    halves = max(halves, 1) if value else 0
    return "█" * (halves // 2) + "▌" * (halves % 2)


def cut(text: str, width: int) -> str:
    """The text, or as much of it as there is room for."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + "…"


def plotted(rows: Sequence[tuple[str, float, str]], columns: int) -> Iterator[str]:
    """Name, bar and what it says, one line each, no line longer than ``columns``; narrow: two."""
    most = max((value for _name, value, _said in rows), default=0)
    says = max((len(said) for _name, _value, said in rows), default=0)
    if columns < _NARROW:
        for name, value, said in rows:
            yield "  " + cut(name, columns - 2)
            yield f"    {bar(value, most, columns - says - 6)} {said}"
        return
    names = min(max((len(name) for name, _value, _said in rows), default=0), columns // 2)
    width = min(columns - names - says - 6, _LONGEST_BAR)
    for name, value, said in rows:
        yield f"  {cut(name, names).ljust(names)}  {bar(value, most, width)} {said}"
