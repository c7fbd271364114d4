"""What stands before every page: host, size of the body, how often forms come, headers of the
answer, access log.

Plain ASGI, since each request passes here. Nothing of a path with a token reaches the log:
it names the route, ``/s/{token}``, never the address (DESIGN §6).
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.links import Links

from .turnstile import Turnstile

log = logging.getLogger("newsletter.web")

JSON_LIMIT = 1_000_000  # bytes of a body below /api/ (WB-10)
PICTURE_LIMIT = 12_000_000  # a picture by itself, or the texts of a form
# A form with a picture as cameras make them: read whole, so that the field can say that it is too
# large and what was typed stays. Beyond the first megabyte it lies on disk.
FORM_LIMIT = 40_000_000
TEXT_LIMIT = 1_000_000  # answers and changes: 15,000 letters of any alphabet, percent-encoded
OTHER_LIMIT = 100_000  # sign-up, unsubscribe
TOKEN_PATHS = frozenset(
    {
        *("submit", "calls", "s", "approval", "preview", "confirm", "unsubscribe", "preferences"),
        *("read", "media", "upload", "api"),
    }
)

# WB-40. A page sets its own Cache-Control where it may be kept.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000; includeSubDomains"

Refusal = Callable[..., Response]  # of the request, the status, and perhaps headers


def secured(headers: MutableHeaders, path: str, links: Links) -> None:
    """Add the headers of WB-40 that an answer does not set itself."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if links.base_url.startswith("https:"):
        headers.setdefault("Strict-Transport-Security", _HSTS)
    first, _, rest = path.lstrip("/").partition("/")
    if first in TOKEN_PATHS and rest:
        headers.setdefault("X-Robots-Tag", "noindex")


class Guards:
    """One layer that does it all, so that an answer is wrapped once."""

    def __init__(
        self, app: ASGIApp, links: Links, refusal: Refusal, seconds: Callable[[], float] = time.time
    ) -> None:
        self.app = app
        self.links = links
        self.refusal = refusal
        self.turnstile = Turnstile(seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                secured(MutableHeaders(scope=message), scope["path"], self.links)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        if method == "HEAD":  # like GET, without a body; FastAPI's routes know only GET
            scope = {**scope, "method": "GET"}
        try:
            await self._guarded(scope, receive, answer)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            took = (time.perf_counter() - began) * 1000
            log.info("%s %s %d %.0f ms", method, route, status, took)

    async def _guarded(self, scope: Scope, receive: Receive, answer: Send) -> None:
        headers = Headers(scope=scope)
        limit = _limit(scope["path"])
        if not (scope["path"] == "/healthz" or known_host(headers.get("host", ""), self.links)):
            await self._refuse(HTTPStatus.MISDIRECTED_REQUEST, scope, receive, answer)
        elif _announced(headers) > limit:
            await self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, scope, receive, answer)
        elif wait := 0 if self.links.loopback else self.turnstile.wait(scope):
            later = {"headers": {"Retry-After": str(wait)}}
            await self._refuse(HTTPStatus.TOO_MANY_REQUESTS, scope, receive, answer, **later)
        else:
            await self.app(scope, _counting(receive, limit), answer)

    async def _refuse(
        self, status: int, scope: Scope, receive: Receive, answer: Send, **more: Any
    ) -> None:
        await self.refusal(Request(scope), status, **more)(scope, receive, answer)


def known_host(host: str, links: Links) -> bool:
    """Whether a request came to a name of ours (WB-41); on loopback any loopback name will do."""
    try:
        here, ours = urlsplit(f"//{host}"), urlsplit(links.base_url)
        port = here.port
    except ValueError:
        return False
    if links.loopback:
        return Links(f"http://{host}").loopback
    default = 443 if ours.scheme == "https" else 80
    return here.hostname == ours.hostname and (port or default) == (ours.port or default)


def _limit(path: str) -> int:
    if path.startswith("/submit/") and path.endswith("/pasted"):  # it lies in memory, whole
        return TEXT_LIMIT
    if path.startswith(("/submit/", "/upload/")):
        return FORM_LIMIT
    if path.startswith("/api/v1/images"):
        return PICTURE_LIMIT
    if path.startswith(("/s/", "/approval/")):
        return TEXT_LIMIT
    return JSON_LIMIT if path.startswith("/api/") else OTHER_LIMIT


def _announced(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _counting(receive: Receive, limit: int) -> Receive:
    """Hand on the body until there is too much of it, announced or not."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    return counted
