"""How far an issue has come and when it will be through: before the start, and looked at."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from sqlalchemy import Engine

from newsletter.commands import issue_watch
from newsletter.dispatch import home_guard, ledger, pace, progress, steering
from newsletter.dispatch.replies import Deferred, Receipt, Refused, Stage, Unknown
from newsletter.history import SYSTEM
from newsletter.language import speaking
from newsletter.models.delivery import DeliveryState
from newsletter.models.issue import IssueState
from newsletter.settings import FILE, Provider
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import at_work, opened, readers, scheduled
from tests.test_commands_queue import run_at_a_terminal

__all__ = ["newsletter"]  # the fixture

KEY = "clusterplattform-2026-12"
D = DeliveryState
BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
YES = Receipt("250 Ok", "relay.example")
NO = Refused(Stage.RCPT, "550 5.1.1 unknown", "relay.example", 550)
LATER = Deferred(Stage.RCPT, "451 later", "relay.example", 451)
LOST = Unknown(Stage.DOT, "Verbindung verloren", "relay.example")


# -- before the start -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "limits", "measured", "said"),
    [
        (4812, [(30, MINUTE)], None, "4.812 Adressen, bei 30 je Minute fertig gegen 12:41 Uhr"),
        (1, [(30, MINUTE)], None, "1 Adresse, bei 30 je Minute fertig gegen 10:01 Uhr"),
        # the tightest limit decides, and a day that is another one is said
        (
            1000,
            [(30, MINUTE), (60, timedelta(hours=1))],
            None,
            "1.000 Adressen, bei 1 je Minute fertig gegen Mittwoch, 16.12.2026, 02:40 Uhr",
        ),
        # nothing limits it: no number, unless an earlier issue says one
        (4812, [], None, "4.812 Adressen"),
        (
            4812,
            [],
            ledger.Measured("x-2026-11", 1200),
            "4.812 Adressen, so schnell wie x-2026-11 (1.200 je Minute) fertig gegen 10:05 Uhr",
        ),
        (0, [(30, MINUTE)], None, "0 Adressen"),
    ],
)
def test_what_is_to_be_expected_is_one_honest_number(
    count: int,
    limits: list[tuple[int, timedelta]],
    measured: ledger.Measured | None,
    said: str,
) -> None:
    expected = progress.estimate(count, [pace.Limit(*limit) for limit in limits], measured)
    words = progress.in_words(TEN, count, expected, BERLIN)
    assert words == f"Dienstag, 15.12.2026, 10:00 Uhr, {said}"


def at(per_minute: float | None, *limits: pace.Limit, **counts: int) -> progress.Progress:
    """An issue that is going out."""
    total = sum(counts.values())
    return progress.Progress(TEN, KEY, IssueState.SENDING, total, counts, per_minute, limits)


def test_the_time_left_is_as_measured_but_never_faster_than_the_limits() -> None:
    going = at(40.0, accepted=1000, queued=3800, claimed=12, deferred=3)
    assert progress.told(going, BERLIN) == (
        "1.000 von 4.815 (20 %), 40 je Minute, noch 1 Std. 36 Min., fertig gegen 11:36 Uhr,"
        " 3 zurückgestellt"
    )
    burst = at(4000.0, pace.Limit(1000, timedelta(hours=1)), accepted=1000, queued=2000)
    assert burst.left == timedelta(hours=2)
    unmeasured = at(None, accepted=1, queued=9)
    assert progress.told(unmeasured, BERLIN) == "1 von 10 (10 %)"
    assert at(0.5, accepted=1, queued=1).percent == 50
    assert "0,5 je Minute" in progress.told(at(0.5, accepted=1, queued=1), BERLIN)
    spans = {40: "40 Sekunden", 91: "2 Minuten", 9600: "2 Std. 40 Min.", 400_000: "4 Tage"}
    for seconds, said in spans.items():
        assert progress.lasting(timedelta(seconds=seconds)) == said
    almost = at(None, accepted=999_999, queued=1)
    assert almost.percent == 99


def test_mailboxes_are_counted_by_their_operator() -> None:
    found = progress.providers(
        {
            "gmx.de": {D.ACCEPTED: 3, D.DEFERRED: 1},
            "web.de": {D.QUEUED: 2},
            "gmail.com": {D.REFUSED: 1},
            "gmx.firma.example": {D.ACCEPTED: 1},  # not theirs
            "": {D.SKIPPED: 1},
        },
        pace.Operators({}),
        most=3,
    )
    assert found == {
        "united-internet": progress.Provider(
            addresses=6, done=3, accepted=3, deferred=1, refused=0
        ),
        "(gelöscht)": progress.Provider(addresses=1, done=1, accepted=0, deferred=0, refused=0),
        "gmail": progress.Provider(addresses=1, done=1, accepted=0, deferred=0, refused=1),
        "übrige": progress.Provider(addresses=1, done=1, accepted=1, deferred=0, refused=0),
    }


def test_a_limited_provider_makes_it_later_than_all_others() -> None:
    slow = {"gmail": Provider(per_minute=10), "default": Provider(per_minute=60)}
    domains = {"gmail.com": 50, "googlemail.com": 50, "a.example": 120, "gmx.de": 90}
    slowest = progress.slowest_provider(domains, slow)
    assert slowest == timedelta(minutes=10)
    assert progress.slowest_provider({"gmx.de": 90}, {"gmail": Provider(per_minute=10)}) is None
    expected = progress.estimate(310, [pace.Limit(100, MINUTE)], None, slowest)
    assert expected is not None
    assert (expected.takes, expected.per_minute) == (timedelta(minutes=10), 31)


def test_providers_are_told_apart_and_no_heading_is_cut_at_80_columns() -> None:
    names = [f"verein-der-{n}.sehr-langer-name-der-organisation-ev.example" for n in "abc"]
    one = progress.Provider(addresses=99_999, done=1, accepted=1, deferred=0, refused=0)
    going = replace(at(None, accepted=1), providers=dict.fromkeys(names, one))
    for language in ("de", "en"):
        with speaking(language):
            console = Console(width=80, file=StringIO())
            console.print(issue_watch._by_provider(going, console.width))
        heads, *lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        assert "zurückgestellt  abgelehnt" in heads or language == "en"
        assert "…" not in heads
        shown = [line.split()[0] for line in lines]
        assert len({*shown}) == 3
    (one_name,) = issue_watch.told_apart(names[:1], 20).values()
    assert one_name == "verein-der…v.example"


def test_schedule_status_and_agenda_say_when_an_issue_will_be_through(
    home: Path, newsletter: Newsletter, act: type_of_act
) -> None:
    with act() as a:
        readers(a.session, *(f"leser{number}" for number in range(90)))
        scheduled(a, send_at=datetime.now(UTC) + timedelta(days=30))
    unlimited = newsletter("issue", "status", KEY, as_="").out
    assert "Uhr, 90 Adressen\n" in unlimited  # no invented number
    config = home / FILE
    text = config.read_text("utf-8")
    config.write_text(text.replace("[sending]", "[sending]\nper_minute = 30"), "utf-8")
    for words in (("issue", "status", KEY), ("agenda",)):
        assert "90 Adressen, bei 30 je Minute fertig gegen" in newsletter(*words, as_="").words
    facts = newsletter("issue", "status", KEY, "--json", as_="").json
    assert (facts["estimate"]["seconds"], facts["estimate"]["per_minute"]) == (180, 30)
    assert facts["progress"] is None
    with config.open("a", encoding="utf-8") as file:
        file.write("\n[sending.providers.default]\nper_minute = 9\n")
    slower = newsletter("issue", "status", KEY, "--json", as_="").json["estimate"]
    assert (slower["seconds"], slower["per_minute"]) == (600, 9)  # all have one provider


# -- on its way -----------------------------------------------------------------------------


@pytest.fixture
def clock() -> Clock:
    """Commands look at the real clock; this issue began a minute ago."""
    return Clock(datetime.now(UTC) - timedelta(minutes=1))


@pytest.fixture
def a_sender(home: Path, engine: Engine) -> Iterator[ExitStack]:
    """Somebody holds the sender's lock, until it is closed."""
    with ExitStack() as held:
        held.enter_context(home_guard.only_sender(home, engine))
        yield held


