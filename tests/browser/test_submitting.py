"""A contributor at the form: with a mouse, with the keyboard alone, without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from newsletter import queue
from newsletter.models.draft import Draft
from newsletter.models.submission import Trait
from newsletter.submissions import by_reference
from newsletter.submissions.talk import talk_of
from tests.brought_situations import TAGUNG, ics
from tests.browser import chromium, hands
from tests.browser.conftest import OpenPage
from tests.browser.site import CONTACT, Site
from tests.intake_situations import jpeg


@pytest.fixture(autouse=True)
def nothing_alike(site: Site) -> None:
    """The tests share a site and hand in the same: none is asked „Ist es dieser?“, and none
    finds another's draft on its way.
    """
    with site.engine.begin() as connection:
        connection.execute(delete(Trait))
        connection.execute(delete(Draft))


def thanked(page: Page) -> str:
    """The reference on the status page that a contributor has come to."""
    expect(page.get_by_role("status")).to_contain_text("Vielen Dank")
    assert re.search(r"/s/[\w-]+\?new=1$", page.url)
    found = re.search(r"\bq\d+\b", page.title())
    assert found
    return found[0]


def test_news_with_a_picture_is_handed_in_and_its_status_can_be_seen_for_good(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(site.form)
    page.get_by_role("link", name="Meldung").click()
    hands.type_in(page, hands.NEWS)
    hands.add_picture(page, tmp_path)
    hands.agree(page)
    hands.hand_in(page)

    reference = thanked(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(hands.NEWS["Titel"])
    expect(page.get_by_role("heading", name="Stand:")).to_have_text("Stand: eingegangen")
    expect(page.get_by_role("listitem").filter(has_text="Betreuung")).to_be_visible()
    picture = page.get_by_role("img", name=hands.ALT)
    assert hands.is_shown(picture)

    site.dispatch()
    mail = site.mail_to(CONTACT)
    assert reference in str(mail["Subject"])
    page.goto(site.link_to(mail, "s"))
    expect(page.get_by_role("heading", level=1)).to_have_text(hands.NEWS["Titel"])
    expect(page.get_by_text("Vielen Dank")).to_have_count(0)


def test_a_question_comes_by_letter_and_is_answered_on_the_page_behind_its_link(
    page: Page, site: Site
) -> None:
    reference = site.desk.hand_in()
    site.desk.do(queue.ask, reference, "Wer ist auf dem Bild?\nUnd wer hat es gemacht?")
    site.dispatch()
    mail = site.mail_to(CONTACT)
    assert reference in str(mail["Subject"])
    page.goto(site.link_to(mail, "s"))
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "Stand: Die Redaktion hat eine Rückfrage"
    )
    expect(page.get_by_text("Und wer hat es gemacht?")).to_be_visible()
    page.get_by_label("Ihre Antwort").fill("Änne Muster.\nDas Bild ist von Kim Beispiel.")
    page.get_by_role("button", name="Antwort senden").click()
    expect(page.get_by_text("Das Bild ist von Kim Beispiel.")).to_be_visible()
    expect(page.get_by_role("button", name="Antwort senden")).to_have_count(0)
    expect(page.get_by_role("heading", name="Stand:")).to_have_text("Stand: in Prüfung")
    item = site.desk.look(lambda act: by_reference(act.session, reference))
    said = site.desk.look(lambda act: talk_of(act.session, item))
    assert [(each.by_editors, each.text.splitlines()[0]) for each in said] == [
        (True, "Wer ist auf dem Bild?"),
        (False, "Änne Muster."),
    ]


def test_a_date_is_handed_in_as_people_say_when_and_where(page: Page, site: Site) -> None:
    page.goto(site.form)
    page.get_by_role("link", name="Termin").click()
    hands.type_in(page, hands.DATE)
    hands.moment(page, "Beginn", "2027-03-16", "09:30")
    hands.moment(page, "Ende", "2027-03-17", "16:00")
    page.get_by_label("Man kann online teilnehmen").check()
    hands.agree(page)
    hands.hand_in(page)
    thanked(page)
    facts = page.locator("dl").nth(1)
    expect(facts).to_contain_text("Dienstag, 16.03.2027, 09:30 Uhr")
    expect(facts).to_contain_text("Alte Schleiferei, Musterhavel")


@pytest.mark.sqlite("the walks beside it try the other database")
def test_a_success_story_is_handed_in_without_javascript(
    open_page: OpenPage, site: Site, tmp_path: Path
) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(site.form)
    page.get_by_role("link", name="Erfolgsgeschichte").click()
    hands.type_in(page, hands.STORY)
    page.get_by_role("button", name="Entwurf speichern").click()
    expect(page.get_by_text("Das ist Ihr Entwurf")).to_be_visible()
    hands.add_picture(page, tmp_path)
    hands.agree(page)
    page.get_by_role("button", name="Vorschau").click()
    mail = page.frame_locator("iframe").first  # as the newsletter prints it
    expect(mail.get_by_text("Bruchquote von 2,7")).to_be_visible()
    expect(mail.get_by_role("img", name=hands.ALT)).to_be_visible()
    page.get_by_text("Als Text").first.click()
    expect(page.get_by_text("Glasbecher brechen.")).to_be_visible()
    page.get_by_role("link", name="Weiter bearbeiten").click()
    expect(hands.field(page, "Ergebnis")).to_have_value(hands.STORY["Ergebnis"])
    page.get_by_role("button", name="Vorschau").click()
    hands.hand_in(page)
    thanked(page)
    expect(page.get_by_text("Bruchquote von 2,7")).to_be_visible()


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
def test_a_calendar_file_fills_the_form_that_is_handed_in_by_enter_as_ever(
    page: Page, site: Site, tmp_path: Path
) -> None:
    maitage = "SUMMARY:Maitage\nDTSTART;VALUE=DATE:20270501"
    (tmp_path / "termine.ics").write_bytes(ics(TAGUNG, maitage))
    page.goto(site.form)
    page.get_by_text("Datei oder Link mitbringen").click()
    page.get_by_label("Link zu Ihrer Seite").fill("https://127.0.0.1/termine")
    page.get_by_role("button", name="Ins Formular übernehmen").click()
    expect(page.get_by_role("alert")).to_contain_text("Link mitbringen")
    assert chromium.violations(page) == []
    page.get_by_label("Link zu Ihrer Seite").fill("")
    page.get_by_label("oder eine Datei").set_input_files(tmp_path / "termine.ics")
    page.get_by_role("button", name="Ins Formular übernehmen").click()
    expect(page.get_by_role("alert")).to_contain_text("Welcher Beitrag soll es sein?")
    assert chromium.violations(page) == []
    page.get_by_role("button", name="Fachtagung").click()
    told = page.get_by_role("status").filter(has_text="Übernommen")
    assert hands.has_focus(told)
    assert chromium.violations(page) == []
    expect(hands.field(page, "Titel")).to_have_value("Fachtagung Licht, Messen")
    hands.agree(page)
    hands.field(page, "Titel").press("Enter")  # the button to bring along stands above it
    thanked(page)


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
@pytest.mark.parametrize("javascript", [True, False], ids=["", "without JavaScript"])
def test_errors_stand_on_top_and_at_their_fields_and_the_summary_has_the_focus(
    open_page: OpenPage, site: Site, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    page.goto(f"{site.form}?kind=date")
    hands.hand_in(page)
    summary = page.get_by_role("alert")
    expect(summary).to_be_visible()
    assert page.title().startswith("Fehler: ")
    assert hands.has_focus(summary)
    links = summary.get_by_role("link").all()
    assert len(links) >= 4
    for link in links:
        link.click()
        target = page.locator(str(link.get_attribute("href")))
        assert hands.has_focus(target), link.text_content()
        described = target.get_attribute("aria-describedby") or ""
        message = page.locator(f"#{described.split()[-1]}")
        expect(message).to_be_visible()
        assert message.inner_text().lstrip("⚠ ") in summary.inner_text()


@pytest.mark.sqlite("the walks beside it try the other database")
def test_nothing_that_was_typed_is_lost_when_something_is_wrong(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(f"{site.form}?kind=date")
    typed = hands.DATE | {"Link": "javascript:alert(1)", "Kurztext": "„<b>“ & \\ ‚x‘ {{ y }}"}
    hands.type_in(page, typed)
    hands.moment(page, "Beginn", "2027-03-16", "09:30")
    hands.unfold(page)
    hands.moment(page, "Vorher nirgends zeigen (Sperrfrist)", "2027-01-04", "")
    hands.add_picture(page, tmp_path)
    page.get_by_label(hands.PUBLIC_NAME).check()
    page.get_by_label("Man kann online teilnehmen").check()
    page.get_by_label("Sprache").select_option("en")
    hands.hand_in(page)

    expect(page.get_by_role("alert")).to_contain_text("2 Angaben")
    for label, text in typed.items():
        expect(hands.field(page, label)).to_have_value(text)
    begins = page.get_by_role("group", name="Beginn")
    expect(begins.get_by_label("Tag")).to_have_value("2027-03-16")
    expect(begins.get_by_label("Uhrzeit")).to_have_value("09:30")
    embargo = page.get_by_role("group", name="Vorher nirgends zeigen")
    expect(embargo.get_by_label("Tag")).to_have_value("2027-01-04")
    expect(page.get_by_label("Man kann online teilnehmen")).to_be_checked()
    expect(page.get_by_label(hands.PUBLIC_NAME)).to_be_checked()
    expect(page.get_by_label("Sprache")).to_have_value("en")
    expect(hands.field(page, "Bildbeschreibung")).to_have_value(hands.ALT)
    kept = page.get_by_role("img", name="Das Bild, das Sie hochgeladen haben")
    assert hands.is_shown(kept)

    hands.type_in(page, {"Link": hands.DATE["Link"]})
    page.get_by_label(hands.RIGHTS).check()
    hands.hand_in(page)
    thanked(page)
    expect(page.get_by_text(typed["Kurztext"])).to_be_visible()
    expect(page.get_by_role("img", name=hands.ALT)).to_be_visible()


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
def test_a_file_that_is_no_picture_is_refused_at_its_field(
    page: Page, site: Site, tmp_path: Path
) -> None:
    page.goto(f"{site.form}?kind=news")
    hands.type_in(page, hands.NEWS | {"Titel": "Nur ein Entwurf"})
    with (tmp_path / "Gross.jpg").open("wb") as large:
        large.truncate(12_300_000)
    page.locator("#image").set_input_files(tmp_path / "Gross.jpg")
    said = page.locator("#image-said")
    expect(said).to_contain_text("Diese Datei hat 12,3 MB; höchstens 10 MB gehen.")
    (tmp_path / "Urkunde.jpg").write_text("<svg onload='alert(1)'/>")
    page.locator("#image").set_input_files(tmp_path / "Urkunde.jpg")
    expect(said).to_be_hidden()
    hands.agree(page)
    hands.hand_in(page)
    summary = page.get_by_role("alert")
    expect(summary.get_by_role("link")).to_have_text(["Bild"])
    expect(page.locator("#image")).to_have_attribute("aria-invalid", "true")
    expect(hands.field(page, "Text")).to_have_value(hands.NEWS["Text"])
    # what was typed just before is sent, and not kept beside it as another window's
    page.goto(site.form)
    expect(page.get_by_role("link", name="Nur ein Entwurf")).to_have_count(1)


def tab_to(page: Page, id_: str, part: str = "") -> None:
    """Tab until the field has the focus, or this ``part`` of what is called so; wherever it
    rests on the way, one can see it.
    """
    goal = f"{part} of {id_}" if part else id_
    for _ in range(30):
        page.keyboard.press("Tab")
        here, style, width = page.evaluate(
            "(it => [it.tagName === 'SUMMARY' ? `summary of ${it.parentElement.id}` : it.id,"
            " getComputedStyle(it).outlineStyle,"
            " parseFloat(getComputedStyle(it).outlineWidth)])(document.activeElement)"
        )
        assert style != "none", here
        assert width >= 2, here
        if here == goal:
            return
    pytest.fail(f"Tab does not lead to {goal}")


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
def test_the_keyboard_alone_is_enough_to_hand_in(page: Page, site: Site, tmp_path: Path) -> None:
    keys = page.keyboard
    (tmp_path / "bild.jpg").write_bytes(jpeg(600, 400))
    page.on("filechooser", lambda chooser: chooser.set_files(tmp_path / "bild.jpg"))
    page.goto(site.form)
    keys.press("Tab")
    keys.press("Enter")  # „Zum Inhalt“
    keys.press("Tab")
    keys.press("Enter")  # „Meldung“
    page.wait_for_url("**kind=news")
    tab_to(page, "title")
    keys.type(hands.NEWS["Titel"])
    tab_to(page, "teaser")
    keys.type("Kurz.\nMit zwei Zeilen.")
    tab_to(page, "link")
    keys.type(hands.NEWS["Link"])
    tab_to(page, "bild", "summary")
    keys.press("Enter")
    tab_to(page, "image")
    keys.press("Enter")
    expect(page.locator("#image")).to_have_value(re.compile("bild.jpg"))
    tab_to(page, "image_alt")
    keys.type(hands.ALT)
    tab_to(page, "image_credit")
    keys.type(hands.CREDIT)
    tab_to(page, "target-go-cluster")
    keys.press("Space")
    tab_to(page, "wann", "summary")
    keys.press("Enter")
    tab_to(page, "embargo_on")
    keys.type("3.3.27")
    expect(page.locator("#embargo_on-said")).to_have_text("Mittwoch, 3. März 2027")
    tab_to(page, "rights_confirmed")
    keys.press("Space")
    keys.press("Enter")  # as everybody sends a form
    page.wait_for_url("**/s/**")
    thanked(page)
    expect(page.get_by_text("03.03.2027")).to_be_visible()
    expect(page.get_by_role("img", name=hands.ALT)).to_be_visible()


def test_a_reloaded_status_page_hands_nothing_in_twice(page: Page, site: Site) -> None:
    page.goto(f"{site.form}?kind=news")
    hands.type_in(page, hands.NEWS)
    hands.agree(page)
    hands.hand_in(page)
    thanked(page)
    before = site.everything_stored()
    page.reload()
    page.go_back()
    page.go_forward()
    assert site.everything_stored() == before


WORD = (
    "<p class=MsoNormal style='mso-fareast-language:DE'>Das <b>Labor</b> ist offen.<o:p></o:p></p>"
    "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>"
    "<span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>halbtags</p>"
)


@pytest.mark.sqlite("what a page does before it sends is no matter of the database")
def test_what_is_pasted_from_word_keeps_list_and_bold(page: Page, site: Site) -> None:
    page.goto(f"{site.form}?kind=news")
    field = page.locator("#body")
    field.fill("Vorher. Nachher.")
    field.evaluate(
        """(field, html) => {
            field.setSelectionRange(8, 8);
            const brought = new DataTransfer();
            brought.setData("text/html", html);
            brought.setData("text/plain", "Das Labor");
            const facts = { clipboardData: brought, cancelable: true };
            field.dispatchEvent(new ClipboardEvent("paste", facts));
        }""",
        WORD,
    )
    expect(field).to_have_value("Vorher. Das **Labor** ist offen.\n\n- halbtagsNachher.")
