"""A report as CSV, for spreadsheet programs: one line per figure (RFC 4180, byte order mark)."""

import csv
from collections.abc import Iterator
from io import StringIO

from newsletter import texts

from .counting import Report

HEADS = ("period", "group", "name", "figure", "value")


def sheet(report: Report) -> str:
    """All figures of a report, one to a line."""
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADS)
    for row in _rows(report):
        writer.writerow([texts.cell(value) for value in (report.period.code, *row)])
    return out.getvalue()


def _rows(report: Report) -> Iterator[tuple[str, str, str, float | int | str]]:
    yield "total", "", "issues", report.issues
    yield "total", "", "items", report.items
    yield "total", "", "places", report.places
    for each in report.sent:
        yield "issue", each.id, "opened_at", each.opened.isoformat(timespec="seconds")
        for figure in ("items", "recipients", "accepted", "refused", "not_sent", "bounced", "left"):
            yield "issue", each.id, figure, getattr(each, figure)
    for group in ("kinds", "laender", "fields", "clusters"):
        for count in getattr(report, group):
            yield group, count.name, "items", count.items
    for phase in report.phases:
        yield "phases", phase.name, "count", phase.count
        for figure, span in (("median_hours", phase.middle), ("longest_hours", phase.longest)):
            yield "phases", phase.name, figure, round(span.total_seconds() / 3600, 2)
