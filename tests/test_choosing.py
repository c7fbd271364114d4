"""Which items go into an issue by the rules of newsletter.toml, and what is said of each."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.content import Kind
from newsletter.issues.choosing import Candidate, Choice, Situation, choose
from newsletter.settings import Filling, SectionSettings

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LEAVES = datetime(2026, 12, 15, 9, tzinfo=UTC)
NEXT = datetime(2027, 1, 15, 9, tzinfo=UTC)
AFTER = datetime(2027, 2, 15, 9, tzinfo=UTC)
NEWS = SectionSettings(key="cluster", title="Aus den Clustern", kinds=(Kind.NEWS,))
DATES = SectionSettings(key="termine", title="Termine", kinds=(Kind.DATE,))
TOP = SectionSettings(key="top", title="Im Mittelpunkt", lead=True)


def at_most(most: int) -> SectionSettings:
    return NEWS.model_copy(update={"maximum": most})


def item(number: int, cluster: str = "Lichtwerk", **more: Any) -> Candidate:
    facts: dict[str, Any] = {"kind": Kind.NEWS, "clusters": (cluster,)} | more
    if facts["kind"] is Kind.DATE:
        facts.setdefault("starts", AFTER + timedelta(days=9))
    facts.setdefault("received_at", NOW + timedelta(minutes=number))
    return Candidate(f"q{number}", **facts)


def chosen(*candidates: Candidate, **more: Any) -> dict[str, Choice]:
    facts: dict[str, Any] = {
        "sections": (NEWS, DATES),
        "filling": Filling(),
        "leaves": LEAVES,
        "following": NEXT,
    }
    issue = Situation("x-2026-12", "2026-12", zone=ZoneInfo("Europe/Berlin"), **(facts | more))
    return choose(candidates, issue)


def sections(found: dict[str, Choice]) -> dict[str, str | None]:
    return {reference: choice.section for reference, choice in found.items()}


def test_without_rules_everything_comes_in_and_says_since_when_it_waits() -> None:
    found = chosen(item(1), item(2), item(3, kind=Kind.DATE))
    assert sections(found) == {"q1": "cluster", "q2": "cluster", "q3": "termine"}
    assert found["q1"].why == "wartet seit Montag, 23.11.2026"


def test_a_full_section_takes_each_clusters_first_item_before_the_second_of_any() -> None:
    found = chosen(item(1), item(2), item(3, "Biobogen"), item(4, ""), sections=(at_most(3),))
    assert sections(found) == {"q1": "cluster", "q2": None, "q3": "cluster", "q4": "cluster"}
    assert "„Aus den Clustern“ ist voll (Höchstzahl 3)" in found["q2"].why
    assert found["q2"].why.endswith("der Beitrag wartet auf die nächste Ausgabe.")


def test_what_can_appear_only_now_comes_before_what_can_wait() -> None:
    soon = {"kind": Kind.DATE, "starts": NEXT - timedelta(days=2)}
    one = DATES.model_copy(update={"maximum": 1})
    found = chosen(item(1, kind=Kind.DATE), item(2, **soon), sections=(one,))
    assert sections(found) == {"q1": None, "q2": "termine"}
    assert found["q2"].why == "letzte Ausgabe vor dem Termin am Mittwoch, 13.01.2027"
    registering = item(3, kind=Kind.DATE, register_by=NEXT - timedelta(days=1))
    assert "vor dem Anmeldeschluss am Donnerstag, 14.01" in chosen(registering)["q3"].why


def test_a_cluster_gets_so_many_items_and_no_more() -> None:
    two = Filling(per_cluster=2)
    credited = item(3, "Biobogen", clusters=("Biobogen", "Lichtwerk"))
    source = item(5, clusters=())
    found = chosen(item(1), item(2), credited, item(4), source, filling=two)
    assert [key for key, choice in found.items() if choice.section is None] == ["q2", "q4"]
    assert "Von Lichtwerk stehen schon 2 Beiträge in der Ausgabe (q1, q3)" in found["q4"].why
    standing = chosen(item(1), filling=two, held={"Lichtwerk": ["q8", "q9"]})
    assert "(q8, q9)" in standing["q1"].why


def test_a_date_comes_twice_after_its_acceptance_and_in_the_last_issue_before_it() -> None:
    twice = {"filling": Filling(dates_twice=True)}
    far, near = AFTER + timedelta(days=3), NEXT - timedelta(days=3)
    first = chosen(item(1, kind=Kind.DATE, starts=far), **twice)["q1"]
    assert first.why == "erster Auftritt; der zweite in der letzten Ausgabe davor"
    shown = {"kind": Kind.DATE, "shown_in": ("x-2026-11",)}
    waits = chosen(item(1, starts=far, **shown), **twice)["q1"]
    assert waits.section is None
    assert "Stand schon in x-2026-11" in waits.why
    second = chosen(item(1, starts=near, **shown), **twice)["q1"]
    assert second.section == "termine"
    assert second.why == ("zweiter Auftritt: letzte Ausgabe vor dem Termin am Dienstag, 12.01.2027")


def test_what_came_late_waits_unless_it_is_urgent_or_the_editors_own() -> None:
    late = {"received_at": LEAVES - timedelta(days=1)}
    came = [
        item(1, **late),
        item(2, urgent="Die Frist endet", **late),
        item(3, clusters=(), **late),
    ]
    closes = LEAVES - timedelta(days=10)
    found = chosen(*came, filling=Filling(carry_late=True), closes=closes)
    assert sections(found) == {"q1": None, "q2": "cluster", "q3": "cluster"}
    assert "Kam nach dem Redaktionsschluss (Samstag, 05.12.2026)" in found["q1"].why
    assert "ist aber eilig: Die Frist endet" in found["q2"].why
    assert chosen(*came, closes=closes)["q1"].why == "kam nach dem Redaktionsschluss"


def test_wishes_and_what_is_out_of_date_are_heard() -> None:
    found = chosen(
        item(1, wish="2027-02"),
        item(2, wish="2026-12"),
        item(3, current_until=LEAVES - timedelta(days=2)),
        item(4, current_until=NEXT - timedelta(days=2)),
    )
    assert sections(found) == {"q1": None, "q2": "cluster", "q3": None, "q4": "cluster"}
    assert "Gewünscht ist die Ausgabe 2027-02." in found["q1"].why
    assert found["q2"].why == "gewünscht für diese Ausgabe"
    only = chosen(item(1, wish="2026-12"), item(2), filling=Filling(only_wished=True))
    assert sections(only) == {"q1": "cluster", "q2": None}
    assert "nur, was für sie gewünscht ist" in only["q2"].why
    assert "Aktuell war der Beitrag nur bis Sonntag" in found["q3"].why
    assert "solange er aktuell ist" in found["q4"].why


def test_on_top_stands_a_picture_of_a_cluster_that_appeared_little() -> None:
    waiting = [
        item(1),
        item(2, pictured=True),
        item(3, "Biobogen", pictured=True),
        item(4, "Neu", kind=Kind.DATE, pictured=True),
    ]
    rules = {"sections": (TOP, NEWS, DATES), "this_year": {"Lichtwerk": 5, "Biobogen": 1}}
    found = chosen(*waiting, **rules)
    assert sections(found) == {"q1": "cluster", "q2": "cluster", "q3": "top", "q4": "termine"}
    assert "Aufmacher: mit Bild; von Biobogen erschien in diesem Jahr erst 1 Beitrag" in (
        found["q3"].why
    )
    assert chosen(*waiting, **rules, lead="q1")["q1"].section == "top"
    assert chosen(*waiting, **rules, standing={"top": 1})["q3"].section == "cluster"


def test_it_goes_where_the_other_newsletters_issue_has_it() -> None:
    other = NEWS.model_copy(update={"key": "programm", "title": "Programm"})
    found = chosen(item(1, prefers="programm"), item(2, prefers="weg"), sections=(NEWS, other))
    assert sections(found) == {"q1": "programm", "q2": "cluster"}


@pytest.mark.parametrize("limit", [None, 1, 3])
@given(
    whose=st.lists(st.sampled_from(["A", "B", "C", ""]), max_size=20),
    most=st.integers(1, 8),
    dates=st.sets(st.integers(0, 19)),
)
def test_no_rule_is_ever_broken_and_nothing_is_left_unsaid(
    limit: int | None, whose: list[str], most: int, dates: set[int]
) -> None:
    candidates = [
        item(n, clusters=(name,) if name else (), kind=Kind.DATE if n in dates else Kind.NEWS)
        for n, name in enumerate(whose)
    ]
    filling = Filling(per_cluster=limit)
    found = chosen(*candidates, filling=filling, sections=(TOP, at_most(most), DATES))
    assert set(found) == {each.reference for each in candidates}
    assert all(choice.why for choice in found.values())
    placed = [each for each in candidates if found[each.reference].section]
    counted = Counter(found[each.reference].section for each in placed)
    assert counted["cluster"] <= most
    assert counted["top"] == min(1, len(candidates))
    by_cluster = Counter(each.clusters for each in placed if each.clusters)
    assert limit is None or max(by_cluster.values(), default=0) <= limit
    if limit is None:  # a section is only ever full, never short
        assert counted["cluster"] == most or len(placed) == len(candidates)
