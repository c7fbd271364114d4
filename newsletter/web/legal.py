"""Imprint, privacy and accessibility: from the configuration, or as a home has written them.

``pages/privacy.md`` in a home stands for the whole text of that page; so do ``imprint.md`` and
``accessibility.md``.
"""

import re
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from newsletter import readers, rendering, texts
from newsletter.language import N_, _
from newsletter.submissions.drafts import LIFE

from .pages import below_title, page, settings_of

router = APIRouter(include_in_schema=False)

_TITLE = re.compile(r"# +(.+)")
_DEEPER = re.compile(r"^#(#+ )", re.MULTILINE)  # below a title of its own
_KEPT = {"Cache-Control": "public, max-age=300"}
_TITLES = {
    "imprint": N_("Impressum"),
    "privacy": N_("Datenschutzerklärung"),
    "accessibility": N_("Erklärung zur Barrierefreiheit"),
}


@router.get("/imprint")
@router.get("/impressum")
def imprint(request: Request) -> Response:
    """Who is responsible, newsletter by newsletter (DDG §5, MStV §18)."""
    settings = settings_of(request)
    imprints: dict[tuple[str, ...], list[str]] = {}
    for its in settings.newsletters.values():
        imprints.setdefault(its.imprint.plain().lines(), []).append(its.name)
    return _shown(request, "imprint", imprints=imprints)


@router.get("/privacy")
@router.get("/datenschutz")
def privacy(request: Request) -> Response:
    """What happens with people's data (Art. 13 DSGVO, LA-10)."""
    return _shown(
        request,
        "privacy",
        hours=int(readers.CONFIRM_WITHIN.total_seconds() // 3600),
        draft_days=LIFE.days,
    )


@router.get("/accessibility")
@router.get("/barrierefreiheit")
def accessibility(request: Request) -> Response:
    """How far everybody can use these pages, and whom to tell if not (BGG §12b, AX-02)."""
    return _shown(request, "accessibility", statement=settings_of(request).site.accessibility)


def _shown(request: Request, name: str, **facts: Any) -> Response:
    own = own_words(settings_of(request).home, name)
    if own is None:
        answer = page(request, f"{name}.html", day=rendering.day, **facts)
    else:
        title, words = own
        answer = page(request, "own_words.html", title=title or _(_TITLES[name]), words=words)
    answer.headers.update(_KEPT)
    return answer


def own_words(home: Path, name: str) -> tuple[str, Markup] | None:
    """The title ("": ours) and clean text of a home's own page; None if it has none."""
    try:
        raw = (home / "pages" / f"{name}.md").read_bytes()
    except OSError:
        return None
    text = _decoded(raw).strip()
    title, rest = "", text
    if found := _TITLE.match(text):
        title, rest = texts.line(found[1]), _DEEPER.sub(r"\1", text[found.end() :])
    return (title, below_title(rest)) if text else None


def _decoded(raw: bytes) -> str:
    """UTF-8, or what Windows writes otherwise: a law's page is better read than refused."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
