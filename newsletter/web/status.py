"""The page that shows what became of an item, and takes what its contributor has to say.

Everything that changes something is a POST of one of its forms; looking changes nothing.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from sqlmodel import Session
from starlette.datastructures import FormData

from newsletter import issues, queue, rendering, rhythm, submissions
from newsletter.content import EventState
from newsletter.errors import Invalid, NewsletterError, Problem
from newsletter.language import N_, _, dated, weekday
from newsletter.models.submission import USABLE, ClearanceState, Submission, SubmissionState
from newsletter.settings import Settings
from newsletter.submissions import Decision, Place
from newsletter.submissions.changes import FIELDS
from newsletter.submissions.spoken import field_name, when_said

from .pages import acting, looking, now, page, require_own_form, settings_of

router = APIRouter(include_in_schema=False)

STATES = {
    SubmissionState.DRAFT: N_("noch nicht eingereicht"),
    SubmissionState.RECEIVED: N_("eingegangen"),
    SubmissionState.IN_REVIEW: N_("in Prüfung"),
    SubmissionState.QUESTION: N_("Die Redaktion hat eine Rückfrage"),
    SubmissionState.DECIDED: N_("entschieden"),
    SubmissionState.MERGED: N_("mit einem anderen Beitrag zusammengeführt"),
    SubmissionState.WITHDRAWN: N_("zurückgezogen"),
}
DECISIONS = {
    ClearanceState.ASKED: N_("wartet auf die Entscheidung der Redaktion"),
    ClearanceState.ACCEPTED: N_("angenommen"),
    ClearanceState.HELD_OVER: N_("für eine spätere Ausgabe zurückgestellt"),
    ClearanceState.DECLINED: N_("abgelehnt"),
}
# A date that takes place needs no word.
EVENTS = {
    EventState.POSTPONED: N_("Dieser Termin ist verschoben."),
    EventState.CANCELLED: N_("Dieser Termin ist abgesagt."),
}
DONE = {
    "answered": N_("Danke, Ihre Antwort ist bei der Redaktion."),
    "withdrawn": N_("Ihr Beitrag ist zurückgezogen."),
    "date": N_("Das ist vermerkt; die Redaktion weiß Bescheid."),
    "changed": N_("Ihre Änderung ist übernommen."),
    "asked": N_("Ihr Änderungswunsch liegt bei der Redaktion. Sie hören davon per E-Mail."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the page says besides the item: what was typed, what is wrong, what was done."""

    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    refused: NewsletterError | None = None
    new: bool = False
    done: str = ""


async def _sent(request: Request) -> AsyncIterator[FormData]:
    async with request.form(max_files=0, max_fields=40) as sent:
        yield sent


Sent = Annotated[FormData, Depends(_sent)]


@router.get("/s/{token}")
def status(
    request: Request, token: str, new: str = "", done: str = "", moved_to: str = ""
) -> Response:
    """What was handed in, and what became of it; ``moved_to`` is what a feed says of a date."""
    typed = {}
    if day := _moment_in_words(moved_to, settings_of(request)):
        words = _("Auf unserer Seite steht jetzt: {day}").format(day=day)
        typed = {"event_state": EventState.POSTPONED, "words": words}
    return _status(request, token, Said(typed, new=bool(new), done=done))


def _moment_in_words(iso: str, settings: Settings) -> str:
    """Never what somebody else's link says: "", if that is not a day or a moment."""
    try:
        when = datetime.fromisoformat(iso) if "T" in iso else date.fromisoformat(iso)
        return when_said(when, settings)
    except (ValueError, OverflowError):
        return ""


@router.post("/s/{token}")
def answer(request: Request, token: str, sent: Sent) -> Response:
    """Take the answer to the editors' question, or show it again with what is wrong."""
    require_own_form(request)
    typed = _texts(sent)
    try:
        with acting(request) as act:
            submissions.answer(act, token, typed.get("answer", ""))
    except Invalid as wrong:
        return _status(request, token, Said(typed, wrong.problems))
    except submissions.NothingAsked as error:
        return _status(request, token, Said(typed, refused=error))
    return RedirectResponse(f"/s/{token}?done=answered", 303)