Step = Callable[[], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Iterator[object]], None]:
    """Between two looks happens the next step, instead of a second's wait."""

    def arrange(steps: Iterator[object]) -> None:
        monkeypatch.setattr(issue_watch, "_wait", lambda _seconds: next(steps))

    return arrange


def handed(act: type_of_act, clock: Clock, *outcomes: object) -> None:
    """The sender hands over the next few copies."""
    clock.forward(seconds=1)
    with act(SYSTEM) as a:
        claim = ledger.claim(a, len(outcomes))
        assert claim is not None
        assert len(ledger.intend_all(a, claim.rows)) == len(outcomes)
        told = [ledger.Settled(*each) for each in zip(claim.rows, outcomes, strict=True)]  # type: ignore[arg-type]
        assert ledger.settle_all(a, told) == len(outcomes)


def test_watching_tells_every_tenth_and_ends_when_the_issue_is_sent(
    newsletter: Newsletter,
    act: type_of_act,
    clock: Clock,
    meanwhile: Callable[[Iterator[object]], None],
    a_sender: ExitStack,
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, *(f"leser{number:02}" for number in range(20)))

    def sending() -> Iterator[object]:
        yield handed(act, clock, YES)  # 5 %: nothing is said
        for _ in range(9):
            yield handed(act, clock, YES, YES)
        yield handed(act, clock, NO)
        with act(SYSTEM) as a:
            ((issue_id, account),) = ledger.finished(a.session).items()
            ledger.close(a, issue_id, account)
        yield None

    meanwhile(sending())
    done = newsletter("issue", "status", KEY, "--watch", as_="")
    assert done.code == 0, done.err
    *lines, state, account = done.out.splitlines()
    percent = [int(line.partition("(")[2].partition(" %")[0]) for line in lines]
    assert percent == [0, *range(15, 100, 10), 100]
    assert re.search(r" je Minute, noch \d Sekunden$", lines[-2])
    assert state == f"{KEY} ist jetzt „versendet“."
    assert account == "20 = 19 übergeben + 1 abgelehnt. Niemand fehlt."
    again = newsletter("issue", "status", KEY, "--watch", as_="")
    assert (again.code, again.out.splitlines()) == (0, [state, account])


