"""Filling by the rules of newsletter.toml: proposed, done, explained, checked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import issues, queue
from newsletter.errors import BadConfiguration, Refused
from newsletter.history import acting
from newsletter.models.issue import Placement
from newsletter.settings import FILE, load
from tests.command_situations import Newsletter, newsletter
from tests.conftest import ADA, Clock
from tests.desk_situations import Desk, desk, fair, news
from tests.issue_situations import DECEMBER, findings, history

__all__ = ["desk", "newsletter"]

JANUARY = "clusterplattform-2027-01"
FEBRUARY = "clusterplattform-2027-02"
Ruled = Callable[..., Desk]
PUBLIC = "[newsletters.clusterplattform.rhythm]"


def configure(home: Path, section: str = "", erfolge: str = "", **more: str) -> None:
    """Write rules for the public newsletter: tables before its rhythm, lines at two sections."""
    path = home / FILE
    before, head, after = path.read_text("utf-8").partition(PUBLIC)
    tables = "".join(
        f"[newsletters.clusterplattform.{name}]\n{lines}\n\n" for name, lines in more.items()
    )
    after = after.replace('key = "cluster"\n', f'key = "cluster"\n{section}\n', 1)
    after = after.replace('key = "erfolge"\n', f'key = "erfolge"\n{erfolge}\n', 1)
    path.write_text(before + tables + head + after, "utf-8")


@pytest.fixture
def ruled(desk: Desk, engine: Engine, home: Path, clock: Clock) -> Ruled:
    """The desk, once newsletter.toml has these rules."""

    def begin(section: str = "", **tables: str) -> Desk:
        configure(home, section, **tables)
        settings = load(home, {})
        return Desk(
            lambda who=ADA: acting(engine, settings, who, clock=clock, durable=False), clock
        )

    return begin


def order(desk: Desk, key: str) -> list[tuple[str, int, int]]:
    rows = desk.look(
        lambda act: act.session.scalars(
            select(Placement)
            .where(col(Placement.issue_id) == key)
            .order_by(col(Placement.section), col(Placement.position))
        ).all()
    )
    return [(row.section, row.submission_id, row.revision) for row in rows]


def test_a_dry_run_says_all_and_changes_nothing(
    newsletter: Newsletter, desk: Desk, home: Path
) -> None:
    configure(home, "maximum = 1", filling="per_cluster = 2")
    desk.accepted()
    desk.accepted(news(title="Zweite", link=None))
    torn = desk.accepted(news(title="TODO"))
    desk.new()
    proposed = newsletter("issue", "fill", DECEMBER, "--dry-run", as_="")
    assert "q1 → cluster („Lichtwerk Havelbogen: Silber-Label erneut bestätigt“): wartet seit" in (
        proposed.out
    )
    assert (
        "q2 bleibt draußen („Zweite“): Die Rubrik „Aus den Clustern“ ist voll (Höchstzahl 1)"
        in (proposed.out)
    )
    assert "geändert ist nichts" in proposed.out
    assert proposed.out.splitlines()[-1] == f"Als Nächstes: newsletter issue fill {DECEMBER}"
    assert order(desk, DECEMBER) == []
    dry = newsletter("issue", "fill", DECEMBER, "--dry-run", "--json").json
    done = newsletter("issue", "fill", DECEMBER, "--json").json
    assert dry == done
    assert [(each["id"], each["section"]) for each in done["placed"]] == [("q1", "cluster")]
    assert [each["id"] for each in done["left_out"]] == ["q2", torn]
    again = newsletter("issue", "fill", DECEMBER)
    assert "q2 bleibt draußen" in again.out
    assert f"Etwas davon doch hinein: newsletter issue add {DECEMBER} ID…" in again.out
    assert "Von Lichtwerk" not in again.out
    desk.do(issues.cancel, DECEMBER)
    assert newsletter("issue", "fill", DECEMBER, "--dry-run").code == 1


def test_a_date_stands_in_its_first_issue_and_in_the_last_before_it(
    ruled: Ruled,
) -> None:
    desk = ruled(filling="dates_twice = true")
    fairs = [
        desk.accepted(fair(desk.clock() + timedelta(days=days), title=f"Nach {days} Tagen"))
        for days in (30, 90)
    ]
    dated = {int(each[1:]): each for each in fairs}
    desk.filled()
    assert [number for _, number, _ in order(desk, DECEMBER)] == list(dated)
    assert desk.do(issues.fill, DECEMBER) == issues.Proposal(DECEMBER, (), ())
    desk.new()
    waits = desk.do(issues.fill, JANUARY)
    assert [left.reference for left in waits.left_out] == [fairs[1]]  # the other is over by then
    assert "Stand schon in clusterplattform-2026-12" in waits.left_out[0].why
    desk.new()
    (second,) = desk.do(issues.fill, FEBRUARY).placed
    assert second.reference == fairs[1]
    assert second.why == "zweiter Auftritt: letzte Ausgabe vor dem Termin am Sonntag, 21.02.2027"
    assert desk.do(issues.fill, FEBRUARY) == issues.Proposal(FEBRUARY, (), ())


def test_the_second_newsletters_issue_starts_from_the_first(
    newsletter: Newsletter, ruled: Ruled
) -> None:
    desk = ruled()
    first, second, third = (desk.accepted(news(title=f"T {n}", link=None)) for n in range(3))
    members = desk.accepted(news(title="Nur hier", targets=["clusterplattform"]))
    desk.filled("go-cluster")
    desk.do(issues.move, "go-cluster-2026-12", third, to=1)
    desk.do(issues.move, "go-cluster-2026-12", second, section="programm")
    desk.do(queue.edit, first, news(title="Neu gefasst", link=None), 1)
    desk.new()
    filled = desk.do(issues.fill, DECEMBER)
    assert [(each.reference, each.section) for each in filled.placed] == [
        (second, "programm"),
        (third, "cluster"),
        (first, "cluster"),
        (members, "cluster"),
    ]
    why = {each.reference: each.why for each in filled.placed}
    assert why[third] == "unverändert aus go-cluster-2026-12"
    assert why[first] == "aus go-cluster-2026-12, dort noch in Fassung 1"
    assert "unverändert" not in why[members]
    assert newsletter("issue", "show", DECEMBER, "--json").json["sections"][1]["items"][0] == {
        "id": third,
        "revision": 1,
        "title": "T 2",
        "elsewhere": {"id": "go-cluster-2026-12", "revision": 1},
    }
    shown = newsletter("issue", "show", DECEMBER).out
    assert "T 2 (Fassung 1) – unverändert gegenüber go-cluster-2026-12" in shown
    assert "Neu gefasst (Fassung 2) – in go-cluster-2026-12 Fassung 1" in shown
    assert "Nur hier (Fassung 1)\n" in shown


def test_a_section_too_short_or_too_full_is_found(ruled: Ruled) -> None:
    desk = ruled("minimum = 2\nmaximum = 2", filling="per_cluster = 2")
    items = [desk.accepted(news(title=f"T {n}", link=None)) for n in range(3)]
    desk.new()
    desk.do(issues.add, DECEMBER, items[:1])
    assert findings(desk)["section-minimum"] == "warning"
    desk.do(issues.add, DECEMBER, items[1:])
    found = findings(desk)
    assert (found["section-maximum"], found["per-cluster"]) == ("hint", "hint")
    assert "section-minimum" not in found


def test_the_lead_is_proposed_named_or_refused(ruled: Ruled) -> None:
    desk = ruled(
        'lead = true\ntitle = "Oben"\n\n[[newsletters.clusterplattform.sections]]\nkey = "mehr"'
    )
    __, second = desk.accepted(), desk.accepted(news(title="Zweite", link=None))
    torn = desk.accepted(news(title="TODO"))
    desk.new()
    with pytest.raises(Refused, match=r"nicht als Aufmacher vorschlagen.*Platzhalter"):
        desk.do(issues.fill, DECEMBER, torn)
    with pytest.raises(Refused, match="keine Rubrik für den Aufmacher"):
        desk.do(issues.fill, desk.new("go-cluster"), second)
    placed = desk.do(issues.fill, DECEMBER, second).placed
    assert {each.reference: each.why for each in placed}[second] == "Aufmacher, wie gewünscht"
    with pytest.raises(Refused, match="wartet nicht auf"):
        desk.do(issues.fill, DECEMBER, second)
    third = desk.accepted(news(title="Dritte", link=None))
    with pytest.raises(Refused, match="Den Aufmacher hat"):
        desk.do(issues.fill, DECEMBER, third)
    assert [event.what for event in history(desk)] == ["made", "filled"]
    assert [number for _, number, _ in order(desk, DECEMBER)] == [2, 1]


SPECIAL = """[newsletters.clusterplattform.special]
template = "go-cluster"
subject = "Sonderausgabe: {topic}"