@router.post("/s/{token}/withdraw")
def withdraw(request: Request, token: str, sent: Sent) -> Response:
    """Take the item back."""
    require_own_form(request)
    typed = _texts(sent)
    try:
        with acting(request) as act:
            queue.withdraw_own(act, token, typed.get("reason", ""), sure="sure" in typed)
    except Invalid as wrong:
        return _status(request, token, Said(typed, wrong.problems))
    return RedirectResponse(f"/s/{token}?done=withdrawn", 303)


@router.post("/s/{token}/date")
def change_date(request: Request, token: str, sent: Sent) -> Response:
    """Say that the date is cancelled, postponed, or on after all."""
    require_own_form(request)
    typed = _texts(sent)
    state = typed.get("event_state", "")
    if state not in set(EventState):
        missing = Problem("event_state", _("Bitte wählen Sie aus, was für den Termin gilt."))
        return _status(request, token, Said(typed, [missing]))
    try:
        with acting(request) as act:
            queue.change_own_date(act, token, EventState(state), typed.get("words", ""))
    except Invalid as wrong:
        return _status(request, token, Said(typed, wrong.problems))
    return RedirectResponse(f"/s/{token}?done=date", 303)


@router.get("/s/{token}/change")
def change_form(request: Request, token: str) -> Response:
    """The item's words, to be changed."""
    with looking(request) as session:
        submission = submissions.by_status_token(session, token)
        facts = submissions.facts_of(session, submission)
        revision = str(submission.revision)
    typed = {name: str(facts.get(name, "")) for name in FIELDS} | {"revision": revision}
    return _change_form(request, token, Said(typed))


@router.post("/s/{token}/change")
def change(request: Request, token: str, sent: Sent) -> Response:
    """Change what nobody has looked at; else put the wish before the editors."""
    require_own_form(request)
    typed = _texts(sent)
    wanted = {name: typed[name] for name in FIELDS if name in typed}
    seen = typed.get("revision", "")
    known = int(seen) if re.fullmatch(r"\d{1,6}", seen, re.ASCII) else None
    try:
        with acting(request) as act:
            at_once = queue.ask_own_change(act, token, wanted, typed.get("comment", ""), known)
    except Invalid as wrong:
        return _change_form(request, token, Said(typed, wrong.problems))
    return RedirectResponse(f"/s/{token}?done={'changed' if at_once else 'asked'}", 303)


def _texts(sent: FormData) -> dict[str, str]:
    return {name: value for name, value in sent.items() if isinstance(value, str)}


def _status(request: Request, token: str, said: Said) -> Response:
    settings = settings_of(request)
    today = now(request).astimezone(settings.zone).date()
    with looking(request) as session:
        found = submissions.status_of(session, settings, token, today)
        submission = submissions.by_status_token(session, token)
        wish = submissions.open_change(session, submission)
        calendar_url = _calendar_url(session, settings, found.uid, now(request))
        edits = submissions.edits_of(session, settings, submission)
        further = _further(session, settings, submission, token) if said.new else []
        until = issues.objections(session, [submission]).get(submission.reference)
    return page(
        request,
        "status.html",
        said.refused.http_status if said.refused else 422 if said.problems else 200,
        found=found,
        changed=EVENTS.get(found.event_state) if found.event_state else None,
        calendar_url=calendar_url,
        edits=edits,
        object_until=_until(until, found, now(request), settings),
        asked=found.state is SubmissionState.QUESTION,
        talk=[(rhythm.in_words(line.at, settings.zone), line) for line in found.talk],
        road=[_step(settings, each, changed=_changed(found)) for each in found.decisions],
        further=further,
        state=_(_stands(found)),
        received=rhythm.in_words(found.received_at, settings.zone),
        body=Markup(found.body_html),  # noqa: S704  (texts.to_html cleans)
        picture_path=urlsplit(found.picture.url).path if found.picture else "",
        open=found.state in USABLE,
        untouched=found.state is SubmissionState.RECEIVED,
        wish_waits=wish is not None,
        done=_(DONE[said.done]) if said.done in DONE else "",
        **_of_form(token, said),
    )


