"""The HTML of every mail, as a webmail program shows it: axe-core, by day and by night, 360 px."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from newsletter import clusters, editors, issues, queue, readers, rhythm, submissions
from newsletter.content import Item, Origin
from newsletter.history import Act
from newsletter.issues import Answer, reminding
from newsletter.letters import post
from newsletter.submissions import by_reference, status_url
from newsletter.templating import shipped
from tests.approval_situations import ERIKA, with_approver
from tests.browser import hands
from tests.browser.chromium import too_wide, violations
from tests.browser.site import CONTACT, PUBLIC, Site, html_of
from tests.desk_situations import fair, news
from tests.rendering_situations import BASE, event, rendered, story, without_slots
from tests.rendering_situations import news as item_news
from tests.rendering_situations import picture as item_picture

pytestmark = pytest.mark.sqlite("how a page looks is no matter of the database")

MAIL = f"{BASE}/mail"
# A mail is shown inside a page that has its main part already; a second one would mislead.
PAGES_ONLY = ("landmark-one-main", "region")


@cache
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
    assert too_wide(page) == []
    html = without_slots(rendered(*nasty(), slug=slug, number="2026-12-s1").html)
    for each in (html, re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)):
        page = show(each)
        page.set_viewport_size({"width": 320, "height": 800})
        assert too_wide(page) == []
        tag = page.locator(".issue").bounding_box()
        assert tag
        assert tag["width"] > 120  # „Sonderausgabe“ is one word on one line
        for day in page.locator(".when").all():  # there is no room beside it
            title = day.locator("xpath=../a").bounding_box()
            assert title
            assert title["x"] == (day.bounding_box() or {})["x"]


def nasty() -> list[Item]:
    """What people hand in on a bad day."""
    word = "Donaudampfschifffahrtsgesellschaftskapitän"
    bad = Origin(f"جمعية {word}", ("DE-MV",), "gold")
    typed = {"teaser": f"{word} a < b <p>auf 👩‍💻 {'x' * 60}", "origin": bad}
    small = item_picture(width=200, height=100)
    return [
        item_news(401, title="Sehr langer Titel " * 17, picture=item_picture(), **typed),
        event(402, title=f"{word} und mehr", location=f"{word}straße", **typed),
        story(403, title=f"שלום {word}", result=word, quote=f"{word} {word}", picture=small),
        *(item_news(number) for number in range(404, 407)),
    ]


@pytest.fixture(scope="module")
def letters(site: Site) -> dict[str, str]:
    """Letters as the mail server got them: name -> HTML."""
    site.add_reader("liest@leser.example")
    with site.act() as act:
        for email in ("neu@leser.example", "liest@leser.example"):
            readers.sign_up(act, PUBLIC, email, consented=True)
    site.dispatch()
    already = html_of(site.mail_to("liest@leser.example"))
    with site.act() as act:
        readers.ask_link(act, "liest@leser.example")
    site.dispatch()
    return {
        "confirm": html_of(site.mail_to("neu@leser.example")),
        "already": already,
        "preferences": html_of(site.mail_to("liest@leser.example")),
        **to_contributors(site),
        **to_approvers(site),
        **to_editors(site),
    }


def to_contributors(site: Site) -> dict[str, str]:
    desk = site.desk

    def told(verb: Callable[..., object] | None = None, *given: object) -> str:
        if verb:
            desk.do(verb, *given)
        site.clock.forward(minutes=30)  # a decision may be undone for a while
        site.dispatch()
        return html_of(site.mail_to(CONTACT))

    first, second = desk.hand_in(), desk.hand_in(news(title="Dasselbe noch einmal"))
    date = desk.accepted(fair(site.clock() + timedelta(days=60)))
    return {
        "received": told(),
        "form_link": told(clusters.send_link, "lichtwerk", CONTACT),
        "question": told(queue.ask, first, "Dürfen wir das Bild zeigen?\nWer ist darauf?"),
        "held_over": told(queue.defer, [first]),
        "declined": told(queue.decline, [first], None, "Für diese Ausgabe leider zu speziell."),
        "merged": told(queue.merge, first, [second]),
        "published": told(queue.publish, date),
        "date_changed": told(queue.cancel_date, date),
        "withdrawn": told(queue.withdraw, date, "Fällt aus."),
        "call": told(called, desk.new("go-cluster", "2027-03")),
        "change_decided": told(declined_change, desk.accepted(news(title="Zu ändern"))),
        "edited": told(shown_edited, desk.accepted(news(title="Wird geändert"))),
    }


def called(act: Act, key: str) -> None:
    """Everybody is asked for contributions."""
    issues.call(act, issues.find(act.session, key))


def declined_change(act: Act, reference: str) -> None:
    """The editors leave an item as it is, although its contributor wants it changed."""
    item = by_reference(act.session, reference)
    token = status_url(act, item).rpartition("/")[2]
    queue.ask_own_change(act, token, {"title": "Viel besser"}, "Bild, bitte.")
    queue.decline_change(act, reference, "Der Titel ist schon gesetzt.")


def shown_edited(act: Act, reference: str) -> None:
    """An item whose text an editor has changed stands in an issue for a while."""
    item = by_reference(act.session, reference)
    facts = submissions.facts_of(act.session, item) | {"title": "Von uns geändert"}
    queue.edit(act, reference, facts, item.revision)
    issues.add(act, "go-cluster-2027-03", [reference])
    issues.tell_edited(replace(act, now=act.now + timedelta(minutes=30)))


def to_approvers(site: Site) -> dict[str, str]:
    asking = replace(site, settings=with_approver(site.settings))
    asking.desk.accepted()
    key = asking.desk.filled()
    asking.desk.do(issues.request, key, "geprüft", ERIKA)
    asking.dispatch()
    asked = asking.mail_to("erika@ministerium.example")
    token = asking.link_to(asked, "approval").rpartition("/")[2]
    asking.desk.do(issues.decide, token, Answer.CHANGES, ERIKA, "Bitte kürzen.")
    asking.desk.do(issues.post_test, key, [EDITOR])
    asking.dispatch()
    return {"approval_request": html_of(asked)}


def to_editors(site: Site) -> dict[str, str]:
    """What happened before, and an answer, an issue that is sent, and one that is stopped."""
    desk = site.desk
    reference = desk.hand_in()
    desk.do(queue.ask, reference, "Wer ist auf dem Bild?")
    page = desk.do(lambda act: status_url(act, by_reference(act.session, reference)))
    desk.do(submissions.answer, page.rpartition("/")[2], "Änne Muster, die alles leitet.")
    desk.do(queue.post_digest)
    site.send_issue()
    desk.do(issues.tell_contributors)
    date = desk.accepted(fair(site.clock() + timedelta(days=90)))
    desk.scheduled("go-cluster")
    desk.do(queue.cancel_date, date)
    desk.do(editors.tell, "alarms", "relay_trouble", relay="haus", why="550 nicht von hier")
    wish = clusters.Wish("neu@unbekannt.example", "Bela Muster", "Boje", "Ich bin neu hier.")
    desk.do(clusters.request_access, wish)
    desk.do(closed)
    desk.do(waited_for, desk.new(PUBLIC, "2027-06"))
    site.dispatch()
    mails = site.mails_to(EDITOR)
    appeared = next(it for it in site.mails_to(CONTACT) if "Erschienen" in str(it["Subject"]))
    return {"appeared": html_of(appeared)} | {
        name: html_of(next(it for it in mails if said in str(it["Subject"])))
        for name, said in SUBJECTS.items()
    }


def closed(act: Act) -> None:
    """An issue reached its cut-off, with little in it and something undecided."""
    dates = rhythm.dates("2027-05", act.settings.newsletters[PUBLIC], act.settings.almanac)
    assert dates is not None
    found = {"ready": 1, "least": 4, "thin": True, "count": 3, "more": 2}
    waits = [("q77", "Noch nicht entschieden")]
    facts = found | {"what": "closed", "state": "draft", "undecided": waits}
    reminding.tell(act, PUBLIC, dates, **facts)


def waited_for(act: Act, key: str) -> None:
    """An approver is reminded; an issue did not schedule itself."""
    issue = issues.find(act.session, key)
    about: dict[str, Any] = {"issue": issue, "newsletter": PUBLIC}
    asked = {"asked_by": "redaktion", "issue_name": "Ausgabe Juni 2027", "members": False}
    when, url = "Dienstag, 15.06.2027, 10:00 Uhr", "https://newsletter.example/approval/abc"
    post(
        act,
        "approval_reminder",
        EDITOR,
        until=when,
        url=url,
        more=["Ausgabe 2027-01"],
        **about,
        **asked,
    )
    plan = {"planned_by": "redaktion", "when": when, "approved": False}
    why = {"why": "Die Zeit ist vorbei.", "command_words": f"issue status {key}"}
    post(act, "plan_lapsed", EDITOR, **about, **plan, **why)


EDITOR = "redaktion@go-cluster.example"
SUBJECTS = {
    "approval_answer": "Änderungen gewünscht",
    "test": "[TEST]",
    "new_items": "neue Beiträge",
    "answered": "Antwort zu",
    "access_request": "Zugang gewünscht",
    "from_contributor": "Änderungswunsch zu",
    "account": "Versendet",
    "issue_stopped": "Wieder Entwurf",
    "approval_reminder": "Erinnerung, bitte um Freigabe",
    "plan_lapsed": "Nicht von selbst geplant",
    "issue_ahead": "Redaktionsschluss:",
    "relay_trouble": "Mailserver nimmt nichts an",
}
LETTERS = (
    *(
        "form_link",
        "confirm",
        "already",
        "preferences",
        "received",
        "question",
        "held_over",
        "declined",
        "merged",
    ),
    *("published", "date_changed", "withdrawn", "approval_request", "change_decided", "call"),
    *("appeared", "edited"),
    *SUBJECTS,
)


def test_no_letter_is_left_out() -> None:
    letters = {path.parent.name for path in (shipped("templates") / "letters").glob("*/body.html")}
    assert set(LETTERS) == letters | {"test"}


@pytest.mark.parametrize("name", LETTERS)
def test_everybody_can_read_a_letter(
    show: Callable[[str], Page], letters: dict[str, str], name: str
) -> None:
    assert set(letters) == set(LETTERS)
    assert len(set(letters.values())) == len(letters)
    page = show(letters[name])
    assert violations(page, PAGES_ONLY) == []
    assert too_wide(page) == []
