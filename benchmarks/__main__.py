"""Measure, and say whether the bars hold.

python -m benchmarks                         all parts but the million
python -m benchmarks pairs --messages 20000  one part
python -m benchmarks million                 a million readers, to the end
python -m benchmarks --quick                 that it runs: fifty messages each
python -m benchmarks --write                 and put the tables into benchmarks/README.md
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from . import intake, letter, report, rows, sending, servers, twins
from .report import Line, say

Part = Callable[[argparse.Namespace], Iterator[Line]]

PARTS: dict[str, tuple[str, Part]] = {
    "pairs": (
        "whole dispatch on SQLite and PostgreSQL, beside smtp-source -d into the same smtp-sink",
        lambda asked: sending.pairs(asked.messages, asked.runs),
    ),
    "postfix": (
        "through a Postfix that queues, plain and with TLS",
        lambda asked: sending.postfix(min(asked.messages, 2_000), asked.runs),
    ),
    "naive": ("EmailMessage + smtplib", lambda asked: sending.naive(min(asked.messages, 300))),
    "sizes": (
        "memory and cost per message at 1,000, 10,000 and 100,000 readers",
        lambda asked: sending.sizes((50,) if asked.quick else (1_000, 10_000, 100_000)),
    ),
    "rows": ("audience, import, rendering, fdatasync", lambda asked: _rows(asked)),
    "letter": (
        "an issue rendered, beside npm mjml; how soon a preview shows a change",
        lambda asked: letter.letter(3, 1) if asked.quick else letter.letter(20, 40),
    ),
    "likeness": (
        "which of 10,000 items one is like",
        lambda asked: twins.likeness(50 if asked.quick else 10_000),
    ),
    "intake": (
        "items over JSON, by themselves and while an issue is sent",
        lambda asked: intake.intake(16, 1, 50) if asked.quick else intake.intake(1_000, 8, 25_000),
    ),
    "desk": (
        "an editor's keys and commands for a month of thirty items; how soon a key is answered",
        lambda asked: _desk(asked),
    ),
    "million": (
        "memory and cost per message at a million readers (or as many as --readers says)",
        lambda asked: sending.sizes((1_000, 10_000, asked.readers)),
    ),
}


def _rows(asked: argparse.Namespace) -> Iterator[Line]:
    yield from rows.disk()
    yield from rows.render()
    yield from rows.imports(50 if asked.quick else 20_000)
    yield from rows.audience(50 if asked.quick else 1_000_000)


def _desk(asked: argparse.Namespace) -> Iterator[Line]:
    from . import desk  # and with it a terminal's library

    yield from desk.desk(50 if asked.quick else 1_000)


def main(words: list[str] | None = None) -> int:
    """0; 1 if a bar was missed (not with ``--quick``)."""
    told = "\n".join(f"  {name:10}{what}" for name, (what, _) in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog=f"parts:\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="all but the million, if none")
    parser.add_argument("--messages", type=int, default=20_000, help="of each run (20000)")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many (5)")
    parser.add_argument("--readers", type=int, default=1_000_000, help="of the million (1000000)")
    parser.add_argument("--quick", action="store_true", help="50 messages, once, no bars")
    parser.add_argument("--write", action="store_true", help="into benchmarks/README.md")
    asked = parser.parse_args(words)
    if asked.quick:
        asked.messages, asked.runs = 50, 1
    if unknown := [name for name in asked.parts if name not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}")
    held = [_measured(name, asked) for name in asked.parts or [p for p in PARTS if p != "million"]]
    return 0 if all(held) or asked.quick else 1


def _measured(name: str, asked: argparse.Namespace) -> bool:
    """Run a part and print its table; whether its bars hold."""
    say(f"-- {name}: {PARTS[name][0]}")
    try:
        lines = list(PARTS[name][1](asked))
    except servers.Missing as missing:
        lines = [Line(name, "not measured", "", str(missing))]
    if asked.quick:
        lines = [replace(line, holds=None) for line in lines]
    print(f"{report.table(lines)}\n", flush=True)
    if asked.write:
        report.write(name, lines)
    return all(line.holds is not False for line in lines)


if __name__ == "__main__":
    sys.exit(main())
