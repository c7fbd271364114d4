"""What a browser sends with the form: the fields as typed, and a picture, kept at once."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from newsletter import clusters, pictures
from newsletter.clusters import Access
from newsletter.errors import Invalid, Problem, TooMany
from newsletter.models.cluster import Picture

from . import visitors
from .guards import PICTURE_LIMIT
from .pages import acting, looking, now, require_own_form, settings_of
from .typed import Typed

DRAFT, VERSION = "draft", "draft_version"  # the fields that name the form's draft
BROUGHT = ("brought", "brought_pick", "brought_link")  # and those that fill others
ENTER = "by_enter"  # the button that this key presses, in whatever field


async def read(request: Request) -> AsyncIterator[FormData]:
    """The form as it comes."""
    # A text beyond every limit comes in as well, so that its field can say so and keep it.
    async with request.form(max_files=2, max_fields=80, max_part_size=PICTURE_LIMIT) as form:
        yield form


def known(request: Request, token: str) -> None:
    """Whether a page of ours sends it, and the link is one of ours, or was: of a stranger nothing
    is read. FromElsewhere, UnknownLink, LinkOver.
    """
    require_own_form(request)
    with looking(request) as session:
        if clusters.lapsed(session, token, now(request)) is None:
            clusters.by_link(session, token, now(request))


async def sent(
    request: Request, _known: Annotated[None, Depends(known)]
) -> AsyncIterator[FormData]:
    """Read the form that comes with a personal link."""
    async for form in read(request):
        yield form


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture of this form: just taken in, or kept from a try before."""

    picture: Picture | None
    problems: tuple[Problem, ...] = ()


Sent = Annotated[FormData, Depends(sent)]


class Opened(NamedTuple):
    """A form as it came, and who stands behind its link.

    ``lapsed``: the link has merely expired; what they typed is theirs still.
    """

    access: Access
    typed: Typed
    upload: Upload
    lapsed: bool


def opened(request: Request, token: str, sent: FormData) -> Opened:
    """Read a form that one of our own pages sent; its picture is kept at once.

    FromElsewhere, UnknownLink, LinkOver.
    """
    with looking(request) as session:
        lapsed = clusters.lapsed(session, token, now(request))
        access = lapsed or clusters.by_link(session, token, now(request))
    today = now(request).astimezone(settings_of(request).zone).date()
    typed = fields(sent).with_years(today)
    return Opened(access, typed, picture(request, access, sent), lapsed is not None)


def fields(form: FormData) -> Typed:
    """What was typed, without what only names the draft."""
    besides = {DRAFT, VERSION, *BROUGHT, ENTER, *visitors.FIELDS, "targets"}
    values = {
        name: value
        for name, value in form.items()
        if isinstance(value, str) and name not in besides
    }
    return Typed(values, [each for each in form.getlist("targets") if isinstance(each, str)])


def keepable(typed: Typed, picture: Picture | None = None) -> dict[str, Any]:
    """The fields as a draft keeps them; ``kept`` reads them again."""
    values = {name: text for name, text in typed.values.items() if name != "image_remove"}
    if picture:
        values["image_key"] = picture.key
    elif "image_remove" in typed.values:
        values.pop("image_key", None)
    return {**values, "targets": list(typed.targets)}


def kept(typed: Mapping[str, Any]) -> Typed:
    """A draft's fields, to be shown again."""
    values = {name: it for name, it in typed.items() if isinstance(it, str)}
    return Typed(values, [str(each) for each in typed.get("targets", ())])


def draft_of(form: FormData) -> tuple[str, int]:
    """Key and version of the form's draft; no key at all is a key of nobody."""
    key, version = form.get(DRAFT), form.get(VERSION)
    counted = isinstance(version, str) and version.isascii() and version.isdecimal()
    return (key if isinstance(key, str) else ""), (int(str(version)[:9]) if counted else 0)


def picture(request: Request, access: Access, sent: FormData) -> Upload:
    """The picture that came with the form, kept at once, so that an error loses nothing; one
    that came earlier, if there is none or something is wrong with it.
    """
    file = sent.get("image")
    if not isinstance(file, UploadFile) or not file.filename:
        return Upload(_earlier(request, access, sent))
    try:
        return Upload(_taken_in(request, access, file))
    except Invalid as wrong:
        return Upload(_earlier(request, access, sent), wrong.problems)
    except TooMany as full:
        return Upload(_earlier(request, access, sent), (Problem("image", str(full)),))


def _taken_in(request: Request, access: Access, file: UploadFile) -> Picture:
    prepared = pictures.prepare(file.file.read(pictures.LARGEST + 1))
    by = access.contributor.email
    with acting(request) as act:
        return pictures.keep(act, prepared, cluster_id=access.cluster.id, by=by)


def _earlier(request: Request, access: Access, sent: FormData) -> Picture | None:
    key = sent.get("image_key")
    if not isinstance(key, str) or "image_remove" in sent:
        return None
    return kept_picture(request, access, key)


def kept_picture(request: Request, access: Access, key: str) -> Picture | None:
    """A picture of this cluster's that came earlier."""
    if not key:
        return None
    with looking(request) as session:
        return pictures.of_cluster(session, key, access.cluster.id)
