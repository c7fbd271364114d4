"""The page behind an approval link: the mail as it will be, and a form to decide.

GET shows, POST acts, once. While the link is open, the mail stands in a frame that runs no
script; it brings its own styles, so the page's policy allows inline styles, as the archive's.

An approver may change sentences in the same form: it shows the new edition, whose hash comes
back with the yes. Nothing typed is lost, whatever became of the version meanwhile.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from newsletter import issues, rendering, rhythm
from newsletter.content import Audience, Level, Variant
from newsletter.errors import Invalid, NewsletterError, Problem, Refused
from newsletter.history import Act
from newsletter.issues import Answer, Asked, Reworded, Standing, neutral
from newsletter.issues.by_link import Shown
from newsletter.language import N_, _
from newsletter.settings import Settings

from .guards import HEADERS
from .pages import acting, found, looking, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)

LEVELS = {Level.ERROR: N_("Fehler"), Level.WARNING: N_("Warnung"), Level.HINT: N_("Hinweis")}
ANSWERS = {
    Answer.APPROVE: N_("hat freigegeben"),
    Answer.CHANGES: N_("wünscht Änderungen"),
    Answer.DECLINE: N_("hat nicht freigegeben"),
}
ALL = "approve_all"  # the button for every issue behind the link
REWORD = "reword"  # the button that shows the mail with what was typed
STANDINGS = {
    Standing.OPEN: N_("noch zu entscheiden"),
    Standing.APPROVED: N_("freigegeben"),
    Standing.DECLINED: N_("beantwortet"),
    Standing.LAPSED: N_("Frist abgelaufen"),
    Standing.NEWER: N_("überholt"),
    Standing.CHANGED: N_("überholt"),
    Standing.CANCELLED: N_("abgesagt"),
}
# A link that is over: 410, but the decision made by it stays to be read.
_STATUS = {Standing.OPEN: 200, Standing.APPROVED: 200, Standing.DECLINED: 200}
_GONE, _CONFLICT, _UNPROCESSABLE = 410, 409, 422
_FIELDS = 400  # an issue has some 20 items, each with up to seven texts


@dataclass
class Typed:
    """What came with the form. ``sentences``: those that are not as the page brought them."""

    answer: str = ""
    name: str = ""
    comment: str = ""
    file_reference: str = ""
    seen: str = ""  # the hash of the edition that stood on the page
    seen_all: str = ""  # those of all editions behind the link
    sentences: dict[str, str] = field(default_factory=dict)


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


@router.get("/approval/{token}/record")
def record(request: Request, token: str) -> Response:
    """The record of an approval by this link, to file. It names no word of the issue."""
    it, settings = _asked(request, token), settings_of(request)
    if it.standing is not Standing.APPROVED:
        return _page(request, it, _STATUS.get(it.standing, _GONE))
    with looking(request) as session:
        found = issues.record_of(session, settings, it.issue.id)
    answer = HTMLResponse(issues.record_page(settings, found, whole=False))
    answer.headers["Content-Security-Policy"] = _policy(settings.base_url)
    return answer


async def _sent(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=0, max_fields=_FIELDS) as form:
        yield form


def typed_in(form: FormData) -> Typed:
    """The form as it was sent."""
    said = {name: value for name, value in form.items() if isinstance(value, str)}
    words = ("answer", "name", "comment", "seen", "seen_all", "file_reference")
    return Typed(
        **{name: said.get(name, "") for name in words},
        sentences=issues.touched(said, _marks(said.get("marks", ""))),
    )


def _marks(text: str) -> dict[str, str]:
    try:
        marks = json.loads(text)
    except ValueError:
        return {}
    return marks if isinstance(marks, dict) else {}


@router.post("/approval/{token}")
def decide(request: Request, token: str, form: Annotated[FormData, Depends(_sent)]) -> Response:
    """One of the buttons was pressed. The first decision counts."""
    require_own_form(request)
    typed = typed_in(form)
    if typed.answer == REWORD:
        return _reworded(request, token, typed)
    if typed.answer == ALL and typed.sentences:
        singly = _(
            "Sie haben hier Sätze geändert: Bitte geben Sie diese Ausgabe für sich frei. Nichts ist"
            " verloren."
        )
        return _again(request, token, typed, _UNPROCESSABLE, [Problem("answer", singly)])
    if typed.answer not in {*ANSWERS, ALL}:
        problem = Problem("answer", _("Bitte einen der drei Knöpfe wählen."))
        return _again(request, token, typed, _UNPROCESSABLE, [problem])
    try:
        with acting(request) as act:
            _decide(act, token, typed)
    except Invalid as wrong:
        return _again(request, token, typed, _UNPROCESSABLE, list(wrong.problems))
    except issues.AskedOneself as error:
        return _again(request, token, typed, error.http_status, [Problem("name", str(error))])
    except (issues.VersionGone, issues.NotAsShown, issues.NotAllOpen) as error:
        return _again(request, token, typed, _CONFLICT, [Problem("answer", str(error))])
    except Refused:  # too late, or overtaken at this moment: the page says by whom
        return _again(request, token, typed, _CONFLICT)
    return RedirectResponse(_own_path(request), 303)


def _decide(act: Act, token: str, typed: Typed) -> None:
    if typed.answer == ALL:
        issues.decide_all(
            *(act, token, typed.name, typed.comment),
            seen=typed.seen_all,
            file_reference=typed.file_reference,
        )
        return
    issues.decide(
        *(act, token, Answer(typed.answer), typed.name, typed.comment),
        typed=typed.sentences,
        seen=typed.seen,
        file_reference=typed.file_reference,
    )


def _own_path(request: Request) -> str:
    links = settings_of(request).links
    return urlsplit(links.approval(request.path_params["token"])).path


def _reworded(request: Request, token: str, typed: Typed) -> Response:
    """The page with the mail as it would be. Keeps nothing, unless the version is gone."""
    if typed.sentences:
        return _again(request, token, typed, 200)
    nothing = Problem("answer", _("Noch ist kein Satz geändert."))
    return _again(request, token, typed, _UNPROCESSABLE, [nothing])


def _again(
    request: Request,
    token: str,
    typed: Typed,
    status: int,
    problems: list[Problem] | None = None,
) -> Response:
    """The page with all that was typed; with the new mail, if sentences were changed.

    What was typed for a version that is gone is kept for the page of the next.
    """
    it, reworded, wrong = _asked(request, token), None, list(problems or ())
    if it.shown is None:
        with acting(request) as act:
            kept = issues.keep_unsaved(act, token, typed.sentences)
        return _page(request, it, _CONFLICT, typed, kept=kept)
    try:
        with looking(request) as session:
            reworded = issues.reword(
                session, settings_of(request), it, typed.sentences, now(request)
            )
    except Invalid as error:
        wrong += [each for each in error.problems if each not in wrong]
        status = _UNPROCESSABLE
    except NewsletterError as error:
        wrong.append(Problem("answer", str(error)))
        status = _CONFLICT
    return _page(request, it, status, typed, wrong, reworded)


def _asked(request: Request, token: str) -> Asked:
    with looking(request) as session:
        return issues.asked(session, settings_of(request), token, now(request))


def _page(
    request: Request,
    it: Asked,
    status: int,
    typed: Typed | None = None,
    problems: list[Problem] | None = None,
    reworded: Reworded | None = None,
    *,
    kept: bool = False,
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
        newsletter=its.name if its else it.issue.newsletter,
        issue_name=rendering.issue_name(it.issue.number),
        members=it.issue.audience is Audience.MEMBERS,
        embargoed=[i for i in items if i.embargo_until and i.embargo_until > moment],
        levels={level: _(word) for level, word in LEVELS.items()},
        answers={answer: _(words) for answer, words in ANSWERS.items()},
        reasons=defaultdict(str, {w["check"]: w["reason"] for w in it.approval.warnings or ()}),
        typed=typed or Typed(),
        problems=problems or [],
        wrong={problem.field: problem.message for problem in problems or []},
        mail=reworded or it.shown,
        dates=_dates(reworded or it.shown),
        reworded=reworded,
        kept=kept,
        own_path=_own_path(request),
        **_siblings(request),
        in_words=lambda when: rhythm.in_words(when, settings.zone),
        **_sentences(it),
        **facts,
    )
    if it.shown:
        answer.headers["Content-Security-Policy"] = _policy(settings.base_url)
    return answer


def _dates(mail: Reworded | Shown | None) -> dict[str, Any]:
    """The mail of who wants dates only; nothing if there are none. ``same``: as all the others."""
    if mail is None:
        return {}
    it = next((each for each in mail.others if each.variant == Variant.DATES), None)
    if it is None:
        return {}
    words = {"subject": it.subject, "html": neutral.html_of(it), "text": neutral.text_of(it)}
    return {"same": it.text == mail.edition.text, **words}


def _sentences(it: Asked) -> dict[str, Any]:
    """What may be changed, by where it stands, and by what the page knows it was touched."""
    every = issues.sentences_of(it.shown.content) if it.shown else []
    places: dict[str, list[issues.Sentence]] = {}
    for each in every:
        places.setdefault(each.where, []).append(each)
    titles = {item.reference: item.title for item in it.shown.content.items} if it.shown else {}
    return {
        "places": places,
        "titles": titles,
        "marks": json.dumps({each.key: each.mark for each in every}),
        "labels": issues.Sentence,
    }


def _siblings(request: Request) -> dict[str, Any]:
    """The other issues behind the link, each with its address and how it stands."""
    settings, token = settings_of(request), request.path_params["token"]
    with looking(request) as session:
        them = issues.siblings(session, settings, token, now(request))
    return {
        "behind": [_behind(settings, each, token) for each in them],
        "hashes": issues.hashes(them),
        "may_approve_all": issues.may_approve_all(them),
    }


def _behind(settings: Settings, each: issues.Sibling, token: str) -> dict[str, Any]:
    its = settings.newsletters.get(each.it.issue.newsletter)
    return {
        "name": its.name if its else each.it.issue.newsletter,
        "issue_name": rendering.issue_name(each.it.issue.number),
        "path": urlsplit(settings.links.approval(each.token)).path,
        "standing": _(STANDINGS[each.it.standing]),
        "here": each.token == token,
    }


def _policy(base_url: str) -> str:
    """Ours, but for the styles that stand in the mail and the host its pictures name."""
    base = urlsplit(base_url)
    policy = HEADERS["Content-Security-Policy"]
    policy = policy.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
    return policy.replace("img-src 'self'", f"img-src 'self' {base.scheme}://{base.netloc}")
