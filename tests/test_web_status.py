"""What a contributor sees and does on the status page after handing in."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import database, queue, submissions
from newsletter.dispatch import ledger
from newsletter.history import PUBLIC, Act
from newsletter.models.delivery import Letter
from newsletter.models.issue import Issue, IssueState
from newsletter.models.submission import SubmissionState
from newsletter.submissions import by_reference, difference, status_url
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, fair, news
from tests.web_situations import following as browser

__all__ = ["browser", "desk", "newsletter"]  # the fixtures


def status_of(desk: Desk, reference: str) -> str:
    """The path of an item's status page."""
    url = desk.do(lambda act: status_url(act, by_reference(act.session, reference)))
    return str(url).removeprefix("http://127.0.0.1:8000")


def begun(act: Act, key: str) -> None:
    """The issue's time has come; nobody reads it."""
    ledger.open_issue(act, act.session.get_one(Issue, key))
    while ledger.fill_audience(act, key):
        pass
    ledger.start_sending(act, key, 0)


def letters(engine: Engine, name: str) -> Sequence[Letter]:
    with database.reading(engine) as session:
        return session.scalars(select(Letter).where(Letter.name == name).order_by(Letter.id)).all()


def test_the_road_leads_from_received_to_the_place_in_the_archive(
    desk: Desk, browser: TestClient
) -> None:
    reference = desk.hand_in()
    path = status_of(desk, reference)
    assert "Stand: eingegangen" in browser.get(path).text
    desk.accept(reference)
    assert "angenommen" in browser.get(path).text
    key = desk.scheduled()
    planned = browser.get(path).text
    assert "geplant: Ausgabe Dezember 2026, am Dienstag, 15.12.2026" in planned
    assert "erschienen:" not in planned
    desk.do(begun, key)
    page = browser.get(path).text
    link = re.search(r'href="([^"]+)">Ausgabe Dezember 2026', page)
    assert link
    assert link[1].endswith(f"/archive/clusterplattform/2026-12#{reference}")
    assert f'id="{reference}"' in browser.get(link[1].partition("#")[0]).text


def test_a_date_cancelled_by_its_contributor_stops_the_issue_and_alarms_the_editors(
    desk: Desk, browser: TestClient, engine: Engine, clock: Clock
) -> None:
    reference = desk.accepted(fair(clock() + timedelta(days=60)))
    path = status_of(desk, reference)
    key = desk.scheduled()
    assert "geplant: Ausgabe Dezember 2026, am Dienstag, 15.12.2026" in browser.get(path).text
    nothing = browser.post(f"{path}/date", data={"words": "Leider."})
    assert (nothing.status_code, ">Leider.</textarea>" in nothing.text.replace("\n", "")) == (
        422,
        True,
    )
    assert browser.get(f"{path}/date").status_code == 405
    done = browser.post(f"{path}/date", data={"event_state": "cancelled", "words": "Zu wenige."})
    assert "Das ist vermerkt" in done.text
    assert "Dieser Termin ist abgesagt." in done.text
    # the issue is a draft again: whether it shows the item is open
    assert "war geplant: Ausgabe Dezember 2026, am Dienstag, 15.12.2026. Die" in done.text
    assert "Stand: angenommen" in done.text
    assert desk.issue(key).state is IssueState.DRAFT
    assert desk.look(lambda act: by_reference(act.session, reference).sequence) == 1
    assert letters(engine, "issue_stopped")
    told = letters(engine, "from_contributor")[0]
    assert "abgesagt" in told.subject
    assert "Zu wenige." in told.text
    (theirs,) = letters(engine, "date_changed")
    assert ("Zu wenige." in theirs.text, "Zu wenige." in theirs.html) == (True, True)
    shown = desk.look(lambda act: queue.show(act.session, act.settings, reference, act.now))
    assert shown.history[-1].why == "Zu wenige."  # for whoever looks at the item, and not at mails
    browser.post(f"{path}/date", data={"event_state": "cancelled"})  # the button pressed twice
    assert len(letters(engine, "date_changed")) == 1
    assert "newsletter queue edit" in letters_after(browser, path, engine)
    # its letter asks for the new day: who names it later is heard, once
    assert 'value="postponed"' in browser.get(path).text
    for _press in range(2):
        assert "Neu: 4.5." in letters_after(browser, path, engine, words="Neu: 4.5.")
    assert len(letters(engine, "from_contributor")) == 2 * 3  # two editors
    assert len(letters(engine, "date_changed")) == 2
    shown = desk.look(lambda act: queue.show(act.session, act.settings, reference, act.now))
    assert shown.history[-1].why == "Neu: 4.5."


