"""An issue went out with a mistake in it: in the end everybody has the right text."""

from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, text

from newsletter import issues, readers, schedule
from newsletter.dispatch import ledger, steering
from newsletter.history import SYSTEM, Clock, acting, now
from newsletter.models.delivery import Letter
from newsletter.settings import FILE, Settings, load
from tests.approval_situations import ERIKA, token_in
from tests.archive_situations import joins, unframed
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, news
from tests.dispatch_situations import quiet_home
from tests.smtp_server import DROP, Script, Scripted
from tests.web_situations import browser

__all__ = ["browser", "desk", "newsletter", "quiet_home"]  # the fixtures

FIRST = "clusterplattform-2027-03"
FIX = f"{FIRST}-k1"
NAMES = ("ada", "ben", "cleo", "dora", "emil", "fritz")
NOTE = "Die Tagung ist am 16. März, nicht am 15. März."
WRONG = "Die Tagung ist am 15. März in Musterhavel."
Send = Callable[..., Script]


@pytest.fixture
def clock() -> Clock:
    """The real one: commands look at it, too."""
    return now


@pytest.fixture
def send(engine: Engine, settings: Settings) -> Send:
    """Send all that is due to a relay that answers by this script."""

    def sent(script: Script | None = None) -> Script:
        with Scripted(script) as relay:
            here = load(settings.home, {"NEWSLETTER_RELAY": relay.url})
            sending = here.sending.model_copy(update={"connections": 1})
            schedule.send_what_is_due(engine, here.model_copy(update={"sending": sending}))
            return relay.script

    return sent


def ok(newsletter: Newsletter, *words: str, as_: str = "redaktion") -> str:
    done = newsletter(*words, as_=as_)
    assert done.code == 0, done.err
    return done.out


def out(newsletter: Newsletter, key: str) -> None:
    """From a draft to its moment."""
    ok(newsletter, "issue", "request", key, "--accept-warnings", "geprüft")
    ok(newsletter, "issue", "approve", key, as_="freigabe")
    ok(newsletter, "issue", "schedule", key, "now")


def seen_by_approver(newsletter: Newsletter, browser: TestClient, desk: Desk, home: Path) -> str:
    """The page of somebody outside who is asked for a yes."""
    config = home / FILE
    erika = f'[[approvers]]\nname = "{ERIKA}"\nemail = "erika@ministerium.example"\n\n'
    said = config.read_text("utf-8").replace("[approval]", f"{erika}[approval]")
    config.write_text(said, "utf-8")
    ok(newsletter, "issue", "request", FIX, "--to", ERIKA, "--accept-warnings", "geprüft")
    return browser.get(f"/approval/{token_in(desk)}").text


@pytest.fixture
def first(desk: Desk, newsletter: Newsletter) -> str:
    """An issue with two items, scheduled; six people read it."""
    for name in NAMES:
        joins(desk, name)
    desk.accepted(news(teaser=WRONG, link="https://www.lichtwerk.example/tagung"))
    desk.accepted(news(title="Lichtwerk: Neue Halle eröffnet", link="https://l.example/halle"))
    desk.do(lambda act: act.session.execute(delete(Letter)))
    ok(newsletter, "issue", "new", "clusterplattform", "--number", "2027-03")
    ok(newsletter, "issue", "fill", FIRST)
    out(newsletter, FIRST)
    return FIRST


def stopped_halfway(send: Send, engine: Engine, settings: Settings) -> Script:
    """Ada has it, of Ben nobody knows, Cleo got the last one; somebody has seen the mistake."""
    seen = []

    def see(_message: object) -> None:
        seen.append(1)
        if len(seen) == 3:
            with acting(engine, settings, SYSTEM) as act:
                steering.stop(act, FIRST, "Falscher Termin")

    return send(Script(answers={"DOT": ["250 Ok", DROP]}, on_message=see))


def edited(newsletter: Newsletter, old: str, new: str) -> None:
    document = newsletter("queue", "show", "q1", "--document").out
    assert old in document
    done = newsletter("queue", "edit", "q1", "-", typed=document.replace(old, new))
    assert done.code == 0, done.err


def sql(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))


def to(script: Script) -> Counter[str]:
    return Counter(each.rcpt.partition("@")[0] for each in script.messages)


