"""Answers that a program may keep, and asks about again (RFC 9110 §13)."""

import hashlib
import threading
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
        self._making = threading.Lock()

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
        if (known := self._known(where, mark, at)) is not None:
            return known
        with self._making:
            if (known := self._known(where, mark, at)) is not None:
                return known
            content = make()
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[where] = (mark, at, content)
        return content

    def _known(self, where: str, mark: _Mark, at: datetime) -> bytes | None:
        kept = self._kept.get(where)
        if kept and kept[0] == mark and timedelta(0) <= at - kept[1] < _LONGEST:
            return kept[2]
        return None
