"""Every page: 0 findings of axe-core by day and by night, nothing to scroll sideways for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, create_engine

from newsletter import clusters, issues, queue, readers, report, submissions
from newsletter.content import Audience
from newsletter.history import Act
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.archive_situations import gone_out
from tests.browser import hands
from tests.browser.chromium import too_wide, violations
from tests.browser.conftest import OpenPage
from tests.browser.site import CONTACT, PUBLIC, Site
from tests.desk_situations import fair
from tests.report_situations import quarter

pytestmark = pytest.mark.sqlite("how a page looks is no matter of the database")

Way = Callable[[Page, Site], object]


def at(path: str) -> Way:
    return lambda page, site: page.goto(path)


def form(kind: str) -> Way:
    """With all that is folded away opened: nobody looks into what is not."""

    def go(page: Page, site: Site) -> None:
        page.goto(f"{site.form}?kind={kind}")
        hands.unfold(page)

    return go


def form_with_errors(kind: str) -> Way:
    def go(page: Page, site: Site) -> None:
        page.goto(f"{site.form}?kind={kind}")
        hands.hand_in(page)
        expect(page.get_by_role("alert")).to_be_visible()

    return go


def form_with_kept_picture(page: Page, site: Site) -> None:
    page.goto(f"{site.form}?kind=news")
    hands.add_picture(page, site.settings.home, described=False)
    hands.hand_in(page)
    expect(page.get_by_role("img")).to_be_visible()


def likely_twin(page: Page, site: Site) -> None:
    long = {"Titel": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtinnen"}
    for _ in range(2):
        page.goto(f"{site.form}?kind=news")
        hands.type_in(page, hands.NEWS | long)
        hands.agree(page)
        hands.hand_in(page)
    expect(page.get_by_role("alert")).to_contain_text("Ist es dieser?")


def status(page: Page, site: Site) -> None:
    page.goto(f"{site.form}?kind=success_story")
    long = {"Titel": "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte"}
    hands.type_in(page, hands.STORY | long | {"Link": "https://lichtwerk.example/" + "lang/" * 30})
    hands.add_picture(page, site.settings.home)
    hands.agree(page)
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_be_visible()


def item_previewed(page: Page, site: Site) -> None:
    """With a hint above it: its registration is over too soon."""
    page.goto(f"{site.form}?kind=date")
    hands.type_in(page, hands.DATE)
    hands.moment(page, "Beginn", f"{site.clock() + timedelta(days=2):%d.%m.%Y}", "")
    page.get_by_label(hands.PUBLIC_NAME).check()
    page.get_by_role("button", name="Vorschau").click()
    expect(page.get_by_role("heading", name="Kommt das rechtzeitig?")).to_be_visible()


def expired_link(page: Page, site: Site) -> None:
    with site.act() as act:
        path = clusters.link(act, "lichtwerk", CONTACT).removeprefix(site.address)
    page.goto(f"{path}?kind=news")
    site.clock.forward(days=181)
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_contain_text("Nichts ist verloren")
    site.clock.forward(days=-181)  # the tests share a site


def sign_up(page: Page, site: Site, email: str = "wartet@leser.example") -> None:
    page.goto("/subscribe")
    page.get_by_label("Ihre E-Mail-Adresse").fill(email)
    page.get_by_role("checkbox").check()
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("status")).to_be_visible()


def sign_up_with_errors(page: Page, site: Site) -> None:
    page.goto("/subscribe")
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_be_visible()


def confirm(page: Page, site: Site) -> None:
    sign_up(page, site, "bald@leser.example")
    site.dispatch()
    page.goto(site.link_to(site.mail_to("bald@leser.example"), "confirm"))


def confirmed(page: Page, site: Site) -> None:
    sign_up(page, site, "gleich@leser.example")
    site.dispatch()
    page.goto(site.link_to(site.mail_to("gleich@leser.example"), "confirm"))
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_visible()


def confirmed_too_late(page: Page, site: Site) -> None:
    sign_up(page, site, "spaet@leser.example")
    site.dispatch()
    link = site.link_to(site.mail_to("spaet@leser.example"), "confirm")
    site.clock.forward(hours=50)
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("gilt nicht mehr")


def unsubscribe(page: Page, site: Site) -> None:
    email = f"leser{len(site.inbox.messages)}@leser.example"
    site.add_reader(email)
    with site.act() as act:
        person = readers.known(act, email)
        url = readers.unsubscribe_url(site.settings, person.public_id, PUBLIC)
    page.goto(url)


def unsubscribed(page: Page, site: Site) -> None:
    unsubscribe(page, site)
    page.get_by_role("button").click()
    expect(page.get_by_role("status")).to_be_visible()


def preferences_with_errors(page: Page, site: Site) -> None:
    """All there is on it: what was saved before, what is wrong now, and the ways out."""
    email = f"waehlt{len(site.inbox.messages)}@leser.example"
    site.add_reader(email)
    with site.act() as act:
        person = readers.known(act, email)
        url = readers.preferences_url(site.settings, person.public_id, act.now)
    page.goto(url)
    page.get_by_label("nur Termine").check()
    page.get_by_label("Pause machen").select_option("3")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_contain_text("nur Termine")
    page.get_by_label("Ihr Name").fill("Donaudampfschifffahrtselektrizitätenhauptbetriebs" * 5)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("alert")).to_be_visible()


def archive(page: Page, site: Site) -> None:
    site.send_issue()
    page.goto(f"/archive/{PUBLIC}/")


def calendar_and_feeds(page: Page, site: Site) -> None:
    page.goto(f"/archive/{PUBLIC}/calendar")
    page.get_by_role("heading", name="Nur aus einem Land").click()
    expect(page.get_by_role("link", name="Termine aus Thüringen abonnieren")).to_be_visible()


def archived_issue(page: Page, site: Site) -> None:
    """With a note at its item."""
    archive(page, site)
    page.locator("main .issues").get_by_role("link").first.click()
    item = page.get_by_role("heading", name=hands.NEWS["Titel"])
    note = "Der Ort heißt Musterhavel, nicht Musterhafen."
    site.desk.do(issues.annotate, item.get_attribute("id"), note)
    page.reload()
    expect(page.get_by_role("note")).to_contain_text(note)


def item_of_its_own(page: Page, site: Site) -> None:
    """With a note at it, and schema.org data that our policy lets stand."""
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    archived_issue(page, site)
    reference = page.get_by_role("heading", name=hands.NEWS["Titel"]).get_attribute("id")
    page.goto(f"/archive/{PUBLIC}/items/{reference}")
    expect(page.get_by_role("note")).to_be_visible()
    assert page.locator("script[type='application/ld+json']").count() == 1
    assert complaints == []


def found(page: Page, site: Site) -> None:
    archive(page, site)
    page.get_by_label("In allen Beiträgen suchen").fill("lichtwerk")
    page.get_by_role("button", name="Suchen").click()
    expect(page.locator("mark").first).to_be_visible()


def dates_ahead(page: Page, site: Site) -> None:
    site.desk.do(queue.publish, site.desk.accepted(fair(site.clock() + timedelta(days=60))))
    page.goto(f"/archive/{PUBLIC}/dates")
    expect(page.get_by_role("link", name="In den Kalender").first).to_be_visible()


def read_by_members(page: Page, site: Site) -> None:
    """The members' view; a wide screen shows more of the frame."""
    number = f"2027-{len(site.everything_stored()['issue']) + 1:02}"
    key = gone_out(site.desk, "go-cluster", number)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"/read/{site.desk.issue(key).read_key}")
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})