def test_a_half_sent_issue_is_corrected_and_both_accounts_add_up(
    first: str,
    newsletter: Newsletter,
    send: Send,
    desk: Desk,
    engine: Engine,
    settings: Settings,
) -> None:
    before = stopped_halfway(send, engine, settings)
    assert to(before) == Counter(("ada", "ben", "cleo"))
    stands = newsletter("issue", "status", first, "--json").json
    assert stands["deliveries"] == {"accepted": 2, "unknown": 1, "skipped": 3}
    edited(newsletter, "am 15. März", "am 16. März")
    begun = ok(newsletter, "issue", "correct", first, "--note", NOTE)
    assert "Sie geht an alle, die sie bekommen sollten: 6 Adressen." in begun
    assert "q1 steht in Fassung 2 darin; versandt wurde Fassung 1." in begun
    with desk.act() as act:
        readers.unsubscribe_address(act, "ada@leser.example", None)
        readers.erase(act, "dora@leser.example")
    changes = newsletter("issue", "diff", FIX, "--json").json["changes"]
    (teaser,) = [each for each in changes if "15. März" in each["gone"]]
    assert (teaser["gone"], teaser["new"]) == (WRONG, WRONG.replace("15.", "16."))
    assert not [each for each in changes if "Neue Halle" in str(each)]
    out(newsletter, FIX)
    after = send()
    assert to(after) == Counter(("ben", "cleo", "emil", "fritz"))
    mail = message_from_bytes(after.messages[0].data, policy=policy.default)
    said = " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
    for part in ("Korrektur zu Ausgabe März 2027 vom", NOTE, "am 16. März in", "Neue Halle"):
        assert part in said
    both = newsletter("issue", "status", first, "--json").json
    assert both["deliveries"] == stands["deliveries"]
    assert both["together"] == {
        "recipients": 6,
        "corrected": 4,
        "uncorrected": 0,
        "deliveries": {"accepted": 4, "skipped": 2},
        "skipped": {"unsubscribed": 1, "erased": 1},
    }
    told = ok(newsletter, "issue", "status", first)
    assert (
        "6 = 4 berichtigt + 1 inzwischen gelöscht + 1 inzwischen abgemeldet. Niemand fehlt."
    ) in told
    assert to(send()) == Counter()


@pytest.mark.sqlite("the sentences and pages are the same on both")
def test_what_cannot_be_corrected_is_refused_with_the_way_on(
    first: str, newsletter: Newsletter, send: Send, engine: Engine
) -> None:
    def refused(key: str, *words: str) -> str:
        done = newsletter("issue", "correct", key, *words)
        assert (done.code, done.out) in {(1, ""), (2, "")}
        return " ".join(done.err.split())

    said = ("--note", NOTE)
    assert f"newsletter issue edit {first}" in refused(first, *said)  # nobody has it yet
    assert "Es ändert sich kein Satz." in ok(newsletter, "issue", "diff", first)
    ok(newsletter, "issue", "new", "clusterplattform", "--number", "2027-04")
    never = newsletter("issue", "diff", "clusterplattform-2027-04")
    assert (never.code, "hat noch niemand freigegeben" in never.err) == (1, True)
    assert "newsletter issue edit" in refused("clusterplattform-2027-04", *said)
    ok(newsletter, "issue", "cancel", "clusterplattform-2027-04")
    assert "ging an niemanden" in refused("clusterplattform-2027-04", *said)
    sql(engine, "UPDATE issue SET state = 'paused', recipients = 6 WHERE state = 'scheduled'")
    assert f"newsletter issue stop {first}" in refused(first, *said)
    sql(engine, "UPDATE issue SET state = 'scheduled', recipients = NULL WHERE state = 'paused'")
    send()
    sql(engine, "UPDATE delivery SET state = 'queued', settled_at = NULL WHERE subscriber_id = 1")
    assert "ist 1 Zustellung noch offen" in refused(first, *said)
    sql(
        engine,
        "UPDATE delivery SET state = 'unknown', why = 'sender_died', settled_at = claimed_at",
    )
    assert '--note "' in refused(first)
    assert "höchstens 500" in refused(first, "--note", "x" * 501)
    assert "--to rest" in refused(first, *said, "--to", "all", "--letter")
    assert "an niemanden" in refused(first, *said, "--to", "rest")
    assert "möglich: received, rest, all" in refused(first, *said, "--to", "alle")
    ok(newsletter, "issue", "correct", first, *said)
    assert f"newsletter issue correct {first}" in refused(FIX, *said)
    assert f"{FIX} geht schon an dieselben" in refused(first, *said)
    assert f"newsletter issue add {FIX}" in newsletter("issue", "fill", FIX).err
    same = newsletter("issue", "request", FIX, "--accept-warnings", "geprüft")
    assert (same.code, "sagt dasselbe wie die erste Ausgabe" in same.err) == (1, True)
    resent = newsletter("issue", "resolve", first, "--resend")  # one of them, with the mistake
    assert (resent.code, f"wird durch {FIX} berichtigt" in resent.err) == (1, True)
    ok(newsletter, "issue", "cancel", FIX)
    again = newsletter("issue", "correct", first, *said, "--json").json
    assert (again["id"], again["to"], again["reach"]) == (f"{first}-k2", "received", 6)


