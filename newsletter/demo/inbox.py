"""The inbox in the browser: what the mail server kept, shown and never trusted.

A mail's HTML stands in a sandboxed frame without scripts; its links open in a new window.
"""

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from starlette.middleware.base import RequestResponseEndpoint
from starlette.middleware.trustedhost import TrustedHostMiddleware

from newsletter import templating
from newsletter.language import _, spoken
from newsletter.web.app import Speaking

from .mail_server import Mail, Mailbox

_SHOWN = ("From", "To", "Date", "Subject", "Message-ID", "List-Id", "List-Unsubscribe",
          "List-Unsubscribe-Post", "Auto-Submitted")  # fmt: skip
_OWN_PAGE = "default-src 'none'; style-src 'self'; frame-src 'self'; frame-ancestors 'none'"
_A_MAIL = (
    "default-src 'none'; img-src {site}; style-src 'unsafe-inline'; frame-ancestors 'self';"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)


def create_app(mailbox: Mailbox, site: str, zone: tzinfo, names: dict[str, str]) -> FastAPI:
    """The inbox as an application, in the language spoken now. ``names``: by List-Id."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    app.middleware("http")(_with_headers)
    app.add_middleware(Speaking, language=spoken())
    page = _pages()

    @app.get("/")
    def listed() -> Response:
        mails = list(mailbox.mails)
        return page("inbox.html", count=len(mails), groups=_groups(mails, names, zone))

    @app.get("/mail/{number}")
    def one(number: int) -> Response:
        mail = _mail(mailbox, number)
        if mail is None:
            return _missing()
        heads = [(name, mail.message[name]) for name in _SHOWN if mail.message[name]]
        return page(
            "mail.html",
            mail=mail,
            heads=heads,
            text=mail.part("plain"),
            has_html=bool(mail.part("html")),
            size=len(mail.data),
        )

    @app.get("/mail/{number}/html")
    def html(number: int) -> Response:
        mail = _mail(mailbox, number)
        if mail is None:
            return _missing()
        shown = re.sub(
            r"(?i)(<head[^>]*>)", r'\1<base target="_blank">', mail.part("html"), count=1
        )
        return HTMLResponse(shown, headers={"Content-Security-Policy": _A_MAIL.format(site=site)})

    @app.get("/mail/{number}/raw")
    def raw(number: int) -> Response:
        mail = _mail(mailbox, number)
        return PlainTextResponse(mail.data) if mail else _missing()

    @app.get("/inbox.css")
    def style() -> Response:
        css = (templating.shipped("templates") / "demo" / "inbox.css").read_text(encoding="utf-8")
        return Response(css, media_type="text/css")

    return app


def _mail(mailbox: Mailbox, number: int) -> Mail | None:
    return mailbox.mails[number - 1] if 1 <= number <= len(mailbox.mails) else None


def _missing() -> Response:
    return PlainTextResponse(_("Diese Mail gibt es nicht."), status_code=404)


def _pages() -> Callable[..., Response]:
    environment = templating.environment(templating.folders(None))

    def page(template: str, **facts: Any) -> Response:
        return HTMLResponse(environment.get_template(f"demo/{template}").render(facts))

    return page


def _groups(mails: list[Mail], names: dict[str, str], zone: tzinfo) -> list[dict[str, Any]]:
    """The letters, then each newsletter's issues; the newest mail first."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for mail in sorted(mails, key=lambda mail: (mail.list_id or "", -mail.number)):
        name = names.get(mail.list_id or "", _("Nachrichten an einzelne Personen"))
        groups.setdefault(name, []).append(
            {
                "number": mail.number,
                "subject": mail.subject,
                "recipient": mail.recipient,
                "clock": f"{mail.arrived.astimezone(zone):%H:%M:%S}",
            }
        )
    return [{"name": name, "mails": group} for name, group in groups.items()]


async def _with_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", _OWN_PAGE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response
