"""The form for contributors, and the page that shows what became of an item."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from newsletter import clusters, pictures, submissions
from newsletter.clusters import Access
from newsletter.content import Kind
from newsletter.errors import Invalid, Problem
from newsletter.language import _, dated
from newsletter.models.cluster import Picture
from newsletter.models.submission import Via

from . import own_twins
from .form_page import SEEN, Shown, form_page, kinds, script
from .guards import PICTURE_LIMIT
from .own_twins import Question
from .pages import acting, looking, now, page, require_own_form, settings_of
from .status import STATES
from .typed import Typed, in_order, shown_at

router = APIRouter(include_in_schema=False)
router.add_api_route("/static/submit.js", script)


@router.get("/einreichen/{token}")
def moved(request: Request, token: str) -> Response:
    """The German name of the form."""
    links = settings_of(request).links
    return RedirectResponse(urlsplit(links.submit(token)).path, 308)


@router.get("/submit/{token}")
def form(request: Request, token: str, kind: Annotated[str, Query()] = "") -> Response:
    """Choose what it is; then the form for it."""
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
        handed_in = submissions.own(session, access.cluster)[:5]
    if kind not in set(Kind):
        return page(
            request,
            "submit_kind.html",
            cluster=access.cluster,
            kinds=kinds(),
            own=handed_in,
            states={state: _(word) for state, word in STATES.items()},
        )
    first = {
        "kind": kind,
        "language": settings_of(request).language,
        "contact_name": access.contributor.name or "",
        "contact_email": access.contributor.email,
    }
    return form_page(request, access, Typed(first, []), Shown())


async def _sent(request: Request) -> AsyncIterator[FormData]:
    # A text beyond every limit comes in as well, so that its field can say so and keep it.
    async with request.form(max_files=1, max_fields=80, max_part_size=PICTURE_LIMIT) as sent:
        yield sent


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture of this form: just taken in, or kept from a try before."""

    picture: Picture | None
    problems: tuple[Problem, ...] = ()


@router.post("/submit/{token}")
def hand_in(request: Request, token: str, sent: Annotated[FormData, Depends(_sent)]) -> Response:
    """Take the item in, or show the form again with everything that was typed."""
    require_own_form(request)
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
    values = {name: value for name, value in sent.items() if isinstance(value, str)}
    typed = Typed(values, [each for each in sent.getlist("targets") if isinstance(each, str)])
    upload = _picture(request, access, sent)
    image = upload.picture.key if upload.picture else None
    zone = settings_of(request).zone
    facts = typed.facts(zone, image)
    further = [*_further(request, typed, image)]
    problems = [*typed.problems, *upload.problems]
    try:
        if problems:
            _find_all(request, facts)
        else:
            done = _taken_in(request, access, [facts, *further], typed.values.get(SEEN, ""))
            if isinstance(done, Question):
                return form_page(request, access, typed, Shown(upload.picture, asked=done))
            # A page to come back to: reloading it hands nothing in twice.
            return RedirectResponse(f"/s/{done.status_token}?new=1", 303)
    except Invalid as wrong:
        named = {problem.field for problem in problems}
        more = [shown_at(problem) for problem in wrong.problems]
        problems += [problem for problem in more if not _told(problem.field, named)]
    return form_page(request, access, typed, Shown(upload.picture, in_order(problems)))


def _taken_in(
    request: Request, access: Access, days: Sequence[dict[str, object]], seen: str
) -> submissions.Receipt | Question:
    """The item's receipt, or what to ask first; in one transaction, so a double click asks.

    A date on several days is an item for each: any may be cancelled, or found by its day.
    """
    with acting(request) as act:
        if asked := own_twins.question(act, access.cluster, days[0], seen):
            return asked
        receipts = [
            submissions.receive(
                act,
                facts,
                cluster=access.cluster,
                contributor=access.contributor,
                via=Via.FORM,
                by=access.contributor.email,
            )
            for facts in days
        ]
        return receipts[0]


def _further(request: Request, typed: Typed, image: str | None) -> Iterator[dict[str, object]]:
    """The same date on its further days; what is wrong with one of those is told of it."""
    for day in typed.more_days() if typed.values.get("kind") == Kind.DATE else ():
        there = typed.on(day)
        facts = there.facts(settings_of(request).zone, image)
        problems = there.problems
        try:
            _find_all(request, facts)
        except Invalid as wrong:
            problems = [*problems, *wrong.problems]
        of_days = [each for each in problems if each.field in {"starts_at", "starts_time"}]
        typed.problems += [
            Problem("more_days", f"{dated(day)}: {each.message}") for each in of_days[:1]
        ]
        yield facts


def _told(name: str, named: set[str]) -> bool:
    """A day that could not be read is missing in the facts: that is said once."""
    return name in named or f"{name.removesuffix('_on')}_time" in named


def _find_all(request: Request, facts: dict[str, object]) -> None:
    """Every other problem, so that people mend the form in one go. Invalid."""
    rules = submissions.rules_of(settings_of(request), now(request), contributed=True)
    submissions.understood(facts, rules)


def _picture(request: Request, access: Access, sent: FormData) -> Upload:
    """The picture that came with the form, kept at once, so that an error loses nothing."""
    file = sent.get("image")
    if isinstance(file, UploadFile) and file.filename:
        try:
            prepared = pictures.prepare(file.file.read(pictures.LARGEST + 1))
        except Invalid as wrong:
            return Upload(None, wrong.problems)
        with acting(request) as act:
            taken = pictures.keep(
                act, prepared, cluster_id=access.cluster.id, by=access.contributor.email
            )
        return Upload(taken)
    key = sent.get("image_key")
    if not isinstance(key, str) or not key or "image_remove" in sent:
        return Upload(None)
    with looking(request) as session:
        return Upload(pictures.of_cluster(session, key, access.cluster.id))