def status_link(site: Site, reference: str) -> str:
    def make(act: Act) -> str:
        return submissions.status_url(act, submissions.by_reference(act.session, reference))

    return str(site.desk.do(make))


def question(page: Page, site: Site) -> None:
    reference = site.desk.hand_in()
    site.desk.do(queue.ask, reference, "Dürfen wir das Bild zeigen?")
    page.goto(status_link(site, reference))
    page.get_by_role("button", name="Antwort senden").click()
    expect(page.get_by_role("alert")).to_be_visible()


def answer_too_late(page: Page, site: Site) -> None:
    reference = site.desk.hand_in()
    site.desk.do(queue.ask, reference, "Dürfen wir das Bild zeigen?")
    page.goto(status_link(site, reference))
    page.get_by_label("Ihre Antwort").fill("Ja, gern.")
    site.desk.accept(reference)
    page.get_by_role("button", name="Antwort senden").click()
    expect(page.get_by_role("alert")).to_contain_text("Ja, gern.")


def cancelled_date(page: Page, site: Site) -> None:
    reference = site.desk.accepted(fair(site.clock() + timedelta(days=60)))
    site.desk.do(queue.publish, reference)
    site.desk.do(queue.cancel_date, reference)
    page.goto(status_link(site, reference))
    expect(page.get_by_text("Dieser Termin ist abgesagt.")).to_be_visible()


def withdrawn(page: Page, site: Site) -> None:
    reference = site.desk.accepted()
    site.desk.do(queue.withdraw, reference, "Doppelt.")
    page.goto(status_link(site, reference))
    expect(page.get_by_role("heading", name="Stand: zurückgezogen")).to_be_visible()


