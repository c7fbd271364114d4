"""Approval by link, as somebody in the ministry does it: a letter, a page, three buttons."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from newsletter import clusters, issues, pictures
from newsletter.issues import Answer
from newsletter.models.issue import IssueState
from tests.browser import site as sites
from tests.browser.chromium import too_wide, violations
from tests.browser.conftest import OpenPage
from tests.browser.hands import is_shown
from tests.browser.site import Site
from tests.desk_situations import fair, news
from tests.intake_situations import jpeg

ERIKA, EMAIL = "Dr. Erika Beispiel", "erika@ministerium.example"
MEMBERS = "go-cluster"
MAIL = 'iframe[title="Die Mail, wie sie ankommt"]'
LOOKS = pytest.mark.sqlite("how a page looks is no matter of the database")


@pytest.fixture(scope="module", name="site")
def site_with_an_approver(module_home: Path) -> Iterator[Site]:
    file = module_home / "newsletter.toml"
    erika = f'[[approvers]]\nname = "{ERIKA}"\nemail = "{EMAIL}"\n\n[approval]'
    text = file.read_text(encoding="utf-8").replace("\n[approval]", f"\n{erika}", 1)
    file.write_text(text, encoding="utf-8")
    with sites.opened(module_home) as it:
        yield it


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    """A members' issue with a picture, a date, and an item under an embargo."""
    desk = site.desk
    with desk.act() as act:
        cluster = clusters.get(act.session, "lichtwerk")
        image = pictures.keep(
            act, pictures.prepare(jpeg()), cluster_id=cluster.id, by="lichtwerk"
        ).key
    desk.accepted(news(image=image, image_alt="Drei Personen mit Urkunde", image_credit="K. B."))
    link = "https://lichtwerk.example/" + "lang/" * 30
    desk.accepted(fair(desk.clock() + timedelta(days=30), link=link))
    until = (desk.clock() + timedelta(days=10)).isoformat()
    dark = desk.accepted(news(title="Unter uns", targets=[MEMBERS], embargo_until=until))
    key = desk.filled(MEMBERS)
    desk.do(issues.add, key, [dark])
    return key


def asked(site: Site, key: str) -> str:
    """The address that the letter brings."""
    site.desk.do(issues.request, key, "geprüft", ERIKA)
    site.dispatch()
    return site.link_to(site.mail_to(EMAIL), "approval")


@LOOKS
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_is_good_for_everybody(
    open_page: OpenPage, site: Site, key: str, width: int
) -> None:
    page = open_page(viewport={"width": width, "height": 800})
    page.goto(asked(site, key))
    assert violations(page) == []
    assert too_wide(page) == []
    page.get_by_role("button", name="Das sollte geändert werden").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []

    page.get_by_text("Sätze selbst ändern").click()
    page.get_by_label("Begrüßung").fill("Guten Tag,\n\nviel Neues im Advent.")
    page.get_by_role("button", name="Neue Fassung ansehen").click()
    expect(page.frame_locator(MAIL).get_by_text("viel Neues im Advent")).to_be_visible()
    assert violations(page) == []
    assert too_wide(page) == []


@LOOKS
def test_the_mail_stands_there_as_it_arrives(page: Page, site: Site, key: str) -> None:
    page.goto(asked(site, key))
    mail = page.frame_locator(MAIL)
    expect(mail.get_by_role("heading", name="Unter uns")).to_be_visible()
    picture = mail.get_by_alt_text("Drei Personen mit Urkunde")
    picture.scroll_into_view_if_needed()
    assert is_shown(picture)
    heading = mail.get_by_role("heading", name="Unter uns")
    assert "Arial" in heading.evaluate("it => getComputedStyle(it).fontFamily")


@LOOKS
def test_on_paper_stand_the_text_and_the_items(page: Page, site: Site, key: str) -> None:
    page.goto(asked(site, key))
    page.emulate_media(media="print")
    expect(page.locator(".words").get_by_text("willkommen zur Ausgabe")).to_be_visible()
    expect(page.get_by_text("hier folgt der Text")).to_be_visible()
    expect(page.locator(MAIL)).to_be_hidden()
    expect(page.locator("form")).to_be_hidden()


