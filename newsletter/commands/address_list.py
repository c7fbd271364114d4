"""A list of people as a file: only its writer may read it, and none is overwritten."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from newsletter import texts
from newsletter.dispatch.ledger import Copy
from newsletter.errors import Refused, WrongUsage, unreadable
from newsletter.language import N_, _


class ThereAlready(Refused):
    sentence = N_("{file} gibt es schon. Bitte einen anderen Namen angeben oder sie löschen.")


class NotWritten(Refused):
    sentence = N_("{file} lässt sich nicht schreiben: {why}")


@contextmanager
def written(file: Path) -> Iterator[IO[str]]:
    """A new file with mode 0600; it is there, whole, when the block has ended well.

    ThereAlready, NotWritten.
    """
    if file.exists():
        raise ThereAlready(file=file)
    half = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
                yield out
            os.link(half, file)  # unlike a rename, it overwrites nothing
        finally:
            half.unlink()
    except FileExistsError as exc:
        raise ThereAlready(file=file) from exc
    except OSError as exc:
        raise NotWritten(file=file, why=unreadable(exc)) from exc


class Kind(StrEnum):
    """How a list is written, by the end of its name."""

    CSV = ".csv"
    JSON = ".json"

    @classmethod
    def of(cls, file: Path) -> Kind:
        """WrongUsage for other names."""
        try:
            return cls(file.suffix.lower())
        except ValueError:
            wrong = _("{file}: Der Name muss auf .csv oder .json enden.")
            raise WrongUsage(why=wrong.format(file=file)) from None

    def write(
        self, out: IO[str], head: Mapping[str, Any], rows: Iterable[Copy], zone: ZoneInfo
    ) -> int:
        """All rows, one after the other; how many they were. ``head`` is for JSON only."""
        write = _write_csv if self is Kind.CSV else _write_json
        return write(out, head, (_facts(row, zone) for row in rows))


def _facts(row: Copy, zone: ZoneInfo) -> dict[str, Any]:
    facts = row._asdict()
    for name in ("settled_at", "not_before", "resent_at"):
        if facts[name] is not None:
            facts[name] = facts[name].astimezone(zone).isoformat(timespec="seconds")
    return facts


def _write_csv(out: IO[str], _head: Mapping[str, Any], rows: Iterable[dict[str, Any]]) -> int:
    """For spreadsheet programs: byte order mark, semicolons, and nothing that they would run."""
    out.write("\ufeff")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(Copy._fields)
    count = 0
    for row in rows:
        writer.writerow([texts.cell(value) for value in row.values()])
        count += 1
    return count


def _write_json(out: IO[str], head: Mapping[str, Any], rows: Iterable[dict[str, Any]]) -> int:
    """One object, a line for each address, so that a list of any length is written at once."""
    facts = json.dumps(head, ensure_ascii=False, default=str)
    out.write(facts.removesuffix("}") + ', "addresses": [')
    count = 0
    for count, row in enumerate(rows, 1):
        comma = "," if count > 1 else ""
        out.write(f"{comma}\n  {json.dumps(row, ensure_ascii=False, default=str)}")
    out.write("\n]}\n")
    return count
