"""A reader in the browser: signs up, confirms, leaves; and machines that open every link."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.hands import has_focus
from tests.browser.site import Site

JAVASCRIPT = pytest.mark.parametrize("javascript", [True, False], ids=["", "without JavaScript"])


def sign_up(page: Page, site: Site, email: str) -> None:
    """As a person does it: some seconds pass between looking and sending (WB-08)."""
    page.goto("/")
    page.get_by_role("link", name="Newsletter abonnieren").click()
    page.get_by_label("Ihre E-Mail-Adresse").fill(email)
    page.get_by_role("checkbox").check()
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("status")).to_contain_text("Postfach")
    site.dispatch()


@JAVASCRIPT
def test_somebody_signs_up_confirms_by_the_letter_and_is_active(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    email = f"neu{int(javascript)}@leser.example"
    sign_up(page, site, email)
    page.goto(site.link_to(site.mail_to(email), "confirm"))
    assert site.state_of(email) == "pending"
    page.get_by_role("button", name="Anmeldung bestätigen").click()
    expect(page.get_by_role("status")).to_contain_text("bestätigt")
    assert site.state_of(email) == "active"


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
def test_consent_is_never_ticked_beforehand_and_asked_for_at_its_field(
    page: Page, site: Site
) -> None:
    page.goto("/subscribe")
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_label("Ihre E-Mail-Adresse").fill("ada@@leser")
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Anmelden").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_visible()
    assert has_focus(summary)
    assert page.title().startswith("Fehler: ")
    expect(page.get_by_label("Ihre E-Mail-Adresse")).to_have_value("ada@@leser")
    for link in summary.get_by_role("link").all():
        link.click()
        assert has_focus(page.locator(str(link.get_attribute("href"))))


@JAVASCRIPT
def test_a_reader_leaves_with_one_button_of_the_issue_mail(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    email = f"geht{int(javascript)}@leser.example"
    site.add_reader(email)
    site.send_issue()
    page = open_page(java_script_enabled=javascript)
    page.goto(site.link_to(site.mail_to(email), "unsubscribe"))
    expect(page.locator("main")).not_to_contain_text(email)  # mails are forwarded
    page.get_by_role("button", name="Jetzt abbestellen").click()
    expect(page.get_by_role("status")).to_contain_text("abgemeldet")
    assert site.state_of(email) == "ended"


@pytest.mark.sqlite("the walks beside it try the other database")
def test_a_scanner_that_opens_every_link_of_a_mail_changes_nothing(page: Page, site: Site) -> None:
    """PR-03: with JavaScript, by GET and HEAD, one page after the other, to the end."""
    site.add_reader("ada@leser.example")
    sign_up(page, site, "wartet@leser.example")
    site.send_issue()
    people = ("ada@leser.example", "wartet@leser.example", "presse@lichtwerk.example")
    links = {link for who in people for link in site.links_in(site.mail_to(who))}
    pages = {link.removeprefix(site.address).split("/")[1] for link in links}
    assert pages >= {"confirm", "unsubscribe"}
    before = site.everything_stored()
    for link in sorted(links):
        page.context.request.head(link)
        page.goto(link, wait_until="load")
        page.wait_for_timeout(100)
    assert site.everything_stored() == before
    assert site.state_of("ada@leser.example") == "active"
    assert site.state_of("wartet@leser.example") == "pending"
    page.goto("/archive/clusterplattform/2026-12")
    page.emulate_media(media="print")  # on paper fields of colour leave no gap
    fields = page.locator(".issue td[bgcolor][height]")
    assert fields.count() > 10
    assert not any(each.is_visible() for each in fields.all())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
