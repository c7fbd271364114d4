"""The calendar of issues: drafts by themselves, what is left out, letters on an issue's way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import agenda, issues, queue, schedule, submissions
from newsletter.errors import Refused, WrongUsage
from newsletter.history import SYSTEM
from newsletter.models.delivery import Letter
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import Reminders, Settings
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock
from tests.desk_situations import Desk, desk, news
from tests.issue_situations import history

__all__ = ["desk", "newsletter"]  # the fixtures

pytestmark = pytest.mark.skin

DECEMBER, JANUARY = "clusterplattform-2026-12", "clusterplattform-2027-01"
DRAFTED = datetime.fromisoformat("2026-11-25T08:00+01:00")  # twenty days before 15 December


def subjects(desk: Desk, newsletter: str = "clusterplattform") -> list[str]:
    """The letters about issues ahead that one of the editors got."""
    found = select(Letter).where(
        col(Letter.name) == "issue_ahead",
        col(Letter.newsletter) == newsletter,
        col(Letter.to_email).startswith("redaktion"),
    )
    rows = desk.look(lambda act: act.session.scalars(found.order_by(col(Letter.id))).all())
    return [letter.subject for letter in rows]


def drafts(desk: Desk) -> dict[str, str]:
    rows = desk.look(lambda act: act.session.scalars(select(Issue).order_by(col(Issue.id))).all())
    return {row.id: row.made_by for row in rows if row.state is IssueState.DRAFT}


@pytest.fixture
def strike(engine: Engine, settings: Settings, clock: Clock) -> Callable[[str], None]:
    """Let the clock show a moment in Berlin, and the scheduler do what is due then, twice."""

    def at(moment: str) -> None:
        to = datetime.fromisoformat(moment).replace(tzinfo=settings.zone)
        clock.forward(seconds=(to - clock()).total_seconds())
        schedule.tidy(engine, settings, clock)
        schedule.tidy(engine, settings, clock)

    return at


@pytest.fixture
def in_use(desk: Desk) -> None:
    """Both newsletters have had an issue."""
    for slug in ("go-cluster", "clusterplattform"):
        desk.do(issues.cancel, desk.new(slug, "2026-10"))


# -- drafts ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_use")
def test_drafts_are_made_twenty_days_before_once_and_editors_hear_of_it(
    desk: Desk, strike: Callable[[str], None]
) -> None:
    strike("2026-11-25T07:59")
    assert drafts(desk) == {}
    strike("2026-11-25T08:00")
    assert drafts(desk) == {DECEMBER: SYSTEM.name, "go-cluster-2026-12": SYSTEM.name}
    assert subjects(desk) == [f"Entwurf angelegt: {DECEMBER}"]
    made = history(desk)[0]
    assert (made.actor, made.what, made.why) == (SYSTEM.name, "made", "nach dem Rhythmus")


def test_whoever_begins_the_issue_takes_its_draft_over(
    desk: Desk, strike: Callable[[str], None]
) -> None:
    desk.accepted()
    strike("2026-11-25T08:00")
    with desk.act() as act:
        assert issues.new(act, "clusterplattform").id == DECEMBER
        assert issues.new(act, "go-cluster", "2026-12").id == "go-cluster-2026-12"
    assert set(drafts(desk).values()) == {"redaktion"}
    assert history(desk)[-1].what == "taken over"
    with pytest.raises(Refused, match="ist noch ein Entwurf"):
        desk.do(issues.new, "clusterplattform")
    assert desk.do(issues.fill, DECEMBER).placed
    strike("2026-11-26T08:00")  # and it is not begun again
    assert len(drafts(desk)) == 2


def test_a_draft_that_somebody_works_on_is_theirs(
    desk: Desk, strike: Callable[[str], None]
) -> None:
    desk.accepted()
    strike("2026-11-25T08:00")
    desk.do(issues.fill, DECEMBER)
    with pytest.raises(Refused, match=f"{DECEMBER} ist noch ein Entwurf"):
        desk.do(issues.new, "clusterplattform")
    with pytest.raises(Refused, match="gibt es schon"):
        desk.do(issues.new, "clusterplattform", "2026-12")


def test_what_was_cancelled_or_left_out_is_not_drafted_again(
    desk: Desk, strike: Callable[[str], None]
) -> None:
    desk.new()
    desk.do(issues.cancel, DECEMBER)
    desk.do(issues.skip, "go-cluster", "2026-12", "Umzug")
    strike("2026-11-30T09:00")
    assert drafts(desk) == {}
    assert subjects(desk) + subjects(desk, "go-cluster") == []


def test_nobody_is_written_to_about_a_newsletter_that_nobody_uses_yet(
    desk: Desk, strike: Callable[[str], None]
) -> None:
    strike("2026-11-25T08:00")
    strike("2026-12-04T12:00")
    assert len(drafts(desk)) == 2
    assert subjects(desk) + subjects(desk, "go-cluster") == []
    desk.accepted()
    desk.do(issues.fill, DECEMBER)
    strike("2026-12-04T12:10")
    assert subjects(desk) == [f"Redaktionsschluss: {DECEMBER}"]


# -- left out -------------------------------------------------------------------------------


def test_an_issue_that_is_left_out_is_passed_over_until_it_appears_after_all(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    draft = desk.new()
    desk.do(issues.skip, "clusterplattform", "2026-12", "  zwei Monate\nin einem ")
    desk.do(issues.skip, "go-cluster", "2026-12", "Umzug")
    assert desk.issue(draft).state is IssueState.CANCELLED
    waits = desk.hand_in()
    desk.do(queue.defer, [waits])
    with pytest.raises(WrongUsage, match="2026-12 fällt aus"):
        desk.do(queue.defer, [desk.hand_in()], until="2026-12")
    with pytest.raises(Refused, match=r"„zwei Monate in einem“.*issue unskip clusterplattform"):
        desk.do(issues.new, "clusterplattform", "2026-12")
    with pytest.raises(Refused, match="fällt schon aus"):
        desk.do(issues.skip, "clusterplattform", "2026-12", "noch einmal")
    found = {
        each.kind: each
        for each in agenda.entries(
            desk.look(lambda act: agenda.fetch(act.session, act.settings, act.now))
        )
    }
    assert found["left-out"].text == f"{DECEMBER} fällt aus: zwei Monate in einem"
    assert found["left-out"].command == "issue unskip clusterplattform 2026-12"
    ahead = desk.look(lambda act: submissions.coming_issues(act.session, settings, clock()))
    assert ahead["go-cluster"].issues[0].number == "2027-01"  # what contributors are told
    assert desk.new() == JANUARY
    desk.do(issues.unskip, "clusterplattform", "2026-12")
    assert desk.issue(DECEMBER).state is IssueState.DRAFT
    with pytest.raises(Refused, match="fällt nicht aus"):
        desk.do(issues.unskip, "clusterplattform", "2026-12")


def test_only_an_issue_that_the_rhythm_knows_and_nobody_has_begun_can_be_left_out(
    desk: Desk, clock: Clock
) -> None:
    desk.accepted()
    desk.filled()
    for number, why, sentence in (
        ("2026-12", "Urlaub", "ist Entwurf. Bitte zuerst absagen"),
        ("2026-10", "Urlaub", "schon vorbei"),
        ("2027-02", "  ", "--reason"),
        ("2027-02-s1", "Urlaub", "kennt keine Ausgabe"),
        ("Dezember", "Urlaub", "kennt keine Ausgabe"),
    ):
        with pytest.raises((Refused, WrongUsage), match=sentence):
            desk.do(issues.skip, "clusterplattform", number, why)


# -- letters --------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_use")
def test_an_issue_s_way_in_letters(desk: Desk, strike: Callable[[str], None]) -> None:
    """Thin three working days before the cut-off; closed; not approved two before it leaves."""
    desk.accepted()
    strike("2026-12-01T07:00")  # the draft was made late: the machine was off
    strike("2026-12-01T08:00")
    assert subjects(desk)[1:] == [f"Noch dünn: {DECEMBER}"]
    waits = desk.hand_in(news(title="Maritimes Cluster: neuer Prüfstand"))
    strike("2026-12-04T12:00")
    assert subjects(desk)[2:] == [f"Redaktionsschluss: {DECEMBER}"]
    closed = desk.look(
        lambda act: act.session.scalars(
            select(Letter).where(col(Letter.subject) == f"Redaktionsschluss: {DECEMBER}")
        ).first()
    )
    assert "Fertig ist 1 Beitrag" in closed.text
    assert "Das ist wenig" in closed.text
    assert f"newsletter queue show {waits}" in closed.text
    strike("2026-12-11T07:59")
    strike("2026-12-11T08:00")
    assert subjects(desk)[3:] == [f"Freigabe fehlt: {DECEMBER}"]
    strike("2026-12-14T12:00")
    assert len(subjects(desk)) == 4
    told = [event.what for event in history(desk)]
    assert told[1:] == ["told of a thin issue", "told of the cut-off", "told of no approval"]


@pytest.mark.usefixtures("in_use")
def test_what_is_well_or_known_already_causes_no_letter(
    desk: Desk, strike: Callable[[str], None], settings: Settings
) -> None:
    strike("2026-12-05T09:00")  # nobody has begun it, and the cut-off was yesterday
    assert subjects(desk)[1:] == [f"Redaktionsschluss: {DECEMBER}"]
    strike("2026-12-11T07:00")
    desk.accepted()
    desk.do(issues.new, "clusterplattform")
    desk.do(issues.fill, DECEMBER)
    desk.do(issues.request, DECEMBER, "geprüft")
    strike("2026-12-11T08:00")
    assert subjects(desk)[2:] == [f"Freigabe fehlt: {DECEMBER}"]
    assert subjects(desk, "go-cluster")[-1] == "Freigabe fehlt: go-cluster-2026-12"


def test_who_begins_an_issue_after_its_letters_were_due_gets_none(
    desk: Desk, strike: Callable[[str], None], clock: Clock, settings: Settings
) -> None:
    clock.forward(seconds=(DRAFTED + timedelta(days=17) - clock()).total_seconds())
    desk.new()
    strike("2026-12-14T09:00")
    assert subjects(desk) == []


# -- shown ----------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_the_year_is_shown_with_what_moved_and_what_is_left_out(
    newsletter: Newsletter, home: Path, tmp_path: Path
) -> None:
    config = home / "newsletter.toml"
    text = config.read_text("utf-8").replace(
        "[approval]", '[holidays]\nlaender = ["BY"]\n[approval]'
    )
    config.write_text(text.replace("day = 15 ", "day = 6 "), "utf-8")
    skipped = newsletter("issue", "skip", "clusterplattform", "2031-08", "--reason", "Sommerpause")
    assert skipped.out.startswith("clusterplattform-2031-08 fällt aus: Sommerpause\n")
    shown = newsletter("calendar", "2031", as_="").out
    assert "go-cluster-2031-01        Fr 27.12.2030 12:00*  Di 07.01.2031 10:00*" in shown
    assert "* go-cluster-2031-01: Versand verschoben vom 06.01.2031 (Heilige Drei Könige)" in shown
    assert "clusterplattform-2031-08 fällt aus: Sommerpause" in shown
    facts = newsletter("calendar", "2031", "--json", as_="").json
    assert len(facts) == 24
    assert facts[0]["send_at"] == "2031-01-07T10:00:00+01:00"
    assert {each["left_out"] for each in facts} == {None, "Sommerpause"}
    file = tmp_path / "2031.ics"
    assert "48 Termine stehen in" in newsletter("calendar", "2031", "--ics", str(file), as_="").out
    events = {
        str(each["uid"]): each for each in Calendar.from_ical(file.read_bytes()).walk("VEVENT")
    }
    leaves = events["go-cluster-2031-01-sending@go-cluster.example"]
    assert leaves["dtstart"].dt.isoformat() == "2031-01-07T10:00:00+01:00"
    assert "Heilige Drei Könige" in leaves["description"]
    gone = events["clusterplattform-2031-08-sending@clusterplattform.example"]
    assert (gone["status"], gone["summary"][:9]) == ("CANCELLED", "Entfällt:")
    assert "erschien keine Ausgabe" in newsletter("calendar", "2020", as_="").out
    refused = newsletter("calendar", "--ics", str(tmp_path / "no" / "x.ics"), as_="")
    assert (refused.code, "lässt sich nicht schreiben" in refused.err) == (1, True)
    back = newsletter("issue", "unskip", "clusterplattform", "2031-08")
    assert "clusterplattform-2031-08 erscheint wieder." in back.out


@pytest.mark.usefixtures("in_use")
def test_reminders_can_be_switched_off(
    desk: Desk, engine: Engine, settings: Settings, clock: Clock
) -> None:
    quiet = {
        slug: it.model_copy(
            update={
                "reminders": Reminders(thin=0, approval=0),
                "rhythm": it.rhythm.model_copy(update={"draft_days": 0}),
            }
        )
        for slug, it in settings.newsletters.items()
    }
    still = settings.model_copy(update={"newsletters": quiet})
    for _other_day in range(12):
        schedule.tidy(engine, still, clock)
        clock.forward(days=2)
    assert subjects(desk) == [f"Redaktionsschluss: {DECEMBER}"]
    assert drafts(desk) == {}
