"""The form for contributors, and the page that shows what became of an item."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from newsletter import clusters, submissions
from newsletter.clusters import Access
from newsletter.content import Kind
from newsletter.errors import Invalid, Problem, TooMany
from newsletter.language import _
from newsletter.models.draft import Draft
from newsletter.submissions import drafts
from newsletter.submissions.drafts import Kept

from . import own_twins, posted, visitors
from .again import Before, contact, found_again
from .begin import choose, fresh
from .bring import bring_along, is_bringing
from .drafts import keep, link_over
from .form_page import SEEN, Shown, form_page, script
from .judged import judged
from .own_twins import Question
from .pages import acting, looking, now, settings_of
from .typed import Typed, in_order, shown_at

router = APIRouter(include_in_schema=False)
router.add_api_route("/static/submit.js", script)


@router.get("/einreichen/{token}")
def moved(request: Request, token: str) -> Response:
    """The German name of the form."""
    links = settings_of(request).links
    return RedirectResponse(urlsplit(links.submit(token)).path, 308)


@router.get("/submit/{token}")
def form(
    request: Request,
    token: str,
    kind: Annotated[str, Query()] = "",
    draft: Annotated[str, Query()] = "",
    like: Annotated[str, Query()] = "",
) -> Response:
    """Choose what it is; then the form for it, the one that was begun, or one filled in like an
    item that the cluster has handed in before.
    """
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
        row = drafts.find(session, access.contributor, draft)
        begun = row is not None and row.handed_in_sha256 is None
        if not (begun or like or kind in set(Kind)):
            return choose(request, session, access, row)
        before = found_again(session, settings_of(request), access, like) if like else None
    if row is not None and begun:
        return _go_on(request, access, row)
    if before:
        return _like(request, access, before)
    return form_page(request, access, fresh(request, access, kind), Shown())


def _like(request: Request, access: Access, before: Before) -> Response:
    """The form filled in from an earlier item; nothing is kept before somebody types."""
    typed = Typed({**before.values, **contact(access)}, before.targets)
    picture = posted.kept_picture(request, access, typed.values.get("image_key", ""))
    return form_page(request, access, typed, Shown(picture, more=before.more))


def _go_on(request: Request, access: Access, row: Draft) -> Response:
    """The form as it was left."""
    typed = posted.kept(row.typed)
    picture = posted.kept_picture(request, access, typed.values.get("image_key", ""))
    here = Kept(row.key, row.version)
    more = {"said": _("Das ist Ihr Entwurf, so wie er zuletzt gesichert wurde.")}
    return form_page(request, access, typed, Shown(picture, draft=here, more=more))


@router.post("/submit/{token}")
def hand_in(request: Request, token: str, sent: posted.Sent) -> Response:
    """Take the item in, or show the form again with everything that was typed."""
    access, typed, upload, lapsed = posted.opened(request, token, sent)
    if lapsed:
        return link_over(request, access, typed, upload, sent)
    days, problems = judged(request, typed, upload)
    # Enter in that field hands nothing in by itself; but a page that cannot be read stops nobody.
    if is_bringing(sent) and (problems or posted.ENTER in sent):
        return bring_along(request, access, typed, upload, sent)
    wait = 0
    doubt, form_token = visitors.doubted(settings_of(request), sent, now(request))
    if doubt and not problems:  # mistakes first
        problems = [Problem("form", doubt)]
    try:
        if not problems:
            done = _taken_in(request, access, days, typed, sent)
            if isinstance(done, Question):
                draft = keep(request, access, typed, upload, sent)
                shown = Shown(upload.picture, (), done, draft, {"token": form_token})
                return form_page(request, access, typed, shown)
            # A page to come back to: reloading it hands nothing in twice.
            return RedirectResponse(urlsplit(done).path + "?new=1", 303)
    except Invalid as wrong:
        problems = [shown_at(problem) for problem in wrong.problems]
    except TooMany as full:
        problems, wait = [Problem("form", str(full))], full.seconds
    draft = keep(request, access, typed, upload, sent)
    more = {"token": form_token}
    shown = Shown(upload.picture, in_order(problems), draft=draft, more=more, wait=wait)
    return form_page(request, access, typed, shown)


def _taken_in(
    request: Request,
    access: Access,
    days: Sequence[dict[str, object]],
    typed: Typed,
    sent: FormData,
) -> str | Question:
    """The item's status page, or what to ask first; decided in one transaction, so that a form
    handed in twice is one item. Invalid.

    A date on several days is an item for each: any may be cancelled, or found by its day.
    """
    person, said, key = access.contributor, posted.keepable(typed), posted.draft_of(sent)[0]
    with looking(request) as session:
        ready = submissions.ready_days(
            session, settings_of(request), now(request), days, access.cluster, person
        )
    with acting(request) as act:
        earlier = drafts.handed_in(act.session, person, key, said)
        if not earlier:
            seen = typed.values.get(SEEN, "")
            if asked := own_twins.question(act, access.cluster, ready[0].checked.facts, seen):
                return asked
            earlier = drafts.claim(act, person, key, said)
        if earlier:
            row = submissions.by_reference(act.session, f"q{earlier}")
            return submissions.status_url(act, row)
        first = submissions.receive_days(act, ready, access.cluster, person)
        drafts.became(act, key, first.submission_id)
        return first.status_url or ""