def test_without_javascript_an_approver_says_what_should_change_and_then_yes(
    open_page: OpenPage, site: Site, key: str
) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page.goto(asked(site, key))
    page.get_by_label("Ihr Name").fill(ERIKA)
    page.get_by_label("Ihr Name").press("Enter")  # decides nothing
    expect(page.get_by_label("Ihr Name")).to_have_value(ERIKA)
    page.get_by_label("Kommentar").fill("Bitte kürzen.")
    page.get_by_role("button", name="Das sollte geändert werden").click()
    expect(page.get_by_role("heading", name="Ihre Antwort ist angekommen")).to_be_visible()
    assert site.desk.issue(key).state is IssueState.DRAFT

    link = asked(site, key)
    page.goto(link)
    page.get_by_text("Sätze selbst ändern").click()
    page.get_by_label("Betreff", exact=True).fill("Neues aus den Clustern im Advent")
    page.get_by_role("button", name="Neue Fassung ansehen").click()
    expect(page.get_by_role("heading", name="Die neue Fassung")).to_be_visible()
    expect(page.get_by_text("Neues aus den Clustern im Advent").first).to_be_visible()
    page.get_by_role("link", name="Meine Änderungen verwerfen").click()
    assert site.desk.issue(key).state is IssueState.IN_APPROVAL

    page.goto(link)
    assert "Änderungen gewünscht" in site.mail_to("redaktion@go-cluster.example")["Subject"]
    expect(page.get_by_text("Bitte kürzen.")).to_be_visible()
    page.get_by_label("Ihr Name").fill(ERIKA)
    page.get_by_role("button", name=re.compile("^Freigeben$")).click()
    expect(page.get_by_role("heading", name="Freigegeben")).to_be_visible()
    assert site.desk.issue(key).state is IssueState.APPROVED
    expect(page.locator("form")).to_have_count(0)


@pytest.mark.sqlite("how a page looks is no matter of the database")
def test_whatever_became_of_a_link_everybody_can_read_it(open_page: OpenPage, site: Site) -> None:
    page, desk = open_page(viewport={"width": 360, "height": 800}), site.desk
    reference = desk.accepted(news(title="Noch etwas"))
    key = desk.filled(MEMBERS)

    def reads(link: str, sentence: str) -> None:
        page.goto(link)
        expect(page.locator("main")).to_contain_text(sentence)
        assert violations(page) == [], sentence
        assert too_wide(page) == [], sentence

    pair = [key, desk.filled()]
    desk.do(issues.request_together, pair, "geprüft", [ERIKA])
    site.dispatch()
    reads(site.link_to(site.mail_to(EMAIL), "approval"), "Ihnen liegen 2 Ausgaben vor")
    desk.do(issues.cancel, pair[1])
    first, second = asked(site, key), asked(site, key)
    reads(first, "eine neuere Fassung")
    desk.do(issues.decide, token_of(second), Answer.CHANGES, ERIKA, "Bitte kürzen.")
    reads(second, "hat am")
    changed = asked(site, key)
    desk.do(issues.move, key, reference, section="programm")
    reads(changed, "wurde inzwischen geändert")
    late = asked(site, key)
    site.clock.forward(days=5)
    reads(late, "Die Frist ist am")
    used = asked(site, key)
    page.goto(used)
    page.get_by_label("Ihr Name").fill("Max Muster")
    page.get_by_label("Kommentar").fill("Ein Wort fehlt.")
    desk.do(issues.decide, token_of(used), Answer.APPROVE, ERIKA)
    page.get_by_role("button", name="Nicht freigeben").click()
    expect(page.locator("main")).to_contain_text("Ihr Kommentar wurde nicht gespeichert")
    expect(page.locator("main")).to_contain_text("Ein Wort fehlt.")
    assert violations(page) == []
    reads(used, "freigegeben")
    page.get_by_role("link", name="Freigabevermerk").click()
    expect(page.get_by_role("heading", name="Freigegeben von")).to_be_visible()
    reads(page.url, "Woher wir es wissen")
    desk.do(issues.cancel, key)
    reads(late, "Die Ausgabe wurde abgesagt")


def token_of(link: str) -> str:
    return link.rpartition("/")[2]