def answered_by(settings: Settings, engine: Engine, path: str) -> Way:
    """A page of another application than the one that is served."""

    def go(page: Page, site: Site) -> None:
        app = create_app(settings, engine, site.clock)
        with ThreadPoolExecutor(1) as thread:  # a loop of Playwright's runs in this one
            answers = {
                each: thread.submit(asked, app, site.address, each).result(30)
                for each in (path, "/static/style.css")
            }
        page.route(
            lambda url: url.partition("?")[0].removeprefix(site.address) in answers,
            lambda route: route.fulfill(
                **answers[route.request.url.partition("?")[0].removeprefix(site.address)]
            ),
        )
        page.goto(path)

    return go


def asked(app: FastAPI, address: str, path: str) -> dict[str, Any]:
    with TestClient(app, base_url=address, raise_server_exceptions=False) as client:
        answer = client.get(path)
    kind = answer.headers["content-type"]
    return {"status": answer.status_code, "content_type": kind, "body": answer.text}


def two_archives(page: Page, site: Site) -> None:
    its = site.settings.newsletters
    both = {slug: it.model_copy(update={"audience": Audience.PUBLIC}) for slug, it in its.items()}
    settings = site.settings.model_copy(update={"newsletters": both})
    answered_by(settings, site.engine, "/archive/")(page, site)
    expect(page.locator("main").get_by_role("link")).to_have_count(2)


def database_away(page: Page, site: Site) -> None:
    nowhere = create_engine("sqlite:////nowhere/at/all.db")
    answered_by(site.settings, nowhere, f"/archive/{PUBLIC}/")(page, site)
    expect(page.get_by_role("heading", level=1)).to_have_text("Gerade nicht erreichbar")
    nowhere.dispose()


def ministrys_report(page: Page, site: Site) -> None:
    page.set_content(report.page(quarter(), site.settings))


PLACES: dict[str, Way] = {
    "start": at("/"),
    "how to hand in": at("/submit"),
    "choose a kind": lambda page, site: page.goto(site.form),
    "news": form("news"),
    "date": form("date"),
    "story": form("success_story"),
    "news with errors": form_with_errors("news"),
    "date with errors": form_with_errors("date"),
    "story with errors": form_with_errors("success_story"),
    "news with a kept picture": form_with_kept_picture,
    "a likely twin": likely_twin,
    "status": status,
    "an item previewed": item_previewed,
    "an expired link": expired_link,
    "sign-up": at("/subscribe"),
    "sign-up with errors": sign_up_with_errors,
    "signed up": sign_up,
    "confirm": confirm,
    "confirmed": confirmed,
    "confirmed too late": confirmed_too_late,
    "unsubscribe": unsubscribe,
    "unsubscribed": unsubscribed,
    "preferences with errors": preferences_with_errors,
    "archive": archive,
    "calendar and feeds": calendar_and_feeds,
    "archived issue": archived_issue,
    "an item of its own": item_of_its_own,
    "found": found,
    "nothing to be found": at(f"/archive/{PUBLIC}/search?q={'x' * 300}&land=Atlantis"),
    "dates ahead": dates_ahead,
    "privacy": at("/privacy"),
    "accessibility": at("/accessibility"),
    "read by members": read_by_members,
    "two archives": two_archives,
    "a question": question,
    "an answer too late": answer_too_late,
    "a cancelled date": cancelled_date,
    "a withdrawn item": withdrawn,
    "database away": database_away,
    "the ministry's report": ministrys_report,
    "no such page": at("/gibt-es-nicht"),
    "no such form": at("/submit/gibt-es-nicht"),
    "broken link": at("/confirm/abgeschnitten"),
}


@pytest.mark.parametrize("way", PLACES.values(), ids=PLACES.keys())
def test_everybody_can_use_this_page(open_page: OpenPage, site: Site, way: Way) -> None:
    """axe-core at 360 px; reflow at 320 px (WCAG 1.4.10); text at 200 % (1.4.4)."""
    page = open_page(viewport={"width": 360, "height": 740})
    way(page, site)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(page) == []
    # 200 % on a laptop's screen of 1,280 px leaves 640; then a reader who doubles only the letters
    page.set_viewport_size({"width": 640, "height": 400})
    assert too_wide(page) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert too_wide(page) == []


def test_the_browser_would_find_what_is_wrong(open_page: OpenPage, site: Site) -> None:
    """That the tests above can fail: a page with four mistakes."""
    page = open_page(viewport={"width": 360, "height": 740})
    page.goto("/subscribe")
    page.evaluate(
        """() => {
          document.querySelector('label[for=email]').remove();
          document.querySelector('h1').style.color = '#999';
          document.querySelector('.lead').style.color = '#444';
          document.querySelector('h1').style.width = '400px';
        }"""
    )
    found = " ".join(violations(page))
    assert "light: label:" in found
    assert "light: color-contrast: <h1" in found
    assert "dark: color-contrast: <p" in found
    assert any("<h1" in each for each in too_wide(page))
