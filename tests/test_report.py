"""Numbers for the ministry: from figures kept when an issue closed, and how they are shown."""

import csv
import io
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from newsletter import issues, readers, report
from newsletter.commands.bars import plotted
from newsletter.dispatch import ledger
from newsletter.errors import WrongUsage
from newsletter.issues import figures
from newsletter.language import speaking
from newsletter.models.cluster import Cluster
from newsletter.models.delivery import Delivery, DeliveryState
from newsletter.models.issue import Issue
from newsletter.report.counting import in_words
from newsletter.settings import Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock
from tests.desk_situations import Desk, desk, fair
from tests.dispatch_situations import readers as those_who_read
from tests.report_situations import quarter

__all__ = ["desk", "newsletter"]  # the fixtures


# -- periods --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "name"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31), "2026"),
        ("2026-q4", date(2026, 10, 1), date(2026, 12, 31), "4. Quartal 2026"),
        ("2028-Q1", date(2028, 1, 1), date(2028, 3, 31), "1. Quartal 2028"),
        (" 2028-02 ", date(2028, 2, 1), date(2028, 2, 29), "Februar 2028"),
    ],
)
def test_a_period_is_a_year_a_quarter_or_a_month(
    text: str, first: date, last: date, name: str
) -> None:
    found = report.period(text)
    assert (found.first, found.last, found.name) == (first, last, name)


@given(st.text(max_size=12) | st.from_regex(r"\d{4}-?[Qq]?\d{0,2}", fullmatch=True))
def test_whatever_else_is_typed_gets_a_sentence(text: str) -> None:
    with suppress(WrongUsage):
        found = report.period(text)
        assert timedelta(days=27) <= found.last - found.first <= timedelta(days=365)


# -- counts ---------------------------------------------------------------------------------


def test_an_item_of_two_issues_is_counted_once_and_for_each_of_its_laender() -> None:
    found = quarter()
    assert (found.issues, found.items, found.places) == (2, 3, 4)
    assert {it.name: it.items for it in found.kinds} == {"Meldungen": 2, "Termine": 1}
    assert [(it.name, it.items) for it in found.laender] == [
        ("Berlin", 1),
        ("Brandenburg", 1),
        ("Hamburg", 1),
        ("ohne Angabe", 1),
    ]
    assert {it.name for it in found.clusters} >= {"BMWE", "AeroKontor Hanse"}
    assert found.total("accepted") == 3 * 4_070


def test_each_step_tells_its_middle_and_its_longest_time() -> None:
    steps = {it.name: it for it in quarter().phases}
    assert in_words(steps["Redaktionsschluss bis Freigabeanfrage"].middle) == "4,0 Tage"
    assert steps["Redaktionsschluss bis Freigabeanfrage"].count == 2  # a correction has none
    assert in_words(steps["Freigabeanfrage bis Freigabe"].longest) == "1,5 Tage"
    assert in_words(steps["Eingang bis Entscheidung"].middle) == "2,0 Tage"
    # the correction began to be sent after the moment that stands as its end: not counted
    assert in_words(steps["Versand bis zur letzten Mail"].middle) == "20 Min."
    assert in_words(timedelta(seconds=12)) == "unter 1 Min."
    with speaking("en"):
        assert in_words(timedelta(hours=30)) == "30.0 h"


# -- kept -----------------------------------------------------------------------------------


def closed(desk: Desk, key: str) -> None:
    """What the sender does when the last copy is out."""
    with desk.act() as act:
        issue = act.session.get_one(Issue, key)
        ledger.open_issue(act, issue)
        while ledger.fill_audience(act, key):
            pass
        ledger.start_sending(act, key, ledger.recipients_of(act.session, key))
    assert key in {*told(desk).unfinished, "clusterplattform-2027-01"}  # that is another quarter
    desk.clock.forward(minutes=20)
    with desk.act() as act:
        act.session.execute(
            update(Delivery)
            .where(col(Delivery.issue_id) == key)
            .values(state=DeliveryState.ACCEPTED, settled_at=act.now)
        )
        act.session.execute(
            update(Delivery)
            .where(
                col(Delivery.issue_id) == key,
                col(Delivery.id).in_(select(col(Delivery.id)).order_by(col(Delivery.id)).limit(1)),
            )
            .values(afterwards="bounced")
        )
        assert ledger.close(act, key, ledger.sums(act.session, key))


def told(desk: Desk) -> report.Report:
    return desk.look(
        lambda act: report.fetch(act.session, act.settings, report.period("2026-Q4"), desk.clock())
    )


