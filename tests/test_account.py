"""Who got an issue and why: the sums, one person, everybody as a file; kept when people go."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from newsletter import readers
from newsletter.dispatch import ledger
from newsletter.dispatch.replies import Deferred, Receipt, Refused, Stage
from newsletter.history import SYSTEM
from newsletter.models.delivery import Delivery
from newsletter.models.issue import IssueState
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.dispatch_situations import PUBLIC, at_work, opened, scheduled

__all__ = ["newsletter"]  # the fixture

KEY = "clusterplattform-2026-12"
YES = Receipt("250 2.0.0 Ok: queued", "relay.example")
NO = Refused(Stage.RCPT, "550 5.1.1 No such user", "relay.example", 550)
LATER = Deferred(Stage.RCPT, "451 4.2.0 Greylisted", "relay.example", 451)


@pytest.fixture
def clock() -> Clock:
    """Commands look at the real clock; an hour ago this issue began."""
    return Clock(datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def going_out(act: type_of_act, clock: Clock) -> None:
    """Maria has it, Ada's server said no, Ben's later; Cleo left before her turn; Dora waits."""
    with act() as a:
        readers.add(a, PUBLIC, "maria@firma.example", "Anmeldebogen Messe 2026", '=HYPERLINK("x")')
    clock.forward(minutes=1)
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada", "ben", "cleo", "dora")
        claim = ledger.claim(a, 4)
        assert claim is not None
        maria, ada, ben, cleo = claim.rows
        for row, outcome in ((maria, YES), (ada, NO), (ben, LATER)):
            assert ledger.intend(a, row)
            ledger.settle(a, row, outcome)
        readers.unsubscribe_address(a, "cleo@leser.example", None)
        assert not ledger.intend(a, cleo)


@pytest.mark.usefixtures("going_out")
def test_an_editor_learns_why_a_person_got_an_issue_or_why_not(
    newsletter: Newsletter, act: type_of_act, clock: Clock
) -> None:
    def why(address: str) -> str:
        done = newsletter("issue", "audience", KEY, "--why", address)
        assert done.code == 0, done.err
        return done.out

    maria = why("Maria@Firma.example")
    for part in (
        f"{KEY} wurde am ",
        " an den Mailserver übergeben.",
        "Mailserver: relay.example",
        "Antwort: 250 2.0.0 Ok: queued",
        "Message-ID: <",
        "aktiv seit",
        "Anmeldebogen Messe 2026",
        "Die Empfängerliste wurde am ",
    ):
        assert part in maria
    assert "vom Mailserver abgelehnt." in (ada := why("ada@leser.example"))
    assert "550 5.1.1 No such user" in ada
    assert "nächster Versuch am" in why("ben@leser.example")
    assert "übersprungen: Die Person hatte sich inzwischen abgemeldet." in why("cleo@leser.example")
    assert "wartet für diese Adresse auf den Versand." in why("dora@leser.example")
    clock.forward(minutes=1)
    with act() as a:
        readers.add(a, PUBLIC, "eva@firma.example", "Anmeldebogen")
        readers.add(a, "go-cluster", "fritz@firma.example", "Mitglied")
    assert "Sie wurde erst danach für" in why("eva@firma.example")
    assert "nie abonniert" in why("fritz@firma.example")
    assert "ist hier nicht gespeichert" in why("niemand@firma.example")
    with act() as a:
        readers.erase(a, "maria@firma.example")
    assert "maria@firma.example wurde gelöscht" in why("maria@firma.example")
    nonsense = newsletter("issue", "audience", KEY, "--why", "maria")
    assert (nonsense.code, "@" in nonsense.err) == (1, True)
    assert newsletter("issue", "audience", KEY, "--why", "x@y.example", as_="niemand").code == 1
    facts = newsletter("issue", "audience", KEY, "--why", "ada@leser.example", "--json").json
    assert (facts["known"], facts["on_the_list"], facts["obstacle"]) == (True, True, None)
    assert facts["delivery"]["state"] == "refused"
    protocol = newsletter("log", "issue", KEY, as_="").out
    assert protocol.count("nach einer Person gefragt") == 10
    assert "firma.example" not in protocol


def test_before_its_time_an_issue_says_who_would_get_it(
    newsletter: Newsletter, act: type_of_act, clock: Clock
) -> None:
    with act() as a:
        readers.add(a, PUBLIC, "maria@firma.example", "Anmeldebogen")
        scheduled(a, state=IssueState.APPROVED)
    told = newsletter("issue", "audience", KEY, as_="")
    assert "Jetzt ist es 1 Adresse." in told.out
    facts = newsletter("issue", "audience", KEY, "--json", as_="").json
    assert (facts["recipients"], facts["fixed_at"], facts["listening"]) == (None, None, 1)
    maria = newsletter("issue", "audience", KEY, "--why", "maria@firma.example").out
    assert "wenn sich bis zum Versand nichts ändert" in maria
    none = newsletter("issue", "audience", KEY, "--export", "liste.csv")
    assert (none.code, "hat noch keine Empfängerliste" in none.err) == (1, True)


@pytest.mark.usefixtures("going_out")
def test_the_account_leaves_as_a_file_that_only_its_writer_may_read(
    newsletter: Newsletter, tmp_path: Path
) -> None:
    sheet, document = tmp_path / "liste.csv", tmp_path / "liste.json"
    said = newsletter("issue", "audience", KEY, "--export", str(sheet))
    assert said.code == 0, said.err
    assert "5 Adressen stehen in" in said.out
    assert sheet.stat().st_mode & 0o777 == 0o600
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["email"]: row for row in csv.DictReader(file, delimiter=";")}
    assert {row["state"] for row in rows.values()} == {
        "accepted",
        "refused",
        "deferred",
        "skipped",
        "queued",
    }
    assert rows["cleo@leser.example"]["why"] == "unsubscribed"
    assert rows["maria@firma.example"]["name"].startswith("'=")  # no formula for a spreadsheet
    before = sheet.read_bytes()
    twice = newsletter("issue", "audience", KEY, "--export", str(sheet))
    assert (twice.code, "gibt es schon" in twice.err, sheet.read_bytes()) == (1, True, before)
    assert (
        newsletter("issue", "audience", KEY, "--export", str(document), "--json").json["rows"] == 5
    )
    whole = json.loads(document.read_text(encoding="utf-8"))
    assert whole["deliveries"] == {
        "accepted": 1,
        "refused": 1,
        "deferred": 1,
        "skipped": 1,
        "queued": 1,
    }
    assert whole["skipped"] == {"unsubscribed": 1}
    assert whole["addresses"][0]["name"] == '=HYPERLINK("x")'
    assert newsletter("log", "issue", KEY, as_="").out.count("als Liste herausgegeben") == 2
    for file, words in (("liste.xls", "enden"), ("fehlt/liste.csv", "lässt sich nicht schreiben")):
        refused = newsletter("issue", "audience", KEY, "--export", str(tmp_path / file))
        assert refused.code in {1, 2}
        assert words in refused.err
    nobody = newsletter(
        "issue", "audience", KEY, "--export", str(tmp_path / "b.csv"), as_="niemand"
    )
    assert nobody.code == 1
    assert sorted(each.name for each in tmp_path.glob("*liste*")) == ["liste.csv", "liste.json"]


@pytest.mark.usefixtures("going_out")
def test_those_whom_a_mail_server_refused_are_listed_with_its_words(newsletter: Newsletter) -> None:
    shown = newsletter("issue", "audience", KEY, "--state", "refused")
    assert shown.code == 0, shown.err
    assert shown.out.startswith(f"{KEY}: 1 abgelehnt\n")
    (line,) = [line.split("  ") for line in shown.out.splitlines() if "@" in line]
    assert line == ["ada@leser.example", "550 5.1.1 No such user"]
    assert "newsletter subscribers show ADRESSE" in shown.out
    left = newsletter("issue", "audience", KEY, "--state", "skipped", "--json").json
    assert [each["email"] for each in left["addresses"]] == ["cleo@leser.example"]
    assert newsletter("log", "issue", KEY, as_="").out.count("aufgelistet") == 2
    assert newsletter("issue", "audience", KEY, "--state", "queued", as_="niemand").code == 1
    for wrong in (("--state", "weg"), ("--state", "refused", "--why", "ada@leser.example")):
        refused = newsletter("issue", "audience", KEY, *wrong)
        assert (refused.code, "@" in refused.out) == (2, False)


@pytest.mark.usefixtures("going_out")
def test_the_sums_outlive_the_readers_and_their_rows(
    newsletter: Newsletter, act: type_of_act, clock: Clock
) -> None:
    newsletter("issue", "stop", KEY)
    with act(SYSTEM) as a:
        ((issue_id, account),) = ledger.finished(a.session).items()
        assert ledger.close(a, issue_id, account)
    before = newsletter("issue", "status", KEY, "--json", as_="").json
    assert before["deliveries"] == {"accepted": 1, "refused": 1, "skipped": 3}
    told = newsletter("issue", "audience", KEY, as_="").out
    counted = "5 = 1 übergeben + 1 abgelehnt + 2 durch den Abbruch übersprungen"
    assert f"{counted} + 1 inzwischen abgemeldet. Niemand fehlt." in told
    with act() as a:
        for address in ("maria@firma.example", "ada@leser.example"):
            readers.erase(a, address)
        a.session.execute(delete(Delivery))  # the end of what may be kept
    assert newsletter("issue", "status", KEY, "--json", as_="").json == before
    assert newsletter("issue", "audience", KEY, as_="").out == told
    status = newsletter("issue", "status", KEY, as_="").out
    assert "5 = 1 übergeben + 1 abgelehnt" in status


def test_an_answer_that_comes_after_the_account_was_closed_is_in_it(
    newsletter: Newsletter, act: type_of_act
) -> None:
    with act(SYSTEM) as a:
        at_work(a)
        opened(a, "ada", "ben")
        claim = ledger.claim(a, 2)
        assert claim is not None
        assert len(ledger.intend_all(a, claim.rows)) == 2
        ledger.recover(a, same_boot=True)  # another sender holds this one for dead
        assert ledger.close(a, KEY, ledger.finished(a.session)[KEY])
    assert newsletter("issue", "status", KEY, "--json", as_="").json["deliveries"] == {"unknown": 2}
    with act(SYSTEM) as a:
        ledger.reopen(a, claim.rows)
        assert ledger.settle(a, claim.rows[0], YES)
        assert ledger.close(a, KEY, ledger.finished(a.session)[KEY])
    told = newsletter("issue", "audience", KEY, as_="").out
    assert "2 = 1 übergeben + 1 unklar. Niemand fehlt." in told
