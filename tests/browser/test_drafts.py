"""What was typed survives: a closed window, the back button, no network, a second tab."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete

from newsletter import clusters
from newsletter.models.submission import Trait
from tests.browser import hands
from tests.browser.chromium import violations
from tests.browser.conftest import OpenPage
from tests.browser.site import CONTACT, Site

pytestmark = pytest.mark.sqlite("what the database does with drafts, test_web_drafts tries")


@pytest.fixture(autouse=True)
def nothing_alike(site: Site) -> None:
    """The tests share a site and hand in the same: none is asked „Ist es dieser?“."""
    with site.engine.begin() as connection:
        connection.execute(delete(Trait))


def saved(page: Page) -> str:
    """Where the draft lies, as soon as the page says that it is kept."""
    expect(page.locator("#saved")).to_contain_text("Entwurf gesichert um")
    expect(page).to_have_url(re.compile(r"\?draft=[\w-]{22}$"))
    return page.url


def test_a_draft_is_kept_while_one_types_and_goes_on_wherever_one_opens_it(
    page: Page, open_page: OpenPage, site: Site
) -> None:
    page.goto(f"{site.form}?kind=date")
    hands.type_in(page, hands.DATE)
    hands.unfold(page)
    page.locator("#ends_on").fill("3.1.")  # counts from the beginning, whichever comes first
    hands.moment(page, "Beginn", "20.12.2035", "9.30")
    expect(page.locator("#ends_on-said")).to_have_text("Donnerstag, 3. Januar 2036")
    page.locator("#ends_on").fill("")
    hands.moment(page, "Beginn", "16.3.2027", "9.30")
    page.get_by_label(hands.PUBLIC_NAME).check()
    address = saved(page)
    with page.expect_response(lambda it: it.url.endswith("/draft")):
        page.get_by_label("Aktuell bis").fill("16.3.2027")

    # on another machine: behind the same link, without the address of the draft
    other = open_page(viewport={"width": 360, "height": 740})
    other.goto(site.form)
    other.get_by_role("link", name=hands.DATE["Titel"]).click()
    expect(hands.field(other, "Text")).to_have_value(hands.DATE["Text"])
    expect(other.get_by_label("Aktuell bis")).to_have_value("16.3.2027")  # and is unfolded
    expect(other.get_by_label(hands.PUBLIC_NAME)).to_be_checked()
    assert violations(other) == []

    # two windows: both go on, and neither overwrites the other
    hands.type_in(other, {"Kurztext": "Dort weitergeschrieben."})
    expect(other.locator("#saved")).to_contain_text("Entwurf gesichert um")
    hands.type_in(page, {"Kurztext": "Hier weitergeschrieben."})
    expect(page.locator("#saved")).to_contain_text("Beide sind gesichert")
    expect(page.get_by_role("status")).to_contain_text("Beide sind gesichert")
    assert page.url != address
    other.goto(site.form)
    expect(other.get_by_role("link", name=hands.DATE["Titel"])).to_have_count(2)
    assert violations(other) == []
    other.close()

    # sent while a save is under way: one window stays one draft
    def sent_meanwhile(route: Route) -> None:
        route.fetch()  # it is kept; the page has not heard of it yet
        hands.hand_in(page)

    page.route("**/draft", sent_meanwhile, times=1)
    hands.type_in(page, {"Kurztext": "Hier weitergeschrieben, und mehr."})
    expect(page.get_by_role("alert")).to_contain_text("Eine Angabe")
    page.goto(site.form)
    expect(page.get_by_role("link", name=hands.DATE["Titel"])).to_have_count(2)
    page.go_back()

    # away to another page and back
    page.get_by_role("link", name="Datenschutzerklärung").evaluate("it => it.href = '/submit'")
    page.get_by_role("link", name="Datenschutzerklärung").click()
    page.go_back()
    expect(hands.field(page, "Kurztext")).to_have_value("Hier weitergeschrieben, und mehr.")
    page.get_by_label(hands.RIGHTS).check()
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_contain_text("Vielen Dank")
    page.go_back()
    expect(page.get_by_role("status")).to_contain_text("schon eingereicht")
    assert violations(page) == []


def test_without_network_the_form_stays_and_is_sent_when_it_is_back(page: Page, site: Site) -> None:
    page.goto(f"{site.form}?kind=news")
    page.context.set_offline(True)
    hands.type_in(page, hands.NEWS)
    expect(page.get_by_role("status")).to_contain_text("Keine Verbindung")
    hands.agree(page)
    hands.hand_in(page)
    expect(hands.field(page, "Titel")).to_have_value(hands.NEWS["Titel"])
    page.context.set_offline(False)
    saved(page)
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_contain_text("Vielen Dank")


def test_a_link_that_expires_meanwhile_loses_nothing_without_javascript_either(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 360, "height": 740})
    with site.act() as act:
        path = clusters.link(act, "lichtwerk", CONTACT).removeprefix(site.address)
    page.goto(f"{path}?kind=news")
    hands.type_in(page, hands.NEWS | {"Titel": "Vor dem Ablauf begonnen"})
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_text("Das ist Ihr Entwurf")).to_be_visible()
    hands.agree(page)
    site.clock.forward(days=181)
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_contain_text("Nichts ist verloren")
    site.dispatch()
    page.goto(site.link_to(site.mail_to(CONTACT), "submit"))
    page.get_by_role("link", name="Vor dem Ablauf begonnen").click()
    expect(hands.field(page, "Text")).to_have_value(hands.NEWS["Text"])
    expect(page.get_by_label(hands.RIGHTS)).to_be_checked()
    hands.hand_in(page)
    expect(page.get_by_role("status")).to_contain_text("Vielen Dank")
