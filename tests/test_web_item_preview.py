"""Before handing in: the item as the newsletter prints it, and what to think of."""

import html
from datetime import datetime

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter.models.draft import Draft
from newsletter.models.submission import StatusLink, Submission
from tests.conftest import Clock
from tests.intake_situations import jpeg
from tests.test_web_drafts import JSON, begun, browser, links
from tests.test_web_submit import BERLIN, TYPED, stored

__all__ = ["browser", "links"]  # fixtures
HALF = {name: text for name, text in TYPED.items() if name not in {"rights_confirmed", "targets"}}


def test_an_item_is_shown_as_mail_and_text_before_anything_is_handed_in(
    browser: TestClient, links: tuple[str, str], engine: Engine
) -> None:
    link, theirs = links
    photo = {"image": ("b.jpg", jpeg(), "image/jpeg")}
    there = browser.post(f"{link}/preview", data=HALF | begun(browser, link), files=photo)
    assert there.status_code == 303
    path = there.headers["location"].partition("?")[0]
    page = html.unescape(browser.get(path).text)
    assert "Weiter bearbeiten" in page
    assert "Dienstag, 16. März 2027, 9:30 Uhr" in page  # the text part
    assert TYPED["title"] in page
    for slug in ("go-cluster", "clusterplattform"):  # nobody has said which
        mail = browser.get(f"{path}/{slug}")
        assert "sandbox" in mail.headers["content-security-policy"]
        shown = html.unescape(mail.text).replace("\xa0", " ")
        assert TYPED["teaser"] in shown
        assert "Lichtwerk Havelbogen e. V." in shown
        assert 'src="/media/' in shown
    web = browser.get(f"{path}/clusterplattform/web")
    assert "sandbox" in web.headers["content-security-policy"]
    assert TYPED["teaser"] in html.unescape(web.text)
    assert "Alle Ausgaben" in web.text
    assert browser.get(f"{path}/go-cluster/web").status_code == 404  # members' has no archive
    assert stored(engine, Submission) == 0
    assert browser.get(path.replace(link, theirs)).status_code == 404  # another's draft
    assert browser.get(f"{path}/gibt-es-nicht").status_code == 404
    # a member's news stands where members' news stand, not among the programme's own
    news = {"kind": "news", "title": "Neues Labor", "teaser": "Im Mai."} | begun(browser, link)
    there = browser.post(f"{link}/preview", data=news).headers["location"]
    shown = browser.get(f"{there.partition('?')[0]}/go-cluster").text
    assert ("Aus den Clustern" in shown, "Aus dem Programm" in shown) == (True, False)
    # a draft that no form of ours makes is none to be shown
    for made_up in ({"kind": "", "targets": "gibt-es-nicht"}, {"kind": "x"}, {"targets": "x"}):
        kept = browser.post(
            f"{link}/draft", data=news | made_up | begun(browser, link), headers=JSON
        )
        assert browser.get(f"{link}/preview/{kept.json()['draft']}").status_code == 404
    # what is no item yet is the form again, kept all the same
    wrong = browser.post(f"{link}/preview", data=HALF | begun(browser, link) | {"title": ""})
    assert (wrong.status_code, stored(engine, Draft)) == (422, 6)
    assert 'id="title-wrong"' in wrong.text
    assert 'id="rights_confirmed-wrong"' not in wrong.text


@pytest.mark.sqlite("what is alike, and how it is found, test_twins tries")
def test_while_one_types_likely_twins_and_issues_that_come_too_late_are_named(
    browser: TestClient, links: tuple[str, str], engine: Engine, clock: Clock
) -> None:
    link, theirs = links
    browser.post(link, data=TYPED)
    clock.moment = datetime(2026, 12, 8, 9, tzinfo=BERLIN)  # past the cut-off of December
    soon = {
        "kind": "date",
        "title": "Fachtagung Licht & Messen",
        "starts_on": "10.1.2027",
        "targets": ["clusterplattform"],
    }
    told = browser.post(f"{link}/draft", data=soon | begun(browser, link), headers=JSON).json()
    said = html.unescape(told["hints"])
    assert "bevor die nächste Ausgabe von „Clusterplattform Deutschland“ am Freitag" in said
    assert "q1" not in said  # on another day: another date
    same = soon | {"starts_on": "16.3.2027", "register_on": "5.1.2027"}
    told = browser.post(f"{link}/draft", data=same | begun(browser, link), headers=JSON).json()
    said = html.unescape(told["hints"])
    assert "q1 „Fachtagung „Licht & Messen““" in said
    assert "Der Anmeldeschluss ist vorbei, bevor" in said
    assert stored(engine, StatusLink) == 0  # to type makes no addresses
    told = browser.post(f"{theirs}/draft", data=same | begun(browser, theirs), headers=JSON).json()
    assert "q1" not in told["hints"]  # nobody hears of another cluster's items
