"""Answers that a program may keep, and asks about again (RFC 9110 §13)."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session
from starlette.staticfiles import NotModifiedResponse, StaticFiles

from newsletter import history

from .pages import now, settings_of

_LONGEST = timedelta(minutes=5)  # as long as others may keep it: whatever no act tells of
_MOST = 40  # answers

_files = StaticFiles(check_dir=False)  # serves nothing here: it knows how to compare


def unless_kept(request: Request, answer: Response, changed_at: datetime) -> Response:
    """The answer marked by its content and ``changed_at``; 304 to whoever has it already."""
    mark = hashlib.sha256(bytes(answer.body)).hexdigest()[:32]
    answer.headers["ETag"] = f'"{mark}"'
    answer.headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if _files.is_not_modified(answer.headers, request.headers):
        return NotModifiedResponse(answer.headers)
    return answer


_Mark = tuple[tuple[int, int], datetime, date]


class Contents:
    """What was answered, by address, until somebody does anything.

    A calendar of many years takes a second to write, and thousands of programs ask for it every
    few hours. Whatever anybody does is on record, so ``history`` tells that nothing changed.
    """

    def __init__(self) -> None:
        self._kept: dict[str, tuple[_Mark, datetime, bytes]] = {}

    def of(
        self,
        request: Request,
        session: Session,
        changed_at: datetime,
        where: str,
        make: Callable[[], bytes],
    ) -> bytes:
        """The content at the address ``where``, made anew if it may have changed."""
        at = now(request)
        today = at.astimezone(settings_of(request).zone).date()  # labels run out, dates pass
        mark = (history.mark(session), changed_at, today)
        known = self._kept.get(where)
        if known and known[0] == mark and timedelta(0) <= at - known[1] < _LONGEST:
            return known[2]
        if len(self._kept) >= _MOST:
            self._kept.clear()
        content = make()
        self._kept[where] = (mark, at, content)
        return content
