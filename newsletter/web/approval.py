"""The page behind an approval link: the mail as it will be, and a form to decide.

GET shows, POST acts, once. While the link is open, the mail stands in a frame that runs no
script; it brings its own styles, so the page's policy allows inline styles, as the archive's.
"""

from collections import defaultdict
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from newsletter import issues, rendering, rhythm
from newsletter.content import Audience, Level
from newsletter.errors import Invalid, Problem, Refused
from newsletter.issues import Answer, Asked, Standing
from newsletter.language import N_, _

from .guards import HEADERS
from .pages import acting, found, looking, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)

LEVELS = {Level.ERROR: N_("Fehler"), Level.WARNING: N_("Warnung"), Level.HINT: N_("Hinweis")}
ANSWERS = {
    Answer.APPROVE: N_("hat freigegeben"),
    Answer.CHANGES: N_("wünscht Änderungen"),
    Answer.DECLINE: N_("hat nicht freigegeben"),
}
# A link that is over: 410, but the decision made by it stays to be read.
_STATUS = {Standing.OPEN: 200, Standing.APPROVED: 200, Standing.DECLINED: 200}
_GONE, _CONFLICT, _UNPROCESSABLE = 410, 409, 422


@router.get("/static/approval.css")
def style(request: Request) -> Response:
    """The styles of this page only."""
    return FileResponse(
        found(settings_of(request), "web/approval.css"),
        media_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=3600"},
    )


@router.get("/approval/{token}")
def look(request: Request, token: str) -> Response:
    """The issue as it would leave, or what was decided. Changes nothing."""
    it = _asked(request, token)
    return _page(request, it, _STATUS.get(it.standing, _GONE))


@router.post("/approval/{token}")
def decide(
    request: Request,
    token: str,
    answer: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    comment: Annotated[str, Form()] = "",
) -> Response:
    """One of the three buttons was pressed. The first decision counts."""
    require_own_form(request)
    typed = {"name": name, "comment": comment}
    if answer not in ANSWERS:
        problem = Problem("answer", _("Bitte einen der drei Knöpfe wählen."))
        return _page(request, _asked(request, token), _UNPROCESSABLE, typed, [problem])
    try:
        with acting(request) as act:
            issues.decide(act, token, Answer(answer), name, comment)
    except Invalid as wrong:
        it = _asked(request, token)
        return _page(request, it, _UNPROCESSABLE, typed, list(wrong.problems))
    except issues.AskedOneself as error:
        problem = Problem("name", str(error))
        return _page(request, _asked(request, token), error.http_status, typed, [problem])
    except issues.VersionGone as error:
        problem = Problem("answer", str(error))
        return _page(request, _asked(request, token), _CONFLICT, typed, [problem])
    except Refused:  # too late, or overtaken at this moment: the page says by whom
        return _page(request, _asked(request, token), _CONFLICT, typed)
    return RedirectResponse(urlsplit(settings_of(request).links.approval(token)).path, 303)


def _asked(request: Request, token: str) -> Asked:
    with looking(request) as session:
        return issues.asked(session, settings_of(request), token, now(request))


def _page(
    request: Request,
    it: Asked,
    status: int,
    typed: dict[str, str] | None = None,
    problems: list[Problem] | None = None,
) -> Response:
    settings, moment = settings_of(request), now(request)
    items = it.shown.content.items if it.shown else ()
    its = settings.newsletters.get(it.issue.newsletter)
    facts = {"imprint": its.imprint.plain()} if its else {}
    answer = page(
        request,
        "approval.html",
        status,
        it=it,
        issue=it.issue,
        approval=it.approval,
        reasons=defaultdict(str, {w["check"]: w["reason"] for w in it.approval.warnings or ()}),
        newsletter=its.name if its else it.issue.newsletter,
        issue_name=rendering.issue_name(it.issue.number),
        members=it.issue.audience is Audience.MEMBERS,
        embargoed=[i for i in items if i.embargo_until and i.embargo_until > moment],
        levels={level: _(word) for level, word in LEVELS.items()},
        answers={answer: _(words) for answer, words in ANSWERS.items()},
        typed=typed or {"name": "", "comment": ""},
        problems=problems or [],
        wrong={problem.field: problem.message for problem in problems or []},
        in_words=lambda when: rhythm.in_words(when, settings.zone),
        **facts,
    )
    if it.shown:
        answer.headers["Content-Security-Policy"] = _policy(settings.base_url)
    return answer


def _policy(base_url: str) -> str:
    """Ours, but for the styles that stand in the mail and the host its pictures name."""
    base = urlsplit(base_url)
    policy = HEADERS["Content-Security-Policy"]
    policy = policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    return policy.replace("img-src 'self'", f"img-src 'self' {base.scheme}://{base.netloc}")