@pytest.mark.sqlite("the sentences and pages are the same on both")
def test_a_slip_that_needs_no_mail_is_noted_at_the_item_in_the_archive(
    first: str, newsletter: Newsletter, send: Send, browser: TestClient, desk: Desk, home: Path
) -> None:
    edit = ("queue", "edit", "q1", "--archive-only")
    early = newsletter(*edit, "--note", "Der Ort heißt Musterhavel.")
    assert (early.code, "in keiner Ausgabe, die schon erschienen ist" in early.err) == (1, True)
    send()
    frozen = browser.get("/archive/clusterplattform/2027-03").text
    done = newsletter(*edit, "--note", "Der Ort heißt <Musterhavel>.", "--json").json
    assert [each["id"] for each in done["issues"]] == [first]
    page = browser.get("/archive/clusterplattform/2027-03").text
    assert unframed(page) == unframed(frozen)  # the approved bytes are what they were
    title, _, item = page.partition('id="q1"')
    assert "Zum Beitrag" in title
    assert "Korrigiert am" in item.partition("</div>")[0]
    assert page.count("Der Ort heißt &lt;Musterhavel&gt;.") == 2
    assert "Hinweis im Archiv gesetzt" in newsletter("log", "q1").out
    assert newsletter(*edit, "--take-back").code == 0
    assert "steht wieder im Archiv" in ok(newsletter, "undo", "q1")
    assert "Musterhavel" in browser.get("/archive/clusterplattform/2027-03").text
    assert newsletter(*edit, "--take-back").code == 0
    assert browser.get("/archive/clusterplattform/2027-03").text == frozen
    edited(newsletter, "am 15. März", "am 16. März")
    ok(newsletter, "issue", "correct", first, "--note", NOTE, "--letter")
    assert browser.get("/archive/clusterplattform/2027-03").text == frozen  # not out yet
    asked = seen_by_approver(newsletter, browser, desk, home)
    fresh = asked.partition('id="neu"')[2].partition("</section>")[0]
    assert f"Gegenüber der Ausgabe {first}, die hiermit berichtigt wird:" in fresh
    assert ("<strong>15.</strong>" in fresh, "Neue Halle" in fresh) == (True, False)
    assert "willkommen zur" not in fresh  # a letter takes nothing back but what it corrects
    ok(newsletter, "issue", "approve", FIX, as_="freigabe")
    ok(newsletter, "issue", "schedule", FIX, "now")
    assert to(send()) == Counter(NAMES) + Counter(presse=1, erika=1)
    page = browser.get("/archive/clusterplattform/2027-03").text
    assert (page.count(NOTE), unframed(page)) == (1, unframed(frozen))
    assert '/archive/clusterplattform/2027-03-k1">Zur Korrektur' in page
    letter = browser.get("/archive/clusterplattform/2027-03-k1").text
    assert "Das ist eine Korrektur. Die erste Fassung: Ausgabe März 2027" in letter
    assert ("Neue Halle" in letter, "Korrektur zu Ausgabe März 2027" in letter) == (False, True)
    assert "Korrigiert am" in browser.get("/archive/clusterplattform/").text
    none = newsletter(*edit, "--take-back")
    assert (none.code, "kein Hinweis" in none.err) == (1, True)
    assert newsletter("queue", "edit", "q1", "--note", "x").code == 2


@pytest.mark.sqlite("the same statements as above, for each part")
def test_who_has_it_gets_a_letter_the_rest_gets_it_whole_and_nobody_both(
    first: str, newsletter: Newsletter, send: Send, engine: Engine, settings: Settings
) -> None:
    stopped_halfway(send, engine, settings)
    ok(newsletter, "issue", "resolve", first, "--leave")  # Ben counts as one who has it
    send()
    assert f"newsletter issue correct {first}" in ok(newsletter, "issue", "status", first)
    said = ("--note", NOTE)
    ok(newsletter, "issue", "correct", first, *said, "--letter")
    rest = newsletter("issue", "correct", first, *said, "--to", "rest", "--json").json
    assert (rest["id"], rest["reach"]) == (f"{first}-k2", 3)
    unchanged = newsletter("issue", "check", rest["id"], "--json").json["findings"]
    assert ("unchanged", "warning") in {(each["check"], each["level"]) for each in unchanged}
    edited(newsletter, "am 15. März", "am 16. März")
    ok(newsletter, "issue", "add", rest["id"], "q1")
    out(newsletter, rest["id"])
    assert not {"ada", "ben", "cleo"} & to(send()).keys()
    half = newsletter("issue", "status", first, "--json").json["together"]
    assert (half["recipients"], half["corrected"], half["uncorrected"]) == (6, 3, 3)
    assert "3 berichtigt + 3 ohne Korrektur. Niemand fehlt." in ok(
        newsletter, "issue", "status", first
    )
    out(newsletter, FIX)
    with acting(engine, settings, SYSTEM) as act:  # step by step, as if somebody pulled the plug
        ledger.open_issue(act, issues.find(act.session, FIX))
    steps = 1
    while filled(engine, settings):
        steps += 1
    assert steps == 3
    emil = ok(newsletter, "issue", "audience", FIX, "--why", "emil@leser.example")
    assert f"ist für andere aus der Abrechnung von {first}" in emil
    letter = send()
    assert to(letter) == Counter(("ada", "ben", "cleo"))
    assert b"Neue Halle" not in letter.messages[0].data
    whole = newsletter("issue", "status", first, "--json").json["together"]
    assert (whole["corrected"], whole["uncorrected"]) == (6, 0)
    once_more = newsletter("issue", "correct", first, *said, "--to", "received", "--json")
    assert (once_more.code, once_more.json["id"]) == (0, f"{first}-k3")


def filled(engine: Engine, settings: Settings) -> bool:
    with acting(engine, settings, SYSTEM) as act:
        return ledger.fill_audience(act, FIX, at_once=2)
