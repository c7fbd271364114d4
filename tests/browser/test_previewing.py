"""An editor who looks at an issue while somebody works on it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect
from sqlalchemy import text

from tests.browser.chromium import violations
from tests.browser.site import Site
from tests.preview_situations import KEY, Served, own, served, with_picture

WIDE, NARROW = "Die Mail, 600 Pixel breit", "Die Mail, 360 Pixel breit"


pytestmark = pytest.mark.sqlite("how a page looks is no matter of the database")


@pytest.fixture(scope="module")
def preview(site: Site) -> Iterator[Served]:
    with_picture(site.desk)
    with served(site.settings, site.engine, site.clock) as it:
        yield it


@pytest.fixture
def look(browser: Browser, preview: Served) -> Iterator[Callable[..., Page]]:
    """``look("?dark=1", **options)``: the preview in a fresh browser."""
    pages: list[Page] = []

    def opened(query: str = "", **options: object) -> Page:
        given = {"viewport": {"width": 1280, "height": 900}, "locale": "de-DE", **options}
        page = browser.new_context(**given).new_page()  # type: ignore[arg-type]
        pages.append(page)
        page.goto(f"{preview.address}/{query}")
        return page

    yield opened
    for page in pages:
        page.context.close()


def mail(page: Page, title: str = WIDE) -> FrameLocator:
    return page.frame_locator(f'iframe[title="{title}"]:not(.coming)')


def ground(page: Page) -> str:
    colour = (
        mail(page).locator(".card").first.evaluate("it => getComputedStyle(it).backgroundColor")
    )
    return str(colour)


def retitle(site: Site, subject: str) -> None:
    with site.engine.begin() as connection:
        changed = "UPDATE issue SET subject = :subject WHERE id = :id"
        connection.execute(text(changed), {"subject": subject, "id": KEY})


def test_both_widths_stand_side_by_side_and_as_high_as_the_mail(
    look: Callable[..., Page],
) -> None:
    page = look()
    expect(mail(page, NARROW).get_by_text("Guten Tag Kim Beispiel,")).to_be_visible()
    sizes = "all => all.map(it => [it.clientWidth, it.clientHeight > 900])"
    page.wait_for_function(f"({sizes})([...document.querySelectorAll('iframe')])[1][1]")
    boxes = [page.get_by_title(title).bounding_box() for title in (WIDE, NARROW)]
    assert page.locator("iframe").evaluate_all(sizes) == [[600, True], [360, True]]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] == boxes[1]["y"]
    checks = page.get_by_role("heading", name="Prüfung").bounding_box()
    assert checks
    assert checks["x"] > boxes[1]["x"] + 360
    for width in (320, 360, 800, 1600):
        page.set_viewport_size({"width": width, "height": 800})
        wide = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        scrolls, shown = page.evaluate(wide)
        assert scrolls <= shown


def test_it_shows_a_change_by_itself_and_stays_where_one_reads(
    look: Callable[..., Page], site: Site
) -> None:
    page = look()
    expect(mail(page).get_by_text("Guten Tag")).to_be_visible()
    page.evaluate("scrollTo(0, 400)")
    retitle(site, "Ein Betreff von eben")
    for title in (WIDE, NARROW):
        expect(mail(page, title).get_by_role("article")).to_have_attribute(
            "aria-label", "Ein Betreff von eben"
        )
    expect(page.locator(".row.phone")).to_contain_text("Ein Betreff von eben")
    expect(page.get_by_role("status")).to_contain_text("Aktualisiert um")
    assert abs(page.evaluate("scrollY") - 400) < 5


def test_a_mistake_is_shown_and_goes_when_it_is_mended(
    look: Callable[..., Page], site: Site
) -> None:
    page = look()
    path = own(site.settings.home, "clusterplattform/issue.txt", "{{ nichts }}")
    expect(page.get_by_role("alert")).to_contain_text(f"{path}, Zeile 1: „nichts“ gibt es")
    expect(page.locator(".stage.stale iframe")).to_have_count(2)  # what was there last
    page.reload()
    assert violations(page) == []
    path.unlink()
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(mail(page).get_by_text("Guten Tag")).to_be_visible()


def test_switches_work_in_place_and_without_javascript(look: Callable[..., Page]) -> None:
    for options in ({}, {"java_script_enabled": False}):
        page = look(**options)
        light = ground(page)
        page.get_by_role("link", name="Dunkel").click()
        expect(page.get_by_role("link", name="Dunkel")).to_have_attribute("aria-current", "true")
        expect(mail(page).locator(".card").first).not_to_have_css("background-color", light)
        page.get_by_role("link", name="Ohne Bilder").click()
        expect(page.get_by_role("link", name="Ohne Bilder")).to_have_attribute(
            "aria-current", "true"
        )
        page.get_by_role("link", name="Text", exact=True).click()
        expect(page.get_by_text("Newsletter abbestellen:")).to_be_visible()
        page.get_by_role("link", name="Quelltext").click()
        expect(
            page.get_by_text("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        ).to_be_visible()
        expect(page.get_by_role("link", name="Neu laden")).to_be_attached()


def test_without_pictures_their_words_are_read(look: Callable[..., Page]) -> None:
    page = look("?bare=1")
    picture = mail(page).get_by_role("img").first
    expect(picture).to_have_attribute("alt", "Drei Personen halten eine Urkunde")
    assert picture.evaluate("it => it.naturalWidth") == 0
    shown = mail(look()).get_by_role("img").first
    shown.scroll_into_view_if_needed()
    assert shown.evaluate("it => it.naturalWidth") > 0


@pytest.mark.parametrize("query", ["", "?view=all", "?view=text", "?view=source"])
def test_everybody_can_use_the_preview(look: Callable[..., Page], query: str) -> None:
    for width in (1280, 360):
        page = look(query, viewport={"width": width, "height": 800})
        assert violations(page) == []
