"""Rows as a CSV file (RFC 4180, STANDARDS WB-33) that no spreadsheet program runs."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@")  # what spreadsheet programs take for a command


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The file's text: commas, CRLF, each cell one line; None is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(each) for each in row] for row in rows)
    return out.getvalue()


def cell(value: object) -> str:
    """One line of text; what a spreadsheet program would run begins with an apostrophe."""
    text = "" if value is None else " ".join(str(value).replace("\0", "").split())
    return f"'{text}" if text.startswith(_FORMULA) else text
