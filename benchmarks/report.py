"""What was found: a table, and plots that need nothing but a few lines of SVG."""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; ``holds``: whether the bar is met, None where there is none."""

    what: str
    found: str
    bar: str = ""
    note: str = ""
    holds: bool | None = None


def say(sentence: str) -> None:
    """Progress, beside the table."""
    print(sentence, file=sys.stderr, flush=True)


def table(lines: Iterable[Line]) -> str:
    """The lines as Markdown."""
    marks = {True: " ✓", False: " ✗", None: ""}
    rows = [
        f"| {each.what} | {each.found} | {each.bar}{marks[each.holds]} | {each.note} |"
        for each in lines
    ]
    return "\n".join(["| what | found | bar | |", "|---|---|---|---|", *rows])


def machine() -> str:
    """When and where, in a sentence."""
    model = "processor unknown"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    load = os.getloadavg()[1]
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores of {model},"
        f" Linux {platform.release().partition('-')[0]}, Python {platform.python_version()};"
        f" load of the last five minutes {load:.1f}."
    )


def write(part: str, lines: Sequence[Line]) -> None:
    """Put one part's table into README.md, in the place of its last one."""
    file = FOLDER / "README.md"
    text = file.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->", f"<!-- end of {part} -->"
    fresh = f"{begin}\n{machine()}\n\n{table(lines)}\n{end}"
    if begin in text:
        before, rest = text.split(begin)
        text = before + fresh + rest.split(end)[1]
    else:
        text = text.rstrip() + f"\n\n{fresh}\n"
    file.write_text(text, encoding="utf-8")


def plot(name: str, title: str, points: Sequence[tuple[float, float]], unit: str) -> None:
    """A line through points over seconds, as SVG that is read by day and by night."""
    width, height, left, bottom = 720, 240, 56, 32
    longest = max((x for x, _ in points), default=1) or 1
    highest = max((y for _, y in points), default=1) * 1.15 or 1
    dots = " ".join(
        f"{left + x / longest * (width - left - 16):.1f},"
        f"{height - bottom - y / highest * (height - bottom - 36):.1f}"
        for x, y in thinned(points)
    )
    ground = height - bottom
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
  aria-label="{title}">
<style>
  text {{ font: 12px sans-serif; fill: #24292f }}
  path {{ stroke: #8c959f }} polyline {{ stroke: #0550ae }}
  @media (prefers-color-scheme: dark) {{
    text {{ fill: #e6edf3 }} path {{ stroke: #6e7681 }} polyline {{ stroke: #79c0ff }}
  }}
</style>
<text x="{left}" y="20">{title}</text>
<path d="M{left} 30V{ground}H{width - 16}" fill="none"/>
<text x="{left - 6}" y="{ground}" text-anchor="end">0</text>
<text x="{left - 6}" y="44" text-anchor="end">{highest:,.0f} {unit}</text>
<text x="{width - 16}" y="{height - 10}" text-anchor="end">{longest:,.0f} s</text>
<polyline points="{dots}" fill="none" stroke-width="2"/>
</svg>
"""
    (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")


def thinned(points: Sequence[tuple[float, float]], most: int = 300) -> list[tuple[float, float]]:
    """Neighbours put together, so that a long run makes no long file."""
    step = max(1, len(points) // most)
    groups = [points[at : at + step] for at in range(0, len(points), step)]
    return [(mean(x for x, _ in group), mean(y for _, y in group)) for group in groups]
