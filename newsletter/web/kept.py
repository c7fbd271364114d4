"""Answers that a program may keep, and asks about again (RFC 9110 §13)."""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime

from fastapi import Request
from fastapi.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles

_files = StaticFiles(check_dir=False)  # serves nothing here: it knows how to compare


def unless_kept(request: Request, answer: Response, changed_at: datetime) -> Response:
    """The answer marked by its content and ``changed_at``; 304 to whoever has it already."""
    mark = hashlib.sha256(bytes(answer.body)).hexdigest()[:32]
    answer.headers["ETag"] = f'"{mark}"'
    answer.headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    if _files.is_not_modified(answer.headers, request.headers):
        return NotModifiedResponse(answer.headers)
    return answer
