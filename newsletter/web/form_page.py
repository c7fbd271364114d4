"""The form as a page: what was typed, what is wrong, what is ahead, and its one script."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import FileResponse, Response

from newsletter import brought, pictures, readers, rhythm, submissions
from newsletter.checks.item import LIMITS
from newsletter.clusters import Access
from newsletter.content import Kind
from newsletter.errors import Problem
from newsletter.language import N_, _, dated, weekday
from newsletter.models.cluster import Picture
from newsletter.settings import Settings
from newsletter.submissions import Coming, drafts
from newsletter.submissions.drafts import Kept
from newsletter.submissions.facts import BODY, BOX, TEASER, TITLE
from newsletter.submissions.spoken import issue_said

from .guards import HEADERS
from .own_twins import Question
from .pages import found, looking, now, page, settings_of
from .typed import ZONES, Typed

SEEN = "similar_seen"  # the field that says which likely twins were shown
KINDS = {
    Kind.NEWS: (
        N_("Meldung"),
        N_("Etwas Neues aus Ihrem Cluster oder von seinen Mitgliedern."),
    ),
    Kind.DATE: (N_("Termin"), N_("Eine Veranstaltung, vor Ort oder online.")),
    Kind.SUCCESS_STORY: (N_("Erfolgsgeschichte"), N_("Was durch das Cluster möglich wurde.")),
}
HEADINGS = {
    Kind.NEWS: N_("Meldung einreichen"),
    Kind.DATE: N_("Termin einreichen"),
    Kind.SUCCESS_STORY: N_("Erfolgsgeschichte einreichen"),
}
ZONE_WORDS = {
    "Europe/Berlin": N_("Deutschland (Berlin, auch Wien, Zürich, Brüssel, Paris)"),
    "Europe/London": N_("London, Dublin, Lissabon"),
    "Europe/Helsinki": N_("Helsinki, Athen, Kyjiw"),
    "Europe/Istanbul": N_("Istanbul"),
    "America/New_York": N_("New York"),
    "Asia/Tokyo": N_("Tokio"),
    "UTC": N_("Weltzeit (UTC)"),
}
# What is refused beyond; good and long are what the checks say.
_MOST = {"title": TITLE, "teaser": TEASER, "body": BODY}
COUNTED = {name: (good, long, _MOST.get(name, BOX)) for name, _name, good, long in LIMITS}
# What a page may say besides, and mostly does not.
_BESIDES: dict[str, Any] = {"said": "", "noted": {}, "brought": None, "brought_link": ""}
POLICY = f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows besides the fields as they were typed."""

    picture: Picture | None = None
    problems: Sequence[Problem] = ()
    asked: Question | None = None
    draft: Kept | None = None
    more: dict[str, Any] = field(default_factory=dict)
    wait: int = 0  # seconds until a quota has room again


def form_page(request: Request, access: Access, typed: Typed, shown: Shown) -> Response:
    """The form with everything that was typed: 422 with problems (429 where a quota
    is used up), 409 with a question.
    """
    settings = settings_of(request)
    kind = typed.values.get("kind", "")
    if kind not in set(Kind):
        kind = Kind.NEWS.value
    with looking(request) as session:
        ahead = submissions.coming_issues(session, settings, now(request))
    problems, asked, picture = shown.problems, shown.asked, shown.picture
    answer = page(
        request,
        "submit_form.html",
        429 if shown.wait else 422 if problems else 409 if asked else 200,
        cluster=access.cluster,
        here=here(request),
        asked=asked.twins if asked else (),
        seen=asked.seen if asked else typed.values.get(SEEN, ""),
        kind=kind,
        kinds=kinds(),
        kind_name=_(KINDS[Kind(kind)][0]),
        heading=_(HEADINGS[Kind(kind)]),
        typed=typed.values,
        targets=typed.targets,
        newsletters=settings.newsletters,
        deadlines={slug: deadline(each, settings) for slug, each in ahead.items()},
        missed={slug for slug, each in ahead.items() if each.missed},
        wishes=wishes(ahead),
        days={name: f"{weekday(day)}, {dated(day)}" for name, day in typed.days().items()},
        zones={name: _(ZONE_WORDS[name]) for name in ZONES},
        limits=COUNTED,
        largest={"image": pictures.LARGEST, "brought_file": brought.LARGEST_FILE},
        picture=picture,
        picture_path=path_of(settings, picture) if picture else "",
        problems=problems,
        wrong=_at_fields(problems),
        draft=shown.draft or Kept(drafts.new_key(), 0),
        **_BESIDES | {"token": fresh_token(request)} | shown.more,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    if shown.wait:
        answer.headers["Retry-After"] = str(shown.wait)
    return answer


def _at_fields(problems: Sequence[Problem]) -> dict[str, str]:
    """All that is wrong with a field, where it stands."""
    told: dict[str, list[str]] = {}
    for problem in problems:
        told.setdefault(problem.field, []).append(problem.message)
    return {name: " ".join(messages) for name, messages in told.items()}


def fresh_token(request: Request) -> str:
    """Says when a form was served."""
    return readers.form_token(settings_of(request), now(request))


def here(request: Request) -> str:
    """The path of the form, whatever page of it this is."""
    return f"/submit/{request.path_params['token']}"


def kinds() -> dict[str, tuple[str, str]]:
    """The kinds there are: name, and what it is."""
    return {kind.value: (_(name), _(about)) for kind, (name, about) in KINDS.items()}


def deadline(coming: Coming, settings: Settings) -> str:
    """„Redaktionsschluss war Freitag, 04.12.2026, 12:00 Uhr: vorgemerkt für …“"""
    taking = coming.taking
    facts = {
        "closes": rhythm.in_words((coming.missed or taking).closes, settings.zone),
        "issue": issue_said(taking.number),
        "leaves": _day(taking.leaves, settings),
    }
    said = _("{issue}: erscheint am {leaves}. Redaktionsschluss: {closes}.")
    if coming.missed:
        said = _(
            "Redaktionsschluss war {closes}: vorgemerkt für {issue}, sie erscheint am {leaves}."
        )
    return said.format(**facts)


def _day(moment: Any, settings: Settings) -> str:
    local = moment.astimezone(settings.zone)
    return f"{weekday(local)}, {dated(local)}"


def wishes(ahead: dict[str, Coming]) -> dict[str, str]:
    """The issues that one may wish for, of all newsletters: number and name."""
    numbers = {issue.number for coming in ahead.values() for issue in coming.issues}
    return {number: issue_said(number) for number in sorted(numbers)}


def path_of(settings: Settings, picture: Picture) -> str:
    """The picture's address on this very host, as the page's policy wants it."""
    ending = "png" if picture.media_type == "image/png" else "jpg"
    return urlsplit(settings.links.picture(picture.key, f"mail.{ending}")).path


def script(request: Request) -> Response:
    """The script of the form; without it everything works too."""
    return FileResponse(
        found(settings_of(request), "web/submit.js"),
        media_type="text/javascript; charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )
