"""One message to one relay, against real servers that behave well, badly, and not at all."""

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.dispatch.courier import Courier, Outcome, Trouble
from newsletter.dispatch.message import Message
from newsletter.dispatch.replies import (
    Deferred,
    Receipt,
    Refused,
    Stage,
    Unknown,
    Verdict,
    shown,
    verdict,
)
from newsletter.settings import Relay, Settings
from tests.smtp_server import CA_FILE, DROP, SILENCE, Recording, Script, Scripted, unused_port

BODY = b"Subject: Gr=C3=BC=C3=9Fe\r\nMessage-ID: <1@news.example>\r\n\r\nEins\r\n"

pytestmark = pytest.mark.sqlite("a courier knows no database")


def message(data: bytes = BODY, rcpt: str = "ada@leser.example") -> Message:
    return Message("news@verein.example", rcpt, data)


Configured = Callable[..., Settings]


@pytest.fixture
def configured(settings: Settings) -> Configured:
    """Settings for one relay (or several), and limits."""

    def made(*urls: str, **sending: object) -> Settings:
        relays = tuple(Relay(name=f"relay{n}", url=url) for n, url in enumerate(urls, 1))
        limits = settings.sending.model_copy(update={"timeout_seconds": 5.0, **sending})
        return settings.model_copy(update={"relays": relays, "sending": limits})

    return made


def carry(settings: Settings, *messages: Message) -> list[Outcome]:
    """Carry them all with one courier."""

    async def carried() -> list[Outcome]:
        courier = Courier(settings, settings.relays[0])
        granted = asyncio.get_running_loop().create_future()
        granted.set_result(True)
        try:
            outcomes = [await courier.carry(one, granted) for one in messages]
            return [outcome for outcome in outcomes if outcome is not None]
        finally:
            await courier.close()

    return asyncio.run(carried())


def trouble_of(settings: Settings, *messages: Message) -> Trouble:
    """The trouble that carrying ends in."""
    with pytest.raises(Trouble) as caught:
        carry(settings, *(messages or (message(),)))
    return caught.value


# -- what arrives ---------------------------------------------------------------------------


def test_a_message_arrives_byte_for_byte(configured: Configured) -> None:
    tricky = BODY + b".\r\n..\r\n.Anfang\r\nEnde.\r\n\r\n" + b"x" * 998 + b"\r\n.\r\n"
    with Recording() as server:
        (outcome,) = carry(configured(server.url), message(tricky))
    assert isinstance(outcome, Receipt)
    assert outcome.relay == "relay1"
    assert "queued as 1" in outcome.reply
    assert [m.data for m in server.messages] == [tricky]
    assert server.messages[0].envelope_from == "news@verein.example"
    assert server.messages[0].rcpt == "ada@leser.example"


def test_a_large_message_arrives_byte_for_byte(configured: Configured) -> None:
    large = BODY + b"".join(b".%070d\r\n" % n for n in range(12_000))
    with Scripted() as server:
        (outcome,) = carry(configured(server.url), message(large))
    assert isinstance(outcome, Receipt)
    assert server.script.messages[0].data == large


def test_a_connection_carries_many_messages_and_is_renewed_in_time(configured: Configured) -> None:
    with Recording() as server:
        carry(configured(server.url, messages_per_connection=3), *[message()] * 7)
    assert len(server.messages) == 7
    assert len(server.sessions) == 3


def test_we_say_our_own_name_and_the_size(configured: Configured) -> None:
    with Scripted() as server:
        carry(configured(server.url), message())
        carry(configured(server.url, helo="mail.verein.example"), message())
    said = server.script.said
    assert said[0] == "EHLO go-cluster.example"
    assert f"MAIL FROM:<news@verein.example> SIZE={len(BODY)}" in said
    assert "EHLO mail.verein.example" in said
    assert said[-1] == "QUIT"


def test_an_old_server_without_ehlo_is_spoken_to_in_its_own_way(configured: Configured) -> None:
    with Scripted(Script(always={"EHLO": "502 5.5.1 unknown"})) as server:
        (outcome,) = carry(configured(server.url), message())
    assert isinstance(outcome, Receipt)
    assert "MAIL FROM:<news@verein.example>" in server.script.said


# -- encryption and login -------------------------------------------------------------------


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_messages_go_encrypted_and_logged_in(configured: Configured, tls: str) -> None:
    with Recording(tls=tls, login=("verein", "geheim")) as server:
        (outcome,) = carry(configured(server.url, ca_file=CA_FILE), message())
    assert isinstance(outcome, Receipt)
    assert server.logins == [("verein", "geheim")]


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_an_unknown_authority_is_not_trusted(configured: Configured, tls: str) -> None:
    with Recording(tls=tls, login=("verein", "geheim")) as server:
        trouble = trouble_of(configured(server.url))
    assert trouble.stage is Stage.TLS
    assert "(sein Zertifikat gilt hier nicht: „" in str(trouble)
    assert server.logins == []
    assert "geheim" not in str(trouble)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_for_another_name_is_not_trusted(configured: Configured, tls: str) -> None:
    with Recording(tls=tls, certificate="stranger", login=("verein", "geheim")) as server:
        trouble = trouble_of(configured(server.url, ca_file=CA_FILE))
    assert trouble.stage is Stage.TLS
    assert server.logins == []


def test_a_server_that_hides_starttls_gets_neither_secret_nor_message(
    configured: Configured,
) -> None:
    hides = Script(always={"EHLO": "250-relay.example\r\n250 AUTH PLAIN LOGIN"})
    with Scripted(hides) as server:
        url = server.url.replace("smtp://", "smtp+starttls://verein:geheim@")
        trouble = trouble_of(configured(url, ca_file=CA_FILE))
    assert trouble.stage is Stage.TLS
    assert "bei der Verschlüsselung (er bietet kein STARTTLS an); ohne sie" in str(trouble)
    assert all(said.startswith(("EHLO", "QUIT")) for said in server.script.said)


def test_a_wrong_password_is_tried_once(configured: Configured) -> None:
    with Recording(tls="starttls", login=("verein", "geheim")) as server:
        url = server.url.replace("geheim", "falsch")
        trouble = trouble_of(configured(url, ca_file=CA_FILE))
    assert trouble.stage is Stage.AUTH
    assert trouble.exit_code == 3
    assert server.logins == [("verein", "falsch")]
    assert "falsch" not in str(trouble)


def test_a_password_comes_from_its_file(configured: Configured, tmp_path: Path) -> None:
    (tmp_path / "kennwort").write_text("aus der Datei\n")
    with Recording(tls="starttls", login=("verein", "aus der Datei")) as server:
        settings = configured(f"smtp+starttls://verein@127.0.0.1:{server.port}", ca_file=CA_FILE)
        relay = settings.relays[0].model_copy(update={"password_file": str(tmp_path / "kennwort")})
        settings = settings.model_copy(update={"relays": (relay,)})
        assert isinstance(carry(settings, message())[0], Receipt)


def test_a_relay_that_offers_no_login_we_know_is_trouble(configured: Configured) -> None:
    with Recording(tls="starttls") as server:
        url = server.url.replace("127.0.0.1", "verein:geheim@127.0.0.1")
        trouble = trouble_of(configured(url, ca_file=CA_FILE))
    assert trouble.stage is Stage.AUTH


def test_a_missing_ca_file_is_named(configured: Configured) -> None:
    with Recording(tls="implicit") as server:
        trouble = trouble_of(configured(server.url, ca_file="/nirgends/ca.pem"))
    assert "/nirgends/ca.pem" in str(trouble)


# -- the relay is away, or does not want us -------------------------------------------------


def test_a_relay_that_is_away_is_trouble_with_its_name(configured: Configured) -> None:
    port = unused_port()
    trouble = trouble_of(configured(f"smtp://127.0.0.1:{port}"))
    assert trouble.stage is Stage.CONNECT
    assert f"„relay1“ (127.0.0.1:{port})" in str(trouble)
    assert "beim Verbinden (dort lauscht kein Mailserver). Läuft er, " in str(trouble)


@pytest.mark.parametrize(
    ("answers", "stage"),
    [
        ({"GREETING": ["554 5.7.1 no reputation"]}, Stage.CONNECT),
        ({"GREETING": ["421 4.3.2 too busy"]}, Stage.CONNECT),
        ({"GREETING": [DROP]}, Stage.CONNECT),
        ({"EHLO": ["550 who are you"], "HELO": ["550 who are you"]}, Stage.EHLO),
        ({"MAIL": ["550 5.7.1 sender not allowed"]}, Stage.MAIL),
        ({"MAIL": ["451 4.3.0 later"]}, Stage.MAIL),
        ({"MAIL": [DROP]}, Stage.MAIL),
        ({"RCPT": ["503 5.5.1 need MAIL"]}, Stage.RCPT),
        ({"RCPT": ["550 5.7.26 unauthenticated"]}, Stage.RCPT),
        ({"DATA": ["250 what now"]}, Stage.DATA),
        ({"DOT": ["552 5.3.4 too big"]}, Stage.DOT),
    ],
)
def test_a_no_to_us_refuses_nobody(
    configured: Configured, answers: dict[str, list[str]], stage: Stage
) -> None:
    with Scripted(Script(answers)) as server:
        trouble = trouble_of(configured(server.url))
        assert trouble.stage is stage
        assert server.script.messages == []
        if stage is not Stage.CONNECT:  # and nothing of it sticks to the next message
            assert isinstance(carry(configured(server.url), message())[0], Receipt)


def test_a_message_that_is_too_large_for_the_relay_is_not_even_begun(
    configured: Configured,
) -> None:
    with Scripted(Script(always={"EHLO": "250-relay.example\r\n250 SIZE 50"})) as server:
        trouble = trouble_of(configured(server.url))
    assert "höchstens 50 Byte" in str(trouble)
    assert not any(said.startswith("MAIL") for said in server.script.said)


def test_no_fixed_size_limit_is_no_limit(configured: Configured) -> None:
    with Scripted(Script(always={"EHLO": "250-relay.example\r\n250 SIZE 0"})) as server:
        assert isinstance(carry(configured(server.url), message())[0], Receipt)


# -- the relay says no to one reader --------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"RCPT": ["450 4.2.0 greylisted"]}, Deferred(Stage.RCPT, "", "", 450)),
        ({"RCPT": ["550 5.1.1 no such user"]}, Refused(Stage.RCPT, "", "", 550)),
        ({"DATA": ["451 4.3.0 later"]}, Deferred(Stage.DATA, "", "", 451)),
        ({"DOT": ["452 4.2.2 full"]}, Deferred(Stage.DOT, "", "", 452)),
        ({"DOT": ["550 5.1.1 no such user"]}, Refused(Stage.DOT, "", "", 550)),
        ({"DOT": ["554 5.7.1 spam"]}, Refused(Stage.DOT, "", "", 554, about_content=True)),
    ],
)
def test_a_no_to_one_reader_leaves_the_connection_to_the_next(
    configured: Configured, answers: dict[str, list[str]], expected: Outcome
) -> None:
    (says,) = answers.values()
    with Scripted(Script(answers)) as server:
        first, second = carry(configured(server.url), message(), message())
    assert type(first)(**{**_fields(first), "reply": "", "relay": ""}) == expected
    assert first.reply == says[0]
    assert first.relay == "relay1"
    assert isinstance(second, Receipt)
    assert server.script.connections == 1
    assert "RSET" in server.script.said


def _fields(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in type(outcome).__slots__}


def test_all_lines_of_a_refusal_are_kept(configured: Configured) -> None:
    lines = "550-mailbox unavailable\r\n550 see https://postmaster.example/case?c=1"
    with Scripted(Script({"RCPT": [lines]})) as server:
        (outcome,) = carry(configured(server.url), message())
    assert outcome.reply == "550 mailbox unavailable\nsee https://postmaster.example/case?c=1"


# -- the connection is lost -----------------------------------------------------------------


def test_a_connection_lost_after_the_final_dot_is_unknown(configured: Configured) -> None:
    with Scripted(Script({"DOT": [DROP]})) as server:
        first, second = carry(configured(server.url), message(), message())
    assert isinstance(first, Unknown)
    assert first.reply == "Verbindung verloren"
    assert isinstance(second, Receipt)
    assert len(server.script.messages) == 2  # it had been taken: resending would be a second copy


def test_a_relay_that_falls_silent_after_the_final_dot_is_unknown(configured: Configured) -> None:
    with Scripted(Script({"DOT": [SILENCE]})) as server:
        (outcome,) = carry(configured(server.url, timeout_seconds=0.2), message())
    assert isinstance(outcome, Unknown)
    assert outcome.reply == "keine Antwort in der erwarteten Zeit"


def test_nonsense_after_the_final_dot_is_unknown(configured: Configured) -> None:
    with Scripted(Script({"DOT": ["Guten Tag"]})) as server:
        (outcome,) = carry(configured(server.url), message())
    assert isinstance(outcome, Unknown)
    assert "Guten Tag" in outcome.reply


@pytest.mark.parametrize("verb", ["RCPT", "DATA"])
@pytest.mark.parametrize("how", [DROP, SILENCE])
def test_a_connection_lost_before_the_text_is_deferred(
    configured: Configured, verb: str, how: str
) -> None:
    with Scripted(Script({verb: [how]})) as server:
        first, second = carry(configured(server.url, timeout_seconds=1.0), message(), message())
    assert isinstance(first, Deferred)
    assert first.code is None
    assert isinstance(second, Receipt)


def test_a_connection_lost_in_the_middle_of_the_text_is_deferred(configured: Configured) -> None:
    # More than the network's own buffers hold, so that the final dot is still ours.
    large = message(BODY + (b"x" * 900 + b"\r\n") * 12_000)
    usual = "250 relay.example"
    with Scripted(Script({"TEXT": [DROP]}, always={"EHLO": usual})) as server:
        (outcome,) = carry(configured(server.url), large)
    assert isinstance(outcome, Deferred)
    assert outcome.stage is Stage.DATA
    assert server.script.messages == []


def test_a_server_that_hangs_up_between_messages_is_called_again(configured: Configured) -> None:
    with Scripted(Script({"AFTER": [DROP, DROP]})) as server:
        outcomes = carry(configured(server.url), *[message()] * 3)
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 3
    assert server.script.connections == 3
    assert len(server.script.messages) == 3


def test_a_server_that_has_enough_of_a_connection_gets_a_new_one(configured: Configured) -> None:
    with Scripted(Script({"MAIL": ["250 Ok", "421 4.7.0 too many on this one"]})) as server:
        outcomes = carry(configured(server.url), message(), message())
    assert [type(outcome) for outcome in outcomes] == [Receipt] * 2
    assert server.script.connections == 2


def test_a_server_that_hangs_up_on_every_connection_is_trouble(configured: Configured) -> None:
    with Scripted(Script({"MAIL": ["250 Ok"]}, always={"MAIL": DROP})) as server:
        trouble = trouble_of(configured(server.url), message(), message())
    assert trouble.stage is Stage.MAIL
    assert server.script.connections == 2


