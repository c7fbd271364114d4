"""The cluster's own page, its table, and „Wieder?“: last year's date as this year's form."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import clusters, issues, queue
from newsletter.content import EventState
from newsletter.models.submission import StatusLink
from newsletter.submissions.again import window
from newsletter.texts import table
from newsletter.web import own_items
from newsletter.web.again import years_in
from tests.desk_situations import Desk, desk, fair, news
from tests.intake_situations import BOJE
from tests.test_calling import called
from tests.test_web_drafts import value
from tests.test_web_status import begun
from tests.test_web_submit import stored
from tests.web_situations import following as browser

__all__ = ["browser", "desk"]  # the fixture

pytestmark = pytest.mark.skin

CONTACT = "presse@lichtwerk.example"


def link_of(desk: Desk, slug: str = "lichtwerk", email: str = CONTACT) -> str:
    url = desk.do(lambda act: clusters.link(act, slug, email))
    return str(url).removeprefix("http://127.0.0.1:8000")


def test_the_clusters_own_page_says_what_is_in_and_where_it_has_appeared(
    desk: Desk, browser: TestClient, engine: Engine
) -> None:
    desk.do(clusters.add, BOJE)
    name, title = "Änne Muster", '=HYPERLINK("x") & <b>'
    out = desk.accepted(news(title=title, targets=["clusterplattform"], contact_name=name))
    desk.do(begun, desk.scheduled())
    waits = desk.hand_in(fair(desk.clock() + timedelta(days=60)))
    theirs = desk.hand_in(news(title="Nicht von hier"), slug="boje")
    link = link_of(desk)
    assert f'href="{link}/own"' in browser.get(link).text
    page = browser.get(f"{link}/own").text
    assert "2 Beiträge, erschienen: 1" in page
    assert f"/archive/clusterplattform/2026-12#{out}" in page
    assert "Clusterplattform Deutschland, Ausgabe Dezember 2026 vom" in page
    assert "Termin am 22.01.2027" in page
    assert "Nicht von hier" not in page
    assert "<b>" not in page
    # each item's own page is one press away, and no address of it is guessed
    status = browser.post(f"{link}/own/{waits}")
    assert (status.status_code, "Stand: eingegangen" in status.text) == (200, True)
    again = browser.post(f"{link}/own/{waits}")  # by the same address each time
    assert (again.url, stored(engine, StatusLink)) == (status.url, 1)
    assert browser.post(f"{link}/own/{theirs}").status_code == 404
    assert browser.post(f"{link}/own/q{'9' * 30}").status_code == 404
    assert browser.get(f"{link}?like={theirs}").status_code == 404
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(f"{link}/own.csv", headers=elsewhere).status_code == 403
    file = browser.post(f"{link}/own.csv")
    assert 'filename="lichtwerk-2026-11-23.csv"' in file.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["Nummer"] for row in rows] == [waits, out]
    assert rows[1]["Titel"] == '\'=HYPERLINK("x") & <b>'
    assert (rows[1]["Ausgabe"], rows[1]["Erschienen am"]) == ("2026-12", "2026-11-23")
    assert rows[1]["Link"].endswith(f"#{out}")
    assert (rows[0]["Termin am"], rows[0]["Stand"]) == ("2027-01-22", "eingegangen")
    assert name in browser.post(f"{link}/own/{out}").text
    # a co-host sees the common item on its own page
    desk.do(queue.merge, out, [theirs])
    shared = browser.get(f"{link_of(desk, 'boje', 'team@boje.example')}/own").text
    assert "gemeinsam mit einem anderen Cluster" in shared
    assert f"mit {out} zusammengeführt" in shared
    # and its page, but for what the other cluster tells only the editors
    common = browser.post(f"{link_of(desk, 'boje', 'team@boje.example')}/own/{out}").text
    assert ("Änderung wünschen" in common, name in common) == (True, False)
    # an item of two does not vanish by one
    assert "zurückziehen kann ihn nur die Redaktion" in common
    page = browser.post(f"{link}/own/{out}").url.path
    assert browser.post(f"{page}/withdraw", data={"sure": "ja"}).status_code == 409
    desk.clock.forward(days=200)
    assert browser.get(f"{link}/own").status_code == 410


def test_a_long_list_is_shown_a_page_at_a_time_and_by_year(
    desk: Desk, browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_items, "MOST", 2)
    desk.clock.moment = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # in Berlin 2027 has begun
    january = [desk.hand_in(news(title=f"Januar {n}")) for n in range(3)]
    desk.clock.moment = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)
    december = desk.hand_in(news(title="Dezember"))
    desk.clock.forward(hours=3)
    own = f"{link_of(desk)}/own"

    def shown(page: str) -> list[str]:
        return re.findall(r'<h3 id="(q\d+)"', page)

    first = browser.get(own).text
    assert "4 Beiträge, erschienen: 0" in first
    assert shown(first) == [december, january[2]]
    assert re.findall(r'\?year=(\d+)"[^(]*\((\d)\)', first) == [("2027", "3"), ("2026", "1")]
    (older,) = re.findall(r"\?(before=q\d+)", first)
    second = browser.get(f"{own}?{older}").text
    assert (shown(second), "Ältere zeigen" in second) == ([january[1], january[0]], False)
    assert shown(browser.get(f"{own}?year=2026").text) == [december]
    of_year = browser.get(f"{own}?year=2027").text
    assert shown(of_year) == [january[2], january[1]]
    (older,) = re.findall(r"\?(year=2027&(?:amp;)?before=q\d+)", of_year)
    assert shown(browser.get(f"{own}?{older.replace('amp;', '')}").text) == [january[0]]
    # what no page of ours asks for shows the newest
    assert shown(browser.get(f"{own}?year=x&before=q0").text) == [december, january[2]]
    assert len(browser.post(f"{own}.csv").text.splitlines()) == 5  # the table holds all


def test_a_year_later_the_same_date_is_one_click_and_a_new_day(
    desk: Desk, browser: TestClient, engine: Engine
) -> None:
    desk.clock.moment = datetime(2026, 1, 12, 8, tzinfo=UTC)
    spring = datetime(2026, 3, 16, 8, 30, tzinfo=UTC)
    old = desk.accepted(
        fair(spring, title="Lichttag 2026", body="Anmelden bis Februar 2026.", online=True)
        | {"register_by": "2026-03-01", "embargo_until": "2026-01-20"}
    )
    gone = desk.accepted(fair(spring, title="Abgesagte Messe"))
    desk.do(queue.cancel_date, gone, EventState.CANCELLED)
    declined = desk.hand_in(fair(spring, title="Nie angenommen"))
    desk.do(queue.decline, [declined], None, "Passt nicht.")
    desk.clock.forward(days=366)
    link = link_of(desk)
    choice = browser.get(link).text
    assert "16.03.2026: Lichttag 2026" in choice
    assert "Messe" not in choice.partition("Zuletzt")[0]
    assert "Nie angenommen" not in choice.partition("Zuletzt")[0]
    form = browser.get(f"{link}?like={old}").text
    assert value(form, "title") == "Lichttag 2026"
    assert form.count("Hier steht noch 2026.") == 2  # in the title and in the text
    times = [value(form, name) for name in ("starts_on", "starts_time", "ends_time")]
    assert times == ["", "09:30", "15:30"]
    assert (value(form, "register_on"), value(form, "embargo_on")) == ("", "")
    assert re.search(r'id="online"[^>]* checked', form)
    assert not re.search(r'id="rights_confirmed"[^>]* checked', form)
    # the call for contributions asks, too, until there is a successor
    key = desk.new(number="2027-02")
    desk.do(lambda act: issues.call(act, issues.find(act.session, key)))
    (call,) = called(engine)
    assert "- 16.03.2026: Lichttag 2026" in call.text
    asked = re.search(rf"http://127.0.0.1:8000(/submit/\S+\?like={old})", call.text)
    assert asked
    assert value(browser.get(asked[1]).text, "title") == "Lichttag 2026"
    desk.accepted(fair(spring + timedelta(days=363), title="Lichttag 2027"))
    assert "Lichttag 2026" not in browser.get(link).text.partition("Zuletzt")[0]


@pytest.mark.sqlite("pure")
def test_the_months_of_a_year_ago_and_the_years_that_still_stand_there() -> None:
    assert [f"{day:%Y-%m-%d}" for day in window(datetime(2026, 11, 23, tzinfo=UTC).date())] == [
        "2025-11-01",
        "2026-02-28",
    ]
    words = {"title": "Tag 2025", "body": "12025 oder 2025/26", "link": "https://x.example/2024"}
    assert years_in(words, [2025, 0]) == {"title": ["2025"], "body": ["2025"]}


@pytest.mark.sqlite("pure")
def test_a_table_is_run_by_no_spreadsheet_program() -> None:
    text = table(["a"], [["+49 30"], [" =1+1"], ["\0@x"], ['sagt "ja", so'], [None], ["-"]])
    assert text == 'a\r\n\'+49 30\r\n\'=1+1\r\n\'@x\r\n"sagt ""ja"", so"\r\n""\r\n\'-\r\n'
