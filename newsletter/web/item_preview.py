"""An item before it is handed in, exactly as the newsletter would print it: by its renderer."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from newsletter import archive, clusters, rendering, submissions, templating
from newsletter.clusters import Access
from newsletter.content import Edition, IssueContent, Kind, Section
from newsletter.errors import Invalid, NotFound
from newsletter.issues import neutral
from newsletter.language import N_, _
from newsletter.models.draft import Draft
from newsletter.submissions import drafts
from newsletter.submissions.drafts import Kept
from newsletter.submissions.previewing import item_to_be

from . import posted, preview, reading, visitors
from .drafts import keep_or_raise, link_over
from .form_page import HEADINGS, POLICY, Shown, form_page, here
from .hints import hints
from .judged import judged
from .pages import looking, now, page, settings_of
from .posted import Upload
from .typed import Typed, in_order

router = APIRouter(include_in_schema=False)


class NoSuchDraft(NotFound):
    sentence = N_(
        "Diesen Entwurf gibt es nicht mehr: Er ist eingereicht, verworfen oder älter als ein"
        " halbes Jahr."
    )


@router.post("/submit/{token}/preview")
def ask(request: Request, token: str, sent: posted.Sent) -> Response:
    """Keep the form as a draft and show it as an item; or the form, if it is none yet."""
    access, typed, upload, lapsed = posted.opened(request, token, sent)
    if lapsed:
        return link_over(request, access, typed, upload, sent)
    _days, problems = judged(request, _lenient(request, typed), upload)
    kept: Kept | None = None
    try:
        kept = keep_or_raise(request, access, typed, upload, sent)
    except Invalid as wrong:
        problems = problems or list(wrong.problems)
    opened = visitors.carried(settings_of(request), sent, now(request))
    if kept is None or problems:
        shown = Shown(upload.picture, in_order(problems), draft=kept, more={"token": opened})
        return form_page(request, access, typed, shown)
    return RedirectResponse(f"/submit/{token}/preview/{kept.key}?form={opened}", 303)


def _lenient(request: Request, typed: Typed) -> Typed:
    """To look at it, nobody has to tick the rights, or where it shall appear."""
    slugs = list(settings_of(request).newsletters)
    return Typed({**typed.values, "rights_confirmed": "ja"}, typed.targets or slugs)


def _opened(request: Request, token: str, key: str) -> tuple[Access, Draft, Typed]:
    with looking(request) as session:
        access = clusters.by_link(session, token, now(request))
        row = drafts.find(session, access.contributor, key)
    if row is None or row.handed_in_sha256:
        raise NoSuchDraft
    return access, row, posted.kept(row.typed)


@router.get("/submit/{token}/preview/{key}")
def show(request: Request, token: str, key: str, form: str = "") -> Response:
    """The item in each newsletter it is meant for, as mail and as text; ``form`` says when its
    form was opened.
    """
    access, row, typed = _opened(request, token, key)
    settings = settings_of(request)
    slugs = [slug for slug in _lenient(request, typed).targets if slug in settings.newsletters]
    if not slugs or typed.values.get("kind") not in set(Kind):
        raise NoSuchDraft
    editions = {slug: _edition(request, access, typed, slug) for slug in slugs}
    answer = page(
        request,
        "submit_preview.html",
        cluster=access.cluster,
        here=here(request),
        draft=row,
        token=visitors.renewed(settings, form, now(request))[1],
        typed=typed,
        hints=hints(request, access, typed),
        heading=_(HEADINGS[Kind(typed.values["kind"])]),
        names={slug: settings.newsletter(slug).name for slug in editions},
        public=archive.shelves(settings),
        shown={slug: neutral.text_of(each) for slug, each in editions.items()},
    )
    answer.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return answer


@router.get("/submit/{token}/preview/{key}/{slug}")
def mail(request: Request, token: str, key: str, slug: str) -> Response:
    """The mail alone, for a frame that runs no script."""
    access, _row, typed = _opened(request, token, key)
    if slug not in settings_of(request).newsletters:
        raise NoSuchDraft
    edition = _edition(request, access, typed, slug)
    sheet = preview.Sheet(html=neutral.html_of(edition))
    return preview.as_mail(request, sheet, pictures_here=True)


@router.get("/submit/{token}/preview/{key}/{slug}/web")
def web(request: Request, token: str, key: str, slug: str) -> Response:
    """The archive's page of such an issue, as everybody would open it. Public newsletters only."""
    access, _row, typed = _opened(request, token, key)
    settings = settings_of(request)
    if slug not in archive.shelves(settings):
        raise NoSuchDraft
    edition = _edition(request, access, typed, slug)
    number = _number(request, slug)
    shown = archive.Shown(
        f"{slug}-{number}", slug, number, public=True, html=neutral.html_of(edition)
    )
    html = reading.in_frame(request, shown, settings.links.archive(slug, number))
    return preview.as_mail(request, preview.Sheet(html=html), pictures_here=True)


def _number(request: Request, slug: str) -> str:
    """Of the issue that would take the item."""
    with looking(request) as session:
        ahead = submissions.coming_issues(session, settings_of(request), now(request))
    return ahead[slug].taking.number


def _edition(request: Request, access: Access, typed: Typed, slug: str) -> Edition:
    """An issue with nothing in it but this item. NoSuchDraft if it is no item yet."""
    settings, moment = settings_of(request), now(request)
    picture = posted.kept_picture(request, access, typed.values.get("image_key", ""))
    days, problems = judged(request, _lenient(request, typed), Upload(picture))
    if problems:
        raise NoSuchDraft
    rules = submissions.rules_of(settings, moment, contributed=True)
    facts = submissions.understood(days[0], rules)
    today = moment.astimezone(settings.zone).date()
    item = item_to_be(facts, access.cluster, picture, settings, today)
    number = _number(request, slug)
    sections = settings.newsletter(slug).sections
    members = [each for each in sections if not each.sources]  # the others are the editors' own
    fitting = next((each for each in members if item.kind in each.kinds), sections[0])
    content = IssueContent(
        issue_id=f"{slug}-{number}",
        number=number,
        subject=item.title,
        preheader="",
        opening="",
        sections=(Section(fitting.key, fitting.title, (item,)),),
        masthead=settings.masthead(slug),
        language=settings.language,
    )
    return rendering.render(content, templating.folders(settings.home))
