"""Every error as an answer: a page that says what to do, or a problem document (RFC 9457).

Below ``/api/`` each answer of 4xx and 5xx is ``application/problem+json``.
"""

import logging
from http import HTTPStatus
from time import monotonic
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match

from newsletter.database import DatabaseAway
from newsletter.errors import Invalid, NewsletterError, Problem, TooMany
from newsletter.language import N_, _, speaking
from newsletter.templating import BrokenTemplate

from .guards import secured
from .pages import as_shipped, page

log = logging.getLogger("newsletter.web")

_AGAIN_IN = "60"  # seconds
_NEWS_AFTER = 60.0  # seconds

# What is wrong, and what to do about it.
SENTENCES = {
    400: (
        N_("Diese Anfrage verstehen wir nicht"),
        N_("Bitte prüfen Sie die Adresse und die Angaben."),
    ),
    401: (
        N_("Hier fehlt ein gültiger Schlüssel"),
        N_("Bitte den Schlüssel des Clusters mitschicken."),
    ),
    403: (
        N_("Das geht von hier aus nicht"),
        N_("Bitte öffnen Sie die Seite noch einmal."),
    ),
    404: (
        N_("Diese Seite gibt es nicht"),
        N_(
            "Bitte prüfen Sie, ob die Adresse vollständig ist: Lange Links werden in manchen"
            " E-Mail-Programmen abgeschnitten."
        ),
    ),
    405: (
        N_("So lässt sich diese Adresse nicht aufrufen"),
        N_("Bitte öffnen Sie die Seite im Browser."),
    ),
    409: (
        N_("Das geht gerade nicht"),
        N_("Bitte sehen Sie sich den jetzigen Stand noch einmal an."),
    ),
    410: (
        N_("Dieser Link gilt nicht mehr"),
        N_("Bitte fordern Sie einen neuen an."),
    ),
    413: (
        N_("Das ist zu groß"),
        N_(
            "Ein Text darf bis zu 1 MB groß sein, ein Bild bis zu 10 MB."
            " Bitte kürzen oder verkleinern und noch einmal senden."
        ),
    ),
    415: (
        N_("Dieses Format nehmen wir nicht an"),
        N_("Bitte im verlangten Format senden."),
    ),
    421: (
        N_("Diese Website liegt nicht hier"),
        N_("Bitte prüfen Sie die Adresse."),
    ),
    422: (
        N_("Einige Angaben stimmen noch nicht"),
        N_("Bitte prüfen Sie die genannten Felder."),
    ),
    429: (
        N_("Das waren zu viele Anfragen"),
        N_("Bitte warten Sie eine Weile."),
    ),
    500: (
        N_("Bei uns ist etwas schiefgegangen"),
        N_("Bitte versuchen Sie es später noch einmal; der Fehler ist vermerkt."),
    ),
    503: (
        N_("Gerade nicht erreichbar"),
        N_("Bitte versuchen Sie es in einigen Minuten noch einmal."),
    ),
}


# What a program does about it, where people would open a page.
_FOR_PROGRAMS = {
    404: N_("Bitte prüfen Sie die Adresse; alle stehen in /openapi.json."),
    405: N_("Welche Methoden hier gehen, steht in der Kopfzeile Allow der Antwort."),
}


def install(app: FastAPI) -> None:
    """Answer every error of this application."""
    app.add_exception_handler(BrokenTemplate, _broken)
    app.add_exception_handler(NewsletterError, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(DatabaseAway, _database_away)
    app.add_exception_handler(Exception, _bug)


def refusal(
    request: Request,
    status: int,
    detail: str = "",
    problems: tuple[Problem, ...] = (),
    headers: dict[str, str] | None = None,
    title: str = "",
) -> Response:
    """The answer to a request that we refuse."""
    known = SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400])
    said, cure = map(_, known)
    title = title or said
    if not request.url.path.startswith("/api/"):
        facts = {"title": title, "detail": detail or cure, "problems": problems}
        answer = _as_page(request, status, facts)
    else:
        cure = _(_FOR_PROGRAMS[status]) if status in _FOR_PROGRAMS else cure
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail or cure,
        }
        if problems:
            body["errors"] = [{"field": p.field, "message": p.message} for p in problems]
        answer = JSONResponse(body, status, media_type="application/problem+json")
    answer.headers.update(headers or {})
    return answer


def _as_page(request: Request, status: int, facts: dict[str, Any]) -> Response:
    try:
        return page(request, "error.html", status, **facts)
    except BrokenTemplate as broken:  # a home's own; the sentence says all that a trace would
        log.error("%s", broken)  # noqa: TRY400
        return as_shipped(request, "error.html", status, **facts)


def _broken(request: Request, error: Exception) -> Response:
    """A home's template has a mistake: file and line are for the log, not for the world."""
    log.error("%s", error)
    return refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _ours(request: Request, error: Exception) -> Response:
    if isinstance(error, Invalid):
        return refusal(request, error.http_status, "", error.problems)
    if not isinstance(error, NewsletterError):
        raise error
    headers = {"WWW-Authenticate": 'Bearer realm="newsletter"'} if error.http_status == 401 else {}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(error.seconds)
    title = _(error.title) if error.title else ""
    return refusal(request, error.http_status, str(error), headers=headers, title=title)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code < 400:
        return Response(status_code=error.status_code, headers=error.headers)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    return refusal(request, error.status_code, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Every method of an address: Starlette names those of the first route alone."""
    here = [
        methods
        for route in request.app.state.routes
        if (methods := getattr(route, "methods", None))
        and route.matches(request.scope)[0] is not Match.NONE
    ]
    found = set().union(*here)
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


def _unreadable(request: Request, error: Exception) -> Response:
    """A parameter that FastAPI itself could not read; its English sentences stay inside."""
    if not isinstance(error, RequestValidationError):
        raise error
    broken = [e for e in error.errors() if e["type"] == "json_invalid"]
    if broken:
        return refusal(request, HTTPStatus.BAD_REQUEST, _("Das ist kein gültiges JSON."))
    problems = tuple(
        Problem(".".join(str(part) for part in e["loc"][1:]), _unfit(e)) for e in error.errors()
    )
    return refusal(request, HTTPStatus.UNPROCESSABLE_ENTITY, "", problems)


def _unfit(error: dict[str, Any]) -> str:
    """Why a parameter does not fit, with the bound that it passes."""
    match error:
        case {"type": "less_than_equal", "ctx": {"le": most}}:
            return _("Das ist zu viel: höchstens {most}.").format(most=most)
        case {"type": "greater_than_equal", "ctx": {"ge": least}}:
            return _("Das ist zu wenig: mindestens {least}.").format(least=least)
        case {"type": "int_parsing"}:
            return _("Hier wird eine ganze Zahl erwartet.")
    return _("Diese Angabe fehlt oder passt nicht.")


def _database_away(request: Request, error: Exception) -> Response:
    """What exactly is away is for the log, not for the world; what was typed is not lost."""
    if _is_news(request.app, str(error)):
        log.error("%s", error)
    kept = _(
        "Es wurde noch nichts gespeichert. Bitte lassen Sie diese Seite offen und laden Sie sie in"
        " einigen Minuten neu: Ihr Browser fragt dann, ob er Ihre Angaben noch einmal senden soll."
    )
    typed = request.method == "POST" and not request.url.path.startswith("/api/")
    headers = {"Retry-After": _AGAIN_IN}
    return refusal(request, HTTPStatus.SERVICE_UNAVAILABLE, kept if typed else "", headers=headers)


def _is_news(app: Any, sentence: str) -> bool:
    """Whether this was not logged in the last minute: requests come by the hundred."""
    now = monotonic()
    told: dict[str, float] = getattr(app.state, "told", {})
    told = {said: at for said, at in told.items() if now - at < _NEWS_AFTER}
    app.state.told = told | {sentence: told.get(sentence, now)}
    return sentence not in told


def _bug(request: Request, error: Exception) -> Response:
    """Starlette logs the trace and answers outside our guards: headers and language come here."""
    log.error("%s in %s", type(error).__name__, getattr(request.scope.get("route"), "path", "-"))
    settings = request.app.state.settings
    with speaking(settings.language):
        answer = refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR)
    headers = MutableHeaders(raw=answer.raw_headers)
    secured(headers, request.url.path, settings.links)
    return answer
