"""The pages before and after the form: asking for a link, changing, withdrawing, calls."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from newsletter import clusters, feeds_in, queue
from newsletter.brought import Found
from newsletter.content import Kind
from newsletter.feeds_in.kept import as_kept
from newsletter.models.feed import Feed, Suggestion, SuggestionState
from newsletter.submissions import by_reference, status_url
from tests.browser.chromium import too_wide, violations
from tests.browser.conftest import OpenPage
from tests.browser.site import CONTACT, Site
from tests.desk_situations import fair, news
from tests.intake_situations import jpeg
from tests.test_objecting import edited

pytestmark = pytest.mark.sqlite("how a page looks is no matter of the database")

Way = Callable[[Page, Site], None]


def link_sent(page: Page, site: Site) -> None:
    page.goto("/submit")
    page.get_by_label("Ihre E-Mail-Adresse").fill(CONTACT)
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Link schicken").click()
    expect(page.get_by_role("status")).to_contain_text("ist Ihr persönlicher Link dorthin")


def access_with_errors(page: Page, site: Site) -> None:
    page.goto("/access")
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Zugang anfragen").click()
    expect(page.get_by_role("alert")).to_contain_text("3 Angaben")


def access_asked(page: Page, site: Site) -> None:
    page.goto("/access")
    page.get_by_label("Ihre E-Mail-Adresse").fill("neu@unbekannt.example")
    page.get_by_label("Ihr Name").fill("Bela Muster")
    page.get_by_label("Ihr Cluster").fill("Boje")
    site.clock.forward(seconds=20)
    page.get_by_role("button", name="Zugang anfragen").click()
    expect(page.get_by_role("status")).to_contain_text("angekommen")


def status_of(site: Site, reference: str) -> str:
    url = site.desk.do(lambda act: status_url(act, by_reference(act.session, reference)))
    return str(url).removeprefix(site.address)


def withdrawing_by_keyboard(page: Page, site: Site) -> None:
    page.goto(status_of(site, site.desk.hand_in(news(title="Zum Zurückziehen"))))
    page.get_by_text("Einreichung zurückziehen").first.focus()
    summary = page.locator("summary", has_text="Einreichung zurückziehen")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Einreichung zurückziehen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Ja, er soll nirgends mehr erscheinen.")).to_be_visible()


def cancelling(page: Page, site: Site) -> None:
    site.desk.cluster(slug="boje", name="Boje", contact_email="team@boje.example")
    reference = site.desk.hand_in(fair(site.clock(), title="Tag am Hafen"), "boje")
    page.goto(status_of(site, reference))
    page.locator("summary", has_text="absagen oder verschieben").click()
    page.get_by_label("Er ist abgesagt.").check()
    page.get_by_role("button", name="Der Redaktion melden").click()
    expect(page.get_by_role("status")).to_contain_text("Das ist vermerkt")


def calls(page: Page, site: Site) -> None:
    with site.act() as act:
        url = clusters.link(act, "lichtwerk", CONTACT)
    page.goto(url.removeprefix(site.address).replace("/submit/", "/calls/"))
    page.get_by_role("button", name="Keine Aufrufe mehr").click()
    expect(page.get_by_role("button", name="Wieder Aufrufe bekommen")).to_be_visible()


def everything_of_the_cluster(page: Page, site: Site) -> None:
    """By years, with what came a year ago, taken as a template."""
    site.desk.accepted(fair(site.clock() + timedelta(days=40), title="Lichttag 2027"))
    site.clock.forward(days=366)
    site.desk.hand_in(news(title="Ein Jahr später"))
    with site.act() as act:
        link = clusters.link(act, "lichtwerk", CONTACT).removeprefix(site.address)
    page.goto(link)
    page.get_by_role("link", name="Alles, was Ihr Cluster").click()
    expect(page.get_by_role("navigation", name="Jahre").get_by_role("link")).to_have_count(3)
    assert violations(page) == []
    page.get_by_role("link", name="Wieder? Lichttag 2027").click()
    expect(page.get_by_label("Titel")).to_have_value("Lichttag 2027")
    expect(page.get_by_text("Hier steht noch 2027.")).to_be_visible()


def what_its_feeds_say(page: Page, site: Site) -> None:
    """Something to begin with, and a date that the cluster's page has moved."""
    reference = site.desk.accepted(fair(site.clock() + timedelta(days=50), title="Lichtmesse"))
    day = (site.clock() + timedelta(days=51)).date()
    with site.act() as act:
        feeds_in.add(act, "lichtwerk", "https://www.lichtwerk.example/termine.ics")
        (feed,) = act.session.scalars(select(Feed)).all()
        for title, item in (("Maitage der Optik", None), ("Lichtmesse", int(reference[1:]))):
            found = Found(Kind.DATE, title, starts=day)
            row = Suggestion(
                feed_id=feed.id or 0,
                mark=title,
                likewise=title,
                state=SuggestionState.TAKEN if item else SuggestionState.OPEN,
                found=as_kept(found),
                last_day=day,
                first_seen_at=act.now,
                seen_at=act.now,
                submission_id=item,
            )
            act.session.add(row)
    page.goto(site.form)
    expect(page.get_by_role("button", name="Ins Formular")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Ansehen und verschieben").click()
    expect(page.get_by_label("Er ist verschoben.")).to_be_checked()


def an_editors_picture(page: Page, site: Site) -> None:
    reference = site.desk.hand_in(news(title="Noch ohne Bild"))
    now = site.clock()
    url, _made = site.desk.look(
        lambda act: queue.upload_link(act.session, site.settings, reference, "redaktion", now)
    )
    page.goto(url.removeprefix(site.address))
    page.get_by_role("button", name="Bild hochladen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.locator("#image").set_input_files(
        {"name": "bild.jpg", "mimeType": "image/jpeg", "buffer": jpeg()}
    )
    page.get_by_label("Bildbeschreibung").fill("Drei Personen halten eine Urkunde")
    page.get_by_label("Bildnachweis").fill("Kim Beispiel")
    page.get_by_role("button", name="Bild hochladen").click()
    expect(page.get_by_role("img")).to_be_visible()


def objecting(page: Page, site: Site) -> None:
    """An edited text before it appears; the wish for a change lies with the editors."""
    reference = site.desk.accepted(news(title="Zu lang geraten"))
    edited(site.desk, reference, title="Kurz und gut")
    site.desk.filled()
    page.goto(status_of(site, reference))
    expect(page.get_by_text("Das hat die Redaktion geändert")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("link", name="Einwand sagen").click()
    page.get_by_label("Titel").fill("")
    page.get_by_role("button").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Titel").fill("Zu kurz geraten")
    page.get_by_role("button").first.click()
    expect(page.get_by_role("status")).to_contain_text("liegt bei der Redaktion")


WAYS: dict[str, Way] = {
    "link sent": link_sent,
    "access with errors": access_with_errors,
    "access asked": access_asked,
    "withdrawing": withdrawing_by_keyboard,
    "cancelling": cancelling,
    "calls": calls,
    "what its feeds say": what_its_feeds_say,
    "an editor's picture": an_editors_picture,
    "objecting": objecting,
    "everything": everything_of_the_cluster,  # the last: a year goes by
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_everybody_can_use_this_page(open_page: OpenPage, site: Site, way: Way) -> None:
    """axe-core at 360 px; reflow at 320 px (WCAG 1.4.10)."""
    page = open_page(viewport={"width": 360, "height": 740})
    way(page, site)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert too_wide(page) == []