[[newsletters.clusterplattform.special.sections]]
key = "thema"
title = "Das Thema"
order = "title"

"""


def test_a_special_issue_has_words_and_sections_of_its_own(
    newsletter: Newsletter, desk: Desk, home: Path
) -> None:
    path = home / FILE
    path.write_text(path.read_text("utf-8").replace(PUBLIC, SPECIAL + PUBLIC), "utf-8")
    for title in ("Zuletzt", "Anfangs"):
        desk.accepted(news(title=title, link=None))
    key = f"{DECEMBER}-s1"
    newsletter("issue", "new", "clusterplattform", "--number", "2026-12-s1")
    assert "Platzhalter „{topic}“" in newsletter("issue", "check", key).out
    newsletter("issue", "cancel", key)
    again = ("issue", "new", "clusterplattform", "--number", "2026-12-s1")
    said = newsletter(*again, "--topic", "Clusterwoche 2027", "--occasion", "Aus gegebenem Anlass.")
    assert "„Sonderausgabe: Clusterwoche 2027“" in said.out
    newsletter("issue", "fill", key)
    shown = newsletter("issue", "show", key).out
    assert "[thema] Das Thema\n  q2  Anfangs (Fassung 1)\n  q1  Zuletzt" in shown
    assert "Aus gegebenem Anlass.\n\nViel Spaß" in shown
    assert "{topic}" not in newsletter("issue", "check", key).out
    green = "#7ab648"  # of the other newsletter's template
    settings = load(home, {})
    built = [
        desk.look(lambda act, it=it: issues.check(act.session, settings, it, act.now).edition)
        for it in (key, desk.new())
    ]
    assert [green in edition.html for edition in built] == [True, False]
    assert desk.issue(DECEMBER).subject.endswith("Ausgabe Dezember 2026")


def test_the_months_occasion_stands_in_the_opening(ruled: Ruled) -> None:
    desk = ruled(occasions='12 = "Frohe Festtage!"')
    assert "Frohe Festtage!\n\nViel Spaß" in desk.issue(desk.new()).opening
    assert "Festtage" not in desk.issue(desk.new()).opening


@pytest.mark.parametrize(
    ("section", "tables", "words"),
    [
        ("minimum = 3\nmaximum = 2", {}, "maximum = 2 ist kleiner als minimum = 3"),
        ("maximum = 0", {}, "mindestens 1, hier steht „0“"),
        ('order = "random"', {}, "„random“ geht nicht; möglich: received, title oder cluster"),
        ("lead = 3", {}, "erwartet true oder false, hier steht „3“"),
        ("", {"filling": "per_cluster = 0"}, "per_cluster: mindestens 1"),
        ("", {"filling": "dates_thrice = true"}, "„newsletters.clusterplattform.filling.dates_thr"),
        ("", {"occasions": '13 = "x"'}, "höchstens 12, hier steht „13“"),
        ("", {"special": 'template = "../x"'}, "hat nicht die Form"),
    ],
)
@pytest.mark.sqlite("it reads a file")
def test_a_bad_rule_is_named_at_its_line(
    home: Path, section: str, tables: dict[str, str], words: str
) -> None:
    configure(home, section, **tables)
    wrong = (section or next(iter(tables.values()))).splitlines()[-1]
    text = (home / FILE).read_text("utf-8")
    line = text[: text.index(f"\n{wrong}\n")].count("\n") + 2
    with pytest.raises(BadConfiguration) as refusal:
        load(home, {})
    assert words in str(refusal.value)
    assert f"Zeile {line}: " in str(refusal.value)