def ready(desk: Desk, number: str) -> str:
    key = desk.new(number=number)
    desk.do(issues.fill, key)
    desk.do(issues.request, key, "geprüft")
    desk.do(issues.approve, key, who=BEN)
    desk.do(issues.schedule, key)
    return key


def test_figures_outlive_what_they_were_made_from(
    desk: Desk, settings: Settings, clock: Clock
) -> None:
    reference = desk.hand_in()
    clock.forward(hours=30)
    desk.accept(reference)
    desk.accepted(fair(clock() + timedelta(days=60)))
    key = desk.scheduled()
    with desk.act() as act:
        those_who_read(act.session, "ada", "ben", "cleo")
    clock.forward(days=22)
    closed(desk, key)
    clock.forward(days=1)
    with desk.act() as act:
        readers.unsubscribe_address(act, "cleo@leser.example", None)
    clock.forward(hours=1)

    before = told(desk)
    (issue,) = before.sent
    assert (issue.recipients, issue.accepted, issue.bounced, issue.left) == (3, 3, 1, 1)
    assert {it.name: it.items for it in before.kinds} == {"Meldungen": 1, "Termine": 1}
    assert [it.name for it in before.laender] == ["Brandenburg"]
    steps = {it.name: it for it in before.phases}
    assert steps["Eingang bis Entscheidung"].longest == timedelta(hours=30)
    assert steps["Versand bis zur letzten Mail"].middle == timedelta(minutes=20)

    clock.forward(days=22)  # the next issue closes: what came after the first one is kept, too
    desk.accepted(fair(clock() + timedelta(days=60), title="Sommerfest der Optik"))
    closed(desk, ready(desk, "2027-01"))
    with desk.act() as act:  # and then everything goes that it was made from
        readers.erase(act, "ben@leser.example")
        act.session.execute(delete(Delivery))
        act.session.execute(update(Cluster).values(laender=["DE-SL"], fields=[]))
        figures.keep(act, issues.find(act.session, "clusterplattform-2026-12"))  # as if closed anew
    after = told(desk)
    assert after.sent[0].figures["after"] == {"left": 1, "bounced": 1, "complained": 0}
    assert (after.kinds, after.laender, after.phases) == (
        before.kinds,
        before.laender,
        before.phases,
    )


# -- shown ----------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_the_page_says_in_tables_what_its_plots_show(settings: Settings) -> None:
    page = report.page(quarter(), settings)
    assert "<h1>Bericht 4. Quartal 2026</h1>" in page
    assert page.count("<svg") == page.count("<desc") == 6
    assert page.count("<table>") == 7
    assert "clusterplattform-2026-12-k1 <br>(Korrektur)" in page
    assert "12.210" in page
    assert "<script" not in page
    assert "http" not in page  # nothing is fetched
    with speaking("en"):
        assert "<h1>Report Q4 2026</h1>" in report.page(quarter(), settings)


def test_the_sheet_has_one_figure_to_a_line() -> None:
    text = report.sheet(quarter())
    assert text.startswith("\ufeffperiod,group,name,figure,value\r\n")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert ["2026-Q4", "issue", "go-cluster-2026-12", "accepted", "4070"] in rows
    assert ["2026-Q4", "phases", "Freigabeanfrage bis Freigabe", "median_hours", "36.0"] in rows
    assert {len(row) for row in rows} == {5}


@given(
    st.lists(st.tuples(st.text(max_size=90), st.integers(0, 10**6)), max_size=8),
    st.integers(40, 200),
)
def test_bars_fit_the_width_and_nothing_that_is_there_is_invisible(
    pairs: list[tuple[str, int]], columns: int
) -> None:
    lines = list(plotted([(name, value, str(value)) for name, value in pairs], columns))
    assert all(len(line) <= columns for line in lines)
    said = [line for line in lines if "█" in line or "▌" in line]
    assert len(said) == sum(value > 0 for _name, value in pairs)


@pytest.mark.sqlite
def test_an_editor_prints_the_report_or_writes_it_to_files(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    assert "keine Ausgabe hinausgegangen" in newsletter("report", "2020", as_="").out
    assert newsletter("report", "2020-13", as_="").code == 2
    page, sheet = tmp_path / "b.html", tmp_path / "b.csv"
    done = newsletter("report", "2020", "--html", str(page), "--csv", str(sheet), "--json", as_="")
    assert done.json["files"] == [str(page), str(sheet)]
    assert "keine Ausgabe hinausgegangen" in page.read_text("utf-8")
    assert sheet.read_bytes().startswith(b"\xef\xbb\xbfperiod,")
    again = newsletter("report", "2020", "--csv", str(sheet), as_="")
    assert (again.code, "gibt es schon" in again.err) == (1, True)
