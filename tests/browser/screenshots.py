"""``make screenshots``: the pictures of docs/looks.md, from the examples at a fixed date.

The same checkout, browser and fonts give the same bytes.
"""

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from newsletter import issues
from newsletter.issues import neutral
from newsletter.web import preview_link, preview_shots
from newsletter.web.preview import Sheet
from newsletter.web.preview_looks import LOOKS
from tests.archive_situations import stored
from tests.browser import chromium, hands, looks
from tests.browser.looks import MEMBERS, PUBLIC, Stage

FOLDER = Path(__file__).parent.parent.parent / "docs" / "looks"
LARGEST = 290_000  # bytes of a picture
_DESK, _PHONE = 1280, 360
_WHOLE = 8_000  # pixels of height, more than any page of ours has

Way = Callable[[Page, Stage], object]


@dataclass(frozen=True)
class Shot:
    """A picture: how to get there, and with what kind of browser."""

    name: str
    way: Way
    width: int = _DESK
    dark: bool = False
    images: bool = True
    most: int = _WHOLE


def at(path: Callable[[Stage], str]) -> Way:
    return lambda page, stage: page.goto(path(stage))


def mail(slug: str, *, styles: bool = True) -> Way:
    """An issue as a mail program shows it; without ``styles`` as GMX and WEB.DE do."""

    def go(page: Page, stage: Stage) -> None:
        html = stage.mail(slug)
        html = html if styles else re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
        page.route(f"{looks.BASE}/mail", lambda route: route.fulfill(body=html, content_type=HTML))
        page.goto("/mail")

    return go


def text_part(slug: str) -> Way:
    """Its text part, with a line after 76 columns, as the preview draws it."""

    def go(page: Page, stage: Stage) -> None:
        row = stored(stage.desk, stage.keys[slug])
        key = stage.desk.issue(stage.keys[slug]).read_key  # another one each time
        text = neutral.text_of(issues.as_edition(row)).replace(key, "x" * len(key))
        html = preview_shots.document(stage.settings, Sheet(text=text), LOOKS[-1])
        page.route(f"{looks.BASE}/mail", lambda route: route.fulfill(body=html, content_type=HTML))
        page.goto("/mail")

    return go


def preview(page: Page, stage: Stage) -> None:
    """The editors' preview, with all its looks at once."""
    url, __ = preview_link.link(stage.settings, stage.keys[PUBLIC], stage.clock())
    page.goto(f"{urlsplit(url).path}?view=all")


HTML = "text/html; charset=utf-8"


def form_with_errors(page: Page, stage: Stage) -> None:
    """A date with much in it, and two mistakes."""
    page.goto(f"{stage.form}?kind=date")
    hands.type_in(page, hands.DATE | {"Link": "www.lichtwerk example"})
    hands.moment(page, "Beginn", "2027-03-16", "09:30")
    page.get_by_label(hands.PUBLIC_NAME).check()
    hands.hand_in(page)
    expect(page.get_by_role("alert")).to_be_visible()


def _mails(slug: str) -> Iterator[Shot]:
    yield Shot(f"{slug}-600", mail(slug), 600)
    yield Shot(f"{slug}-600-dark", mail(slug), 600, dark=True, most=3_600)
    yield Shot(f"{slug}-360", mail(slug), _PHONE, most=2_400)
    yield Shot(f"{slug}-360-dark", mail(slug), _PHONE, dark=True, most=2_400)
    yield Shot(f"{slug}-320", mail(slug), 320, most=2_400)
    yield Shot(f"{slug}-600-no-styles", mail(slug, styles=False), 600, most=3_600)
    yield Shot(f"{slug}-600-no-images", mail(slug), 600, images=False, most=3_600)
    yield Shot(f"{slug}-text", text_part(slug), 640, most=3_600)


def _pages() -> Iterator[Shot]:
    places: dict[str, Way] = {
        "start": at(lambda _: "/"),
        "form-with-errors": form_with_errors,
        "status": at(lambda stage: stage.status),
        "approval": at(lambda stage: stage.approval),
        "archive": at(lambda _: f"/archive/{PUBLIC}/"),
        "archived-issue": at(lambda _: f"/archive/{PUBLIC}/2026-12"),
        "read-by-members": at(lambda stage: stage.read()),
        "sign-up": at(lambda _: "/subscribe"),
        "unsubscribe": at(lambda stage: stage.unsubscribe),
    }
    for name, way in places.items():
        most = 2_400 if name in {"archived-issue", "read-by-members"} else _WHOLE
        yield Shot(f"{name}-{_DESK}", way, most=most)
        yield Shot(f"{name}-{_PHONE}", way, _PHONE, most=most)
    yield Shot("form-with-errors-360-dark", form_with_errors, _PHONE, dark=True)
    yield Shot("approval-1280-dark", places["approval"], dark=True)
    yield Shot("preview-1280", preview)


SHOTS = (*_mails(PUBLIC), *_mails(MEMBERS), *_pages())


def taken(browser: Browser, stage: Stage, shot: Shot) -> bytes:
    """A picture as PNG."""
    options = {
        "viewport": {"width": shot.width, "height": 800},
        "color_scheme": "dark" if shot.dark else "light",
        "reduced_motion": "reduce",
    }
    with looks.visitor(browser, stage, images=shot.images, **options) as context:
        page = context.new_page()
        shot.way(page, stage)
        page.wait_for_load_state("networkidle")
        tall = min(page.evaluate("document.documentElement.scrollHeight"), shot.most)
        page.set_viewport_size({"width": shot.width, "height": tall})  # what is below is painted
        return page.screenshot(animations="disabled", caret="hide")


def small(png: bytes) -> bytes:
    """The same picture with as many colours as fit into ``LARGEST``."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        few = picture.quantize(colours, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= LARGEST:
            break
    return out.getvalue()


@contextmanager
def opened() -> Iterator[tuple[Browser, Stage]]:
    """The stage and a browser before it."""
    with (
        tempfile.TemporaryDirectory(prefix="looks-") as folder,
        looks.built(Path(folder) / "home") as stage,
        chromium.started() as browser,
    ):
        yield browser, stage


def main() -> None:
    """Take every picture anew."""
    FOLDER.mkdir(exist_ok=True)
    with opened() as (browser, stage):
        for shot in SHOTS:
            (FOLDER / f"{shot.name}.png").write_bytes(small(taken(browser, stage, shot)))


if __name__ == "__main__":
    main()