def test_watching_an_issue_that_is_held_says_why_and_ends_with_one(
    newsletter: Newsletter,
    act: type_of_act,
    clock: Clock,
    meanwhile: Callable[[Iterator[object]], None],
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada", "ben", "cleo", "dora")

    def held() -> Iterator[object]:
        yield handed(act, clock, YES, LATER, LOST)
        with act() as a:
            steering.pause(a, KEY, "Tippfehler")
        yield None

    meanwhile(held())
    watched = newsletter("issue", "status", KEY, "--watch", "--json", as_="")
    assert watched.code == 1
    first, second, third = (json.loads(line) for line in watched.out.splitlines() if line)
    assert (first["state"], first["done"], first["deliveries"]) == ("sending", 0, {"queued": 4})
    assert (second["done"], second["percent"]) == (2, 50)
    assert third["state"] == "paused"
    assert third["providers"]["leser.example"]["deferred"] == 1
    meanwhile(iter(()))
    plain = newsletter("issue", "status", KEY, "--watch", "--plain", as_="")
    assert plain.code == 1
    assert f"{KEY} ist jetzt „angehalten“: Tippfehler" in plain.out
    assert "1 übergeben + 1 unklar + 1 wartend + 1 zurückgestellt. Niemand fehlt." in plain.out
    assert f"Als Nächstes: newsletter issue resolve {KEY}" in plain.out


def test_whoever_watches_an_issue_that_does_not_move_is_told(
    newsletter: Newsletter,
    act: type_of_act,
    meanwhile: Callable[[Iterator[object]], None],
    monkeypatch: pytest.MonkeyPatch,
    a_sender: ExitStack,
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada")
    monkeypatch.setattr(issue_watch, "_STILL_AFTER", 0.0)
    monkeypatch.setattr(issue_watch, "_EVERY", 0.0)

    def nothing() -> Iterator[object]:
        yield None
        with act(SYSTEM) as a:
            again = (datetime.now(UTC) + timedelta(days=30)).isoformat()
            why, detail = "Der Mailserver antwortet nicht.", {"again": again}
            a.record("sender", "umgebung", "trouble", why=why, detail=detail)
        yield None
        a_sender.close()  # it was killed
        yield None
        raise KeyboardInterrupt

    meanwhile(nothing())
    left = newsletter("issue", "status", KEY, "--watch", as_="")
    assert left.code == 130
    assert "kam nichts voran; der Versand läuft." in left.out
    assert "– Der Mailserver antwortet nicht. Nächster Versuch: " in left.out
    assert " je Minute" not in left.out  # and nobody hears of a rate
    assert "Gerade sendet niemand; weiter geht es mit: newsletter run" in left.out
    status = newsletter("issue", "status", KEY, as_="").out
    assert "Der Mailserver antwortet nicht.\n" in status
    assert "Als Nächstes: newsletter run\n" in status
    assert left.err == ""


@pytest.mark.sqlite("a terminal is the same everywhere")
def test_at_a_terminal_the_same_place_is_refreshed(
    home: Path, tmp_path: Path, act: type_of_act
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada")
    with act() as a:
        steering.pause(a, KEY, "Tippfehler")
    code, said = run_at_a_terminal(home, tmp_path, "issue", "status", KEY, "--watch")
    assert code == 1
    assert "\x1b[" in said
    assert "1 wartend. Niemand fehlt." in said


def test_an_issue_that_nobody_sends_says_so_and_invents_no_end(
    newsletter: Newsletter, act: type_of_act, clock: Clock, a_sender: ExitStack
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, *(f"leser{number:02}" for number in range(30)))
    handed(act, clock, *[YES] * 12)
    nobody = "Gerade sendet niemand; weiter geht es mit: newsletter run"
    going = newsletter("issue", "status", KEY, as_="").out
    assert " je Minute" in going
    assert nobody not in going
    assert "geht gerade hinaus" in newsletter("agenda", as_="").out
    a_sender.close()
    left = newsletter("issue", "status", KEY, as_="").out
    assert nobody in left
    assert " je Minute" not in left
    assert "fertig gegen" not in left
    facts = newsletter("issue", "status", KEY, "--json", as_="").json
    assert (facts["sender"], facts["progress"]["left_seconds"]) == (False, None)
    assert "aber gerade sendet niemand.\n      newsletter run" in newsletter("agenda", as_="").out


def test_copies_that_were_put_off_say_when_they_are_tried_again(
    newsletter: Newsletter,
    act: type_of_act,
    clock: Clock,
    meanwhile: Callable[[Iterator[object]], None],
    monkeypatch: pytest.MonkeyPatch,
    a_sender: ExitStack,
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada", "ben")
    handed(act, clock, YES, LATER)
    monkeypatch.setattr(issue_watch, "_STILL_AFTER", 0.0)

    def nothing() -> Iterator[object]:
        yield from (None, None)
        raise KeyboardInterrupt

    meanwhile(nothing())
    (line,) = newsletter("issue", "status", KEY, "--watch", as_="").out.splitlines()
    assert re.search(r"1 von 2 \(50 %\), 1 zurückgestellt, nächster Versuch .*:\d\d Uhr$", line)
    assert ", 1 zurückgestellt, nächster Versuch " in newsletter("issue", "status", KEY).out


def test_an_issue_whose_time_has_passed_says_whether_anybody_sends(
    newsletter: Newsletter, act: type_of_act, clock: Clock, a_sender: ExitStack
) -> None:
    with act(SYSTEM) as a:
        readers(a.session, "ada")
        scheduled(a, send_at=clock())  # a minute ago
    begins = newsletter("issue", "status", KEY, as_="").out
    assert f"Der Versand läuft; zusehen: newsletter issue status {KEY} --watch" in begins
    a_sender.close()
    overdue = newsletter("issue", "status", KEY, as_="").out
    assert re.search(r"Versand: fällig seit .*; es sendet niemand: newsletter run\n", overdue)
    assert "fertig gegen" not in overdue
    assert re.search(r" fällig seit .* Uhr; es sendet niemand", newsletter("agenda").words)
