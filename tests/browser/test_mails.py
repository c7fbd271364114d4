"""The HTML of every mail, as a webmail program shows it: axe-core, by day and by night, 360 px."""

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from newsletter import queue, readers
from tests.browser import hands
from tests.browser.chromium import too_wide, violations
from tests.browser.site import CONTACT, PUBLIC, Site, html_of
from tests.rendering_situations import BASE, rendered, without_slots

MAIL = f"{BASE}/mail"
# A mail is shown inside a page that has its main part already; a second one would mislead.
PAGES_ONLY = ("landmark-one-main", "region")


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a mail; its pictures are there, anything else it would fetch is refused."""
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()

    def shown(html: str) -> Page:
        def answer(route: Route) -> None:
            if route.request.url == MAIL:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            elif "/media/" in route.request.url:
                route.fulfill(body=picture(), content_type="image/jpeg")
            else:
                route.abort()

        page.route("**/*", answer)
        page.goto(MAIL)
        return page

    yield shown
    context.close()


@pytest.mark.parametrize("slug", ["go-cluster", "clusterplattform"])
def test_everybody_can_read_an_issue(show: Callable[[str], Page], slug: str) -> None:
    page = show(without_slots(rendered(slug=slug).html))
    assert hands.is_shown(page.get_by_role("img", name="Drei Personen"))
    assert violations(page, PAGES_ONLY) == []
    assert too_wide(page) == []
    page.set_viewport_size({"width": 600, "height": 800})
    assert violations(page, PAGES_ONLY) == []
    assert too_wide(page) == []


@pytest.fixture(scope="module")
def letters(site: Site) -> dict[str, str]:
    """Letters as the mail server got them: name -> HTML."""
    site.add_reader("liest@leser.example")
    with site.act() as act:
        for email in ("neu@leser.example", "liest@leser.example"):
            readers.sign_up(act, PUBLIC, email, consented=True)
    site.dispatch()
    reference = site.desk.hand_in()
    site.dispatch()
    received = html_of(site.mail_to(CONTACT))
    site.desk.do(queue.decline, [reference], None, "Für diese Ausgabe leider zu speziell.")
    site.clock.forward(minutes=30)
    site.dispatch()
    return {
        "confirm": html_of(site.mail_to("neu@leser.example")),
        "already": html_of(site.mail_to("liest@leser.example")),
        "received": received,
        "declined": html_of(site.mail_to(CONTACT)),
    }


@pytest.mark.parametrize("name", ["confirm", "already", "received", "declined"])
def test_everybody_can_read_a_letter(
    show: Callable[[str], Page], letters: dict[str, str], name: str
) -> None:
    assert len(set(letters.values())) == len(letters)
    page = show(letters[name])
    assert violations(page, PAGES_ONLY) == []
    assert too_wide(page) == []