# -- what a reply means, row by row ---------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "reply", "means"),
    [
        # about us: nobody is refused
        (Stage.CONNECT, "554 5.7.1 IP has bad reputation", Verdict.STOP),
        (Stage.AUTH, "535 5.7.8 authentication failed", Verdict.STOP),
        (Stage.MAIL, "553 5.1.8 sender domain not found", Verdict.STOP),
        (Stage.MAIL, "452 4.3.1 no space", Verdict.STOP),
        # temporary
        (Stage.RCPT, "450 4.2.0 greylisted", Verdict.DEFER),
        (Stage.RCPT, "451 4.7.1 greylisted", Verdict.DEFER),
        (Stage.RCPT, "452 4.5.3 too many recipients", Verdict.DEFER),
        (Stage.RCPT, "421 5.7.32 the code wins", Verdict.DEFER),
        (Stage.DATA, "451 4.3.0 later", Verdict.DEFER),
        (Stage.DOT, "421 4.7.28 rate", Verdict.DEFER),
        (Stage.RCPT, "552 5.2.2 mailbox full", Verdict.DEFER),
        (Stage.DOT, "552 5.2.2 mailbox full", Verdict.DEFER),
        (Stage.RCPT, "552 too much mail data", Verdict.DEFER),
        (Stage.RCPT, "552 5.5.3 too many recipients", Verdict.DEFER),
        # our mistake
        (Stage.DOT, "552 5.3.4 too large", Verdict.STOP),
        (Stage.RCPT, "530 5.7.0 must issue STARTTLS", Verdict.STOP),
        (Stage.RCPT, "503 bad sequence", Verdict.STOP),
        (Stage.DATA, "554 5.5.1 no valid recipients", Verdict.STOP),
        (Stage.RCPT, "555 parameters not recognised", Verdict.STOP),
        (Stage.DOT, "550 5.7.26 unauthenticated mail", Verdict.STOP),
        (Stage.RCPT, "550 5.7.515 access denied, authentication level", Verdict.STOP),
        (Stage.DOT, "554 5.6.0 invalid subject header", Verdict.STOP),
        (Stage.DATA, "250 what", Verdict.STOP),
        # we may not send over this relay: said at RCPT, but no reader is to blame
        (Stage.RCPT, "554 5.7.1 <ada@leser.example>: Relay access denied", Verdict.DEFER),
        (Stage.RCPT, "550 relaying not permitted", Verdict.DEFER),
        (Stage.RCPT, "550 5.7.54 SMTP; Unable to relay recipient", Verdict.DEFER),
        (Stage.RCPT, "553 that domain isn't in my list of rcpthosts (#5.7.1)", Verdict.DEFER),
        (Stage.RCPT, "550 5.7.1 Authentication required", Verdict.DEFER),
        (Stage.RCPT, "550 5.1.1 User unknown in relay recipient table", Verdict.REFUSE),
        # this reader, for good
        (Stage.RCPT, "550 5.1.1 no such user", Verdict.REFUSE),
        (Stage.RCPT, "550 mailbox unavailable", Verdict.REFUSE),
        (Stage.RCPT, "550 5.5.0 mailbox unavailable", Verdict.REFUSE),
        (Stage.RCPT, "550 5.2.1 disabled", Verdict.REFUSE),
        (Stage.RCPT, "550 5.2.2 over quota", Verdict.REFUSE),
        (Stage.RCPT, "501 5.1.3 bad address syntax", Verdict.REFUSE),
        (Stage.RCPT, "556 5.1.10 null MX", Verdict.REFUSE),
        (Stage.DOT, "550 5.1.1 no such user", Verdict.REFUSE),
        (Stage.DOT, "552 5.2.3 larger than this mailbox takes", Verdict.REFUSE),
        # this message: refused, and several in a row stop the run
        (Stage.RCPT, "554 5.7.1 policy", Verdict.REFUSE_CONTENT),
        (Stage.DOT, "554 5.7.1 spam", Verdict.REFUSE_CONTENT),
        (Stage.DOT, "552 5.7.0 content blocked", Verdict.REFUSE_CONTENT),
        (Stage.DOT, "554 transaction failed", Verdict.REFUSE_CONTENT),
        (Stage.DATA, "550 rejected", Verdict.REFUSE_CONTENT),
    ],
)
def test_a_reply_is_understood_by_stage_then_code_then_detail(
    stage: Stage, reply: str, means: Verdict
) -> None:
    code, _, text = reply.partition(" ")
    assert verdict(stage, int(code), text) is means


def test_a_reply_is_kept_legible() -> None:
    assert shown(550, "a\x00b\x1b[31m\nc\udcff") == "550 a b [31m\nc?"
    assert shown(None, "lost") == "lost"
    assert len(shown(550, "x" * 9_000)) == 2_000


# -- what we rely on in aiosmtplib ----------------------------------------------------------


def test_the_login_is_sent_only_behind_encryption(configured: Configured) -> None:
    said: list[str] = []
    offers = "250-relay.example\r\n250-STARTTLS\r\n250 AUTH PLAIN"
    with Scripted(Script(always={"EHLO": offers, "STARTTLS": "220 go"})) as server:
        url = server.url.replace("smtp://", "smtp+starttls://verein:geheim@")
        trouble_of(configured(url, timeout_seconds=0.5))  # it speaks no TLS after all
        said = server.script.said
    secret = base64.b64encode(b"\0verein\0geheim").decode()
    assert not any("AUTH" in line or secret in line for line in said)