def letters_after(browser: TestClient, path: str, engine: Engine, words: str = "") -> str:
    browser.post(f"{path}/date", data={"event_state": "postponed", "words": words})
    return letters(engine, "from_contributor")[-1].text


def test_what_is_withdrawn_is_so_only_with_a_yes_and_is_over_then(
    desk: Desk, browser: TestClient, engine: Engine
) -> None:
    reference = desk.accepted()
    path = status_of(desk, reference)
    unsure = browser.post(f"{path}/withdraw", data={"reason": "Doch nicht."})
    assert unsure.status_code == 422
    assert 'id="sure-wrong"' in unsure.text
    assert "Doch nicht." in unsure.text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert (
        browser.post(f"{path}/withdraw", data={"sure": "ja"}, headers=elsewhere).status_code == 403
    )
    done = browser.post(f"{path}/withdraw", data={"sure": "ja", "reason": "Doch nicht."})
    assert "Ihr Beitrag ist zurückgezogen." in done.text
    assert "Hat sich etwas geändert?" not in done.text
    state = desk.look(lambda act: by_reference(act.session, reference).state)
    assert state is SubmissionState.WITHDRAWN
    (to_them,) = letters(engine, "withdrawn")
    assert "Sie haben Ihre Einreichung" in to_them.text
    assert "Doch nicht." in letters(engine, "from_contributor")[0].text
    assert browser.post(f"{path}/withdraw", data={"sure": "ja"}).status_code == 409
    assert browser.get(f"{path}/change").status_code == 409


def test_what_nobody_has_looked_at_changes_at_once(
    desk: Desk, browser: TestClient, engine: Engine
) -> None:
    reference = desk.hand_in()
    path = status_of(desk, reference)
    form = browser.get(f"{path}/change").text
    assert "gilt sofort" in form
    facts = desk.look(
        lambda act: submissions.facts_of(act.session, by_reference(act.session, reference))
    )
    same = {name: facts.get(name, "") for name in ("title", "teaser", "body", "link")}
    nothing = browser.post(f"{path}/change", data=same)
    assert (nothing.status_code, 'id="comment-wrong"' in nothing.text) == (422, True)
    wrong = browser.post(f"{path}/change", data=same | {"title": "", "link": "javascript:x"})
    assert 'id="title-wrong"' in wrong.text
    assert 'id="link-wrong"' in wrong.text
    done = browser.post(f"{path}/change", data=same | {"title": "{{7*7}} <b>Neu</b>"})
    assert "Ihre Änderung ist übernommen." in done.text
    assert "{{7*7}} &lt;b&gt;Neu&lt;/b&gt;" in done.text
    assert not letters(engine, "from_contributor")


def test_later_it_is_a_wish_that_an_editor_takes_over_or_declines(
    desk: Desk, browser: TestClient, engine: Engine, newsletter: Newsletter
) -> None:
    reference = desk.accepted()
    path = status_of(desk, reference)
    key = desk.filled()
    facts = desk.look(
        lambda act: submissions.facts_of(act.session, by_reference(act.session, reference))
    )
    before = facts["title"]
    browser.post(f"{path}/change", data={"title": "Nein"})
    asked = browser.post(f"{path}/change", data={"title": "Besser", "comment": "Bild, bitte."})
    assert "Ein Änderungswunsch von Ihnen liegt bei der Redaktion." in asked.text
    assert before in asked.text
    told = letters(engine, "from_contributor")[-1].text
    assert f"- {before}" in told
    assert "+ Besser" in told
    shown = newsletter("queue", "change", reference)
    assert "+ Besser" in shown.out
    assert "+ Nein" not in shown.out
    assert "Bild, bitte." in shown.out
    assert newsletter("agenda", as_="").out.count(f"queue change {reference}") >= 1
    taken = newsletter("queue", "change", reference, "--take")
    assert taken.code == 0, taken.err
    assert f"{key} zeigt noch die alte Fassung" in taken.out
    assert "Besser" in browser.get(path).text
    (letter,) = letters(engine, "change_decided")
    assert "ist übernommen" in letter.subject
    assert newsletter("queue", "change", reference).code == 1
    browser.post(f"{path}/change", data={"title": "Noch besser"})
    assert newsletter("queue", "change", reference, "--decline").code == 1
    no = newsletter("queue", "change", reference, "--decline", "--reason", "Schon gesetzt.")
    assert no.code == 0
    assert "Schon gesetzt." in letters(engine, "change_decided")[-1].text
    assert newsletter("queue", "change", reference, "--take", "--decline").code == 2