def _further(
    session: Session, settings: Settings, submission: Submission, token: str
) -> list[tuple[str, str, str]]:
    """The other days that were handed in at once: number, day, page."""
    days = submissions.further_days(session, settings, submission, token)
    return [(each.reference, each.said, urlsplit(each.url).path) for each in days]


def _changed(found: submissions.Status) -> bool:
    """Whether it is a date that does not take place as it was announced."""
    return found.event_state in {EventState.CANCELLED, EventState.POSTPONED}


def _stands(found: submissions.Status) -> str:
    """In one word how far it has come: of what is decided, what came of it."""
    if found.state is not SubmissionState.DECIDED:
        return STATES[found.state]
    if any(each.published for each in found.decisions):
        return N_("erschienen")
    planned = [place for each in found.decisions for place in each.planned]
    if any(place.approved or not _changed(found) for place in planned):
        return N_("eingeplant")
    decided = {each.state for each in found.decisions}
    return DECISIONS[decided.pop()] if len(decided) == 1 else STATES[found.state]


def _until(
    until: datetime | None, found: submissions.Status, moment: datetime, settings: Settings
) -> str:
    """Until when to object to an edited text that an issue is going to show; "" if it is over."""
    planned = any(each.planned for each in found.decisions)
    return rhythm.in_words(until, settings.zone) if planned and until and until > moment else ""


def _change_form(request: Request, token: str, said: Said) -> Response:
    with looking(request) as session:
        submission = submissions.by_status_token(session, token)
        title = submissions.revision_of(session, submission).title
        if submission.state not in USABLE:
            raise submissions.NoMoreChanges(reference=submission.reference)
    only = {"date": ("location",), "success_story": ("challenge", "solution", "result")}
    names = [*FIELDS[:4], *only.get(submission.kind.value, ())]
    return page(
        request,
        "change.html",
        422 if said.problems else 200,
        reference=submission.reference,
        title=title,
        untouched=submission.state is SubmissionState.RECEIVED,
        fields=[(name, field_name(name)) for name in names],
        **_of_form(token, said),
    )


def _of_form(token: str, said: Said) -> dict[str, Any]:
    return {
        "path": f"/s/{token}",
        "typed": said.typed,
        "problems": said.problems,
        "wrong": {problem.field: problem.message for problem in said.problems},
        "refused": said.refused,
        "new": said.new,
    }


@dataclass(frozen=True, slots=True)
class Step:
    """How far an item has come in one newsletter, in words."""

    newsletter: str
    words: str
    reason: str | None
    published: list[tuple[str, str]]  # where it appeared: words and address
    planned: list[str]
    open: list[str]  # planned, until its date was cancelled or postponed


_OUT, _PLANNED = N_("{issue} vom {day}"), N_("{issue}, am {day}")


def _step(settings: Settings, decision: Decision, *, changed: bool) -> Step:
    """``changed``: a date was cancelled or postponed, so that the editors look at it again."""
    planned = [
        (place_said(settings, place, _PLANNED), place.approved or not changed)
        for place in decision.planned
    ]
    known = settings.newsletters
    slug = decision.newsletter
    return Step(
        known[slug].name if slug in known else slug,
        _(DECISIONS[decision.state]),
        decision.reason,
        [(place_said(settings, place, _OUT), place.url) for place in decision.published],
        [words for words, stands in planned if stands],
        [words for words, stands in planned if not stands],
    )


def place_said(settings: Settings, place: Place, said: str = _OUT) -> str:
    """„Ausgabe Dezember 2026 vom Dienstag, 15.12.2026“"""
    issue = rendering.issue_name(place.number)
    if place.day is None:
        return issue
    local = place.day.astimezone(settings.zone)
    return _(said).format(issue=issue, day=f"{weekday(local)}, {dated(local)}")


def _calendar_url(session: Session, settings: Settings, uid: str | None, moment: datetime) -> str:
    """Where everybody finds a date for their calendar; nothing while they may not."""
    try:
        queue.public_date(session, settings, uid or "", moment)
    except queue.NoSuchDate:
        return ""
    return settings.links.date(uid or "")
