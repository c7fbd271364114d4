"""„Auf Ihrer Seite gefunden: einreichen?“: what a cluster's feeds suggest, and its answers."""

from datetime import date, datetime
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from newsletter import clusters, feeds_in, submissions
from newsletter.brought import Found, day_of
from newsletter.clusters import Access
from newsletter.feeds_in import Hinted, NoSuchSuggestion
from newsletter.history import Act
from newsletter.language import N_, _
from newsletter.models.feed import Hint
from newsletter.submissions import drafts
from newsletter.submissions.spoken import KINDS, when_said

from . import filling, posted
from .again import contact
from .pages import acting, now, require_own_form, settings_of
from .typed import Typed

router = APIRouter(include_in_schema=False)
_HINTS = {  # and what else, where there is no hint
    Hint.CANCELLED: N_("{day}: „{title}“ ist auf Ihrer Seite abgesagt."),
    Hint.GONE: N_("{day}: „{title}“ steht nicht mehr auf Ihrer Seite."),
    None: N_("„{title}“: Auf Ihrer Seite steht jetzt {moved_to}, bei uns noch {day}."),
}


def suggested(request: Request, session: Session, access: Access) -> dict[str, object]:
    """What the page shows of it: what was found, with its day; hints to dates handed in."""
    settings, moment = settings_of(request), now(request)
    found = feeds_in.open_(session, settings, moment, access.cluster)
    told = feeds_in.hints(session, moment, settings, access.cluster)
    return {
        "found": [(each, _about(each.found, request)) for each in found],
        "told": [(each.id, _hint(each, request), not each.hint) for each in told],
    }


def _about(found: Found, request: Request) -> str:
    zone = settings_of(request).zone
    day, last = day_of(found.starts, zone), day_of(found.ends, zone)
    when = _day(found.starts, request)
    if day and last and last > day and not found.more_days:
        when = _("{first} bis {last}").format(first=_day(day, request), last=_day(last, request))
    return _(KINDS[found.kind]) + (f", {when}" if when else "")


def _hint(told: Hinted, request: Request) -> str:
    return _(_HINTS[told.hint]).format(
        title=told.found.title,
        day=_day(told.ours, request),
        moved_to=_day(told.found.starts, request),
    )


def _day(when: datetime | date | None, request: Request) -> str:
    return when_said(when, settings_of(request))


@router.post("/submit/{token}/found/{suggestion_id}")
def decide(request: Request, token: str, suggestion_id: int, sent: posted.Sent) -> Response:
    """Begin a draft with it, dismiss it for ever, or look at the date that it is about."""
    require_own_form(request)
    with acting(request) as act:
        access = clusters.by_link(act.session, token, act.now)
        where = _done(act, access, suggestion_id, sent)
    if where.startswith("/"):
        return RedirectResponse(where, 303)
    return RedirectResponse(f"/submit/{token}{where}", 303)


def _done(act: Act, access: Access, suggestion_id: int, sent: FormData) -> str:
    """Where to go on: another page, or what is asked of the one where one was."""
    match sent.get("do"):
        case "take":
            return _begun(act, access, suggestion_id)
        case "dismiss":
            feeds_in.dismiss(act, access.cluster, suggestion_id)
        case "seen":
            feeds_in.answer_hint(act, access.cluster, suggestion_id)
        case "look":
            it = feeds_in.answer_hint(act, access.cluster, suggestion_id)
            row = submissions.by_reference(act.session, it.reference)
            path = urlsplit(submissions.status_url(act, row)).path
            if it.moved_to is None:
                return path
            return f"{path}?{urlencode({'moved_to': it.moved_to.isoformat()})}#event_state"
        case _:
            raise NoSuchSuggestion
    return ""


def _begun(act: Act, access: Access, suggestion_id: int) -> str:
    """A draft with all that was found, as if it had been typed."""
    zone = act.settings.zone
    found = feeds_in.take(act, access.cluster, suggestion_id)
    (offer,) = filling.offers([found], zone, act.now.astimezone(zone).date())
    form = {"kind": found.kind.value, "language": act.settings.language, **contact(access)}
    typed = filling.filled(Typed(form, []), offer).typed
    kept = drafts.keep(act, access.contributor, drafts.new_key(), 0, posted.keepable(typed))
    return f"?draft={kept.key}"