def test_a_form_that_was_open_while_an_editor_wrote_undoes_nothing_of_theirs(
    desk: Desk, browser: TestClient, newsletter: Newsletter
) -> None:
    body = "Eins.\n\nZwei.\n\nDrei."
    reference = desk.hand_in(news(body=body))
    path = status_of(desk, reference)
    assert 'name="revision" value="1"' in browser.get(f"{path}/change").text
    facts = desk.look(
        lambda act: submissions.facts_of(act.session, by_reference(act.session, reference))
    )
    form = {name: facts[name] for name in ("title", "teaser", "body", "link")} | {"revision": "1"}
    desk.do(queue.edit, reference, facts | {"title": "Kürzer", "body": body + "\n\nVier."}, 1)
    done = browser.post(f"{path}/change", data=form | {"body": body.replace("Eins", "Ein")})
    assert "Ihre Änderung ist übernommen." in done.text
    now = newsletter("queue", "show", reference, "--json").json
    assert (now["title"], now["body"]) == ("Kürzer", "Ein.\n\nZwei.\n\nDrei.\n\nVier.")

    both = browser.post(f"{path}/change", data=form | {"title": "Schöner"})
    assert "Ihr Änderungswunsch liegt bei der Redaktion." in both.text
    shown = newsletter("queue", "change", reference).out
    assert "Titel:\n  - Kürzer\n  + Schöner\n" in shown
    assert "Auch die Redaktion hat hier inzwischen geändert: Titel." in shown
    assert newsletter("queue", "change", reference, "--take").code == 0
    now = newsletter("queue", "show", reference, "--json").json
    assert (now["title"], now["body"]) == ("Schöner", "Ein.\n\nZwei.\n\nDrei.\n\nVier.")


def test_a_difference_shows_what_goes_and_what_comes() -> None:
    lines = difference("eins\nzwei", "eins\ndrei")
    assert [(line.sign, line.text) for line in lines] == [
        (" ", "eins"),
        ("-", "zwei"),
        ("+", "drei"),
    ]


def test_a_contributor_acts_as_the_web_and_not_as_an_editor(desk: Desk) -> None:
    reference = desk.hand_in()
    path = status_of(desk, reference)
    token = path.rpartition("/")[2]
    desk.do(queue.withdraw_own, token, "", who=PUBLIC, sure=True)
    shown = desk.look(lambda act: queue.show(act.session, act.settings, reference, act.now))
    assert shown.history[-1].actor == "web"


@pytest.mark.sqlite("words of letters")
def test_each_letter_about_an_item_leads_to_one_page_where_it_can_be_changed(
    desk: Desk, browser: TestClient, engine: Engine
) -> None:
    about = ["declined", "held_over", "published", "date_changed", "withdrawn", "question"]
    desk.do(queue.decline, [desk.hand_in(fair(desk.clock.moment))], None, "Passt nicht.")
    desk.do(queue.defer, [desk.hand_in(fair(desk.clock.moment))])
    asked = desk.hand_in(fair(desk.clock.moment))
    desk.do(queue.ask, asked, "Wann?")
    desk.do(queue.withdraw, asked, "Doppelt.")
    date = desk.accepted(fair(desk.clock.moment + timedelta(days=9)))
    desk.do(queue.publish, date)
    desk.do(queue.cancel_date, date)
    for name in about:
        (letter,) = letters(engine, name)
        (url,) = set(re.findall(r"http://127.0.0.1:8000/s/[\w-]+", letter.text))
        assert url in (letter.html or "")
        page = browser.get(url.removeprefix("http://127.0.0.1:8000"))
        assert page.status_code == 200
        assert ("/change" in page.text) is (name != "withdrawn" and name != "question")
    # both parts of a merged item lead to the one that stays
    kept, gone = desk.hand_in(fair(desk.clock.moment)), desk.hand_in(fair(desk.clock.moment))
    desk.do(queue.merge, kept, [gone])
    urls = {re.findall(r"/s/[\w-]+", letter.text)[0] for letter in letters(engine, "merged")}
    assert urls == {status_of(desk, kept)}
