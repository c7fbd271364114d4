"""An edition and a reader become bytes on the wire, as STANDARDS §13 wants them."""

import email
import email.policy
import quopri
import random
import re
import socket
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message as Parsed
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import parseaddr
from smtplib import SMTP

import pytest
from aiosmtpd.controller import Controller
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.content import Edition, Slot
from newsletter.dispatch.message import (
    Envelope,
    Mailing,
    Message,
    Recipient,
    Uncomposable,
    compose,
    compose_letter,
    lint,
)
from tests.rendering_situations import rendered, without_slots

WHEN = datetime(2026, 12, 15, 9, 0, tzinfo=UTC)
ENVELOPE = Envelope("rueckweg@cluster.example", "d17.4f2a@cluster.example", WHEN)
MAILING = Mailing("redaktion@cluster.example", "Clusterplattform Deutschland")
GOODBYE = "https://newsletter.cluster.example/unsubscribe/v1.k.abc.def"
CHOICES = "https://newsletter.cluster.example/preferences/abc.def"
ADA = Recipient("ada@leser.example", "Ada Muster", "Guten Tag, Ada Muster,", GOODBYE, CHOICES)
SMALL = Edition(
    variant="full",
    subject="Förderrunde gestartet",
    sender="Clusterplattform Deutschland <newsletter@cluster.example>",
    list_id="oeffentlich.newsletter.cluster.example",
    html=f'<p>{Slot.SALUTATION.marker}</p><a href="{Slot.UNSUBSCRIBE.marker}">weg</a>',
    text=f"{Slot.SALUTATION.marker}\n\nNewsletter abbestellen:\n{Slot.UNSUBSCRIBE.marker}\n",
)


def to_ada(edition: Edition = SMALL, **changes: object) -> Message:
    return compose(edition, replace(ADA, **changes), ENVELOPE, MAILING)  # type: ignore[arg-type]


def parsed(message: Message) -> Parsed:
    return email.message_from_bytes(message.data)


def parts(message: Message) -> tuple[str, str]:
    """The decoded text and html part."""
    text, html = parsed(message).get_payload()  # type: ignore[misc]
    return tuple(
        part.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")  # type: ignore[union-attr]
        for part in (text, html)
    )


def head(message: Message) -> list[str]:
    return message.data.split(b"\r\n\r\n")[0].decode("ascii").split("\r\n")


def header_line(message: Message, name: str) -> str:
    """One header as on the wire, its folds with it."""
    found = re.search(
        rf"^{name}: ((?:.*\r\n[ \t])*.*)\r\n", message.data.decode("ascii"), re.MULTILINE
    )
    assert found, name
    return found[1]


def decoded_by_hand(value: str) -> str:
    """RFC 2047 once more, from its text: the independent decoder."""
    value = re.sub(r"\?=\s+=\?", "?==?", value.replace("\r\n", ""))
    octets = b""
    for word, plain in re.findall(r"=\?utf-8\?([qb]\?[^?]*)\?=|([^=]+|=)", value, re.IGNORECASE):
        if not word:
            octets += plain.encode("ascii")
            continue
        how, payload = word.split("?")
        if how.lower() == "b":
            octets += b64decode(payload, validate=True)
        else:
            spaced = payload.replace("_", " ")
            octets += re.sub(
                rb"=([0-9A-F]{2})", lambda m: bytes([int(m[1], 16)]), spaced.encode("ascii")
            )
    return octets.decode("utf-8")


# -- headers ------------------------------------------------------------------------------


def test_each_header_stands_there_once_and_as_the_rules_want() -> None:
    message = to_ada()
    seen = parsed(message)
    names = [name.lower() for name in seen.keys()]  # noqa: SIM118
    assert len(names) == len(set(names))
    assert seen["To"] == "ada@leser.example"
    assert seen["From"] == "Clusterplattform Deutschland <newsletter@cluster.example>"
    assert seen["Reply-To"] == "redaktion@cluster.example"
    assert seen["Message-ID"] == "<d17.4f2a@cluster.example>"
    assert seen["Date"] == "Tue, 15 Dec 2026 09:00:00 +0000"
    assert seen["List-Id"] == (
        "Clusterplattform Deutschland <oeffentlich.newsletter.cluster.example>"
    )
    assert seen["List-Unsubscribe"] == f"<{GOODBYE}>"
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in message.data
    assert seen["Precedence"] == "bulk"
    assert seen["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "Auto-Submitted" not in seen
    assert (message.envelope_from, message.rcpt) == (
        "rueckweg@cluster.example",
        "ada@leser.example",
    )


def test_what_a_mailing_adds_stands_in_its_headers() -> None:
    mailing = replace(
        MAILING, archive_url="https://c.example/archive/x/", feedback_id="x-2026-12:x:issue:cluster"
    )
    envelope = replace(ENVELOPE, unsubscribe_mailto="mailto:weg+abc@cluster.example")
    message = compose(SMALL, ADA, envelope, mailing)
    seen = parsed(message)
    assert seen["List-Archive"] == "<https://c.example/archive/x/>"
    assert seen["Feedback-ID"] == "x-2026-12:x:issue:cluster"
    assert seen["List-Owner"] == "<mailto:redaktion@cluster.example>"
    assert header_line(message, "List-Unsubscribe") == (
        f"<{GOODBYE}>,\r\n <mailto:weg+abc@cluster.example>"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Clusterplattform Deutschland", "Clusterplattform Deutschland <x.list.example>"),
        ("Grüße aus dem Osten", "Gruesse aus dem Osten <x.list.example>"),
        ('Netz "Süd", Bayern', '"Netz \\"Sued\\", Bayern" <x.list.example>'),
        ("新聞", "<x.list.example>"),
    ],
)
def test_a_list_keeps_a_readable_name_in_ascii(name: str, shown: str) -> None:
    message = compose(
        replace(SMALL, list_id="x.list.example"), ADA, ENVELOPE, replace(MAILING, list_name=name)
    )
    assert header_line(message, "List-Id") == shown


@pytest.mark.parametrize(
    "name",
    [
        "Müller & Söhne",
        "Geschäftsstelle für die Förderung länderübergreifender Clusterkooperationen",
        'A "B", C',
        "=?utf-8?q?x?=",
    ],
)
def test_a_sender_keeps_its_name(name: str) -> None:
    message = to_ada(replace(SMALL, sender=f"{name} <newsletter@cluster.example>"))
    shown, address = parseaddr(parsed(message)["From"].replace("\r\n", ""))
    assert str(make_header(decode_header(shown))) == name
    assert address == "newsletter@cluster.example"
    assert all(len(line) <= 76 for line in head(message) if "=?" in line)


SYLLABLES = (
    *("für", "Förder", "Straße", "Übergröße", "Cluster", "–", "„Zukunft“", "2026", "März", "&"),
    *("Größe:", "Österreich,", "KI", "Wasserstoffwirtschaftsförderung", "Länder!", "ß", "ÄÖÜ"),
    *("(neu)", "5", "µm", "€", "20", "%", "‚halb‘", "…", "Mitglieder", "a", "b", "E-Mail", "_"),
    *("Faserverbundkunststoffbauteilprüfverfahren", "👩‍💻", "=?utf-8?q?x?=", "?=", '"'),
)


def german_subjects(count: int) -> Iterator[str]:
    dice = random.Random(20261215)
    for _ in range(count):
        yield " ".join(dice.choices(SYLLABLES, k=dice.randint(1, 14)))


def assert_round_trip(subject: str) -> None:
    message = to_ada(replace(SMALL, subject=subject))
    raw = header_line(message, "Subject")
    assert str(make_header(decode_header(raw.replace("\r\n", "\n")))) == subject
    assert decoded_by_hand(raw) == subject
    assert "?==?" not in raw
    for word in re.findall(r"=\?.*?\?[qb]\?.*?\?=", raw):
        assert len(word) <= 75


def test_three_thousand_german_subjects_arrive_as_they_were_typed() -> None:
    for subject in german_subjects(3_000):
        assert_round_trip(subject)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1, max_size=150))
@example("Förderrunde  mit zwei Leerzeichen")
@example(" führendes und folgendes ")
@example("… – Ausgabe März 2026 für Förderpartner")
def test_any_printable_subject_arrives_as_it_was_typed(subject: str) -> None:
    if subject.strip():
        assert_round_trip(subject)


@pytest.mark.parametrize("length", [*range(20, 301, 7), 300])
def test_a_token_of_any_length_keeps_the_way_out_whole(length: int) -> None:
    dice = random.Random(length)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="
    url = "https://newsletter.cluster.example/unsubscribe/" + "".join(
        dice.choices(letters, k=length)
    )
    message = to_ada(unsubscribe_url=url)
    line = header_line(message, "List-Unsubscribe")
    assert line == f"<{url}>"
    by_library = email.message_from_bytes(message.data, policy=email.policy.default)
    assert str(by_library["List-Unsubscribe"]) == f"<{url}>"
    for name in ("List-Id", "List-Unsubscribe-Post", "Message-ID"):
        assert "=?" not in header_line(message, name)
    text, html = parts(message)
    assert text.endswith(f"\n{url}\n")
    assert f'href="{url}"' in html


# -- body ---------------------------------------------------------------------------------


def test_text_comes_first_and_both_parts_are_quoted_printable() -> None:
    seen = parsed(to_ada(rendered()))
    kinds = [(part.get_content_type(), part.get_content_charset()) for part in seen.walk()]
    assert kinds == [
        ("multipart/alternative", None),
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]
    for part in seen.get_payload():
        assert part["Content-Transfer-Encoding"] == "quoted-printable"  # type: ignore[index]


def test_an_edition_arrives_letter_by_letter() -> None:
    edition = rendered()
    text, html = parts(to_ada(edition, salutation=f"{Slot.SALUTATION}", unsubscribe_url=GOODBYE))
    for part, sent in ((text, edition.text), (html, edition.html)):
        filled = sent.replace(Slot.SALUTATION.marker, "salutation")
        filled = filled.replace(Slot.PREFERENCES.marker, CHOICES)
        assert part == filled.replace(Slot.UNSUBSCRIBE.marker, GOODBYE)


ODD_PIECES = ["Größe ", "x" * 75, "x" * 76, "\n", ".", "..", "From ", " ", "=", "é"]


@given(
    st.lists(st.sampled_from([*ODD_PIECES, Slot.SALUTATION.marker]), max_size=12),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Zl", "Zp"]), max_size=90),
)
@example(["x" * 76, Slot.SALUTATION.marker], "")
@example(["x" * 75, " ", "\n"], "")
def test_a_slot_may_stand_anywhere_and_hold_anything(pieces: list[str], salutation: str) -> None:
    text = "".join(pieces)
    message = to_ada(replace(SMALL, text=text, html=f"<p>{text}</p>"), salutation=salutation)
    seen, _ = parts(message)
    assert seen == text.replace(Slot.SALUTATION.marker, salutation)
    body = message.data.split(b"\r\n\r\n", 1)[1]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    lint(message.data)


def test_a_salutation_is_text_in_html_too() -> None:
    text, html = parts(to_ada(salutation="Guten Tag <b>A & B</b>,"))
    assert "Guten Tag <b>A & B</b>," in text
    assert "<p>Guten Tag &lt;b&gt;A &amp; B&lt;/b&gt;,</p>" in html


def test_the_bytes_mean_what_the_recipe_of_the_library_means() -> None:
    """STANDARDS §13 composes with MIMEText; ours must parse to the same."""
    edition = rendered()
    ours = parsed(to_ada(edition))
    recipe = MIMEMultipart("alternative")
    for kind, part in (("plain", edition.text), ("html", edition.html)):
        filled = part.replace(Slot.SALUTATION.marker, ADA.salutation)
        filled = filled.replace(Slot.PREFERENCES.marker, CHOICES)
        recipe.attach(MIMEText(filled.replace(Slot.UNSUBSCRIBE.marker, GOODBYE), kind, "utf-8"))
    for one, other in zip(ours.get_payload(), recipe.get_payload(), strict=True):
        assert one.get_content_type() == other.get_content_type()  # type: ignore[union-attr]
        decoded = one.get_payload(decode=True).replace(b"\r\n", b"\n")  # type: ignore[union-attr]
        assert decoded == other.get_payload(decode=True)  # type: ignore[union-attr]


def test_copies_differ_in_salutation_and_own_links_only() -> None:
    edition = rendered()
    ben = Recipient("ben@leser.example", None, "Guten Tag, Ben Muster,", GOODBYE[:-3] + "xyz")
    ben = replace(ben, preferences_url=CHOICES[:-3] + "xyz")
    one = to_ada(edition)
    other = compose(edition, ben, replace(ENVELOPE, message_id="d18.x@cluster.example"), MAILING)
    differing = [(a, b) for a, b in zip(head(one), head(other), strict=True) if a != b]
    assert [a.split(":")[0] for a, _ in differing] == ["To", "Message-ID", "List-Unsubscribe"]
    for mine, theirs in zip(parts(one), parts(other), strict=True):
        theirs = theirs.replace(ben.salutation, ADA.salutation)
        theirs = theirs.replace(ben.preferences_url, CHOICES)
        assert mine == theirs.replace(ben.unsubscribe_url, GOODBYE)
    assert b"ben@" not in one.data


def test_a_copy_is_the_same_when_it_is_composed_again() -> None:
    assert to_ada(rendered()) == to_ada(rendered())


def test_copies_after_the_first_cost_next_to_nothing() -> None:
    """TR-23: render and encode once; a copy is slots and a few lines (bar: 0.5 ms)."""
    from time import process_time

    edition = rendered()
    to_ada(edition)
    start = process_time()
    for _ in range(200):
        to_ada(edition)
    assert (process_time() - start) / 200 < 0.002


# -- letters ------------------------------------------------------------------------------


def letter(**changes: str) -> Message:
    facts = {
        "sender": "Clusterplattform Deutschland <newsletter@cluster.example>",
        "to": "ada@leser.example",
        "subject": "Bitte bestätigen Sie Ihre Anmeldung",
        "text": "Guten Tag,\n\nhttps://newsletter.cluster.example/confirm/abc\n",
        "html": "<p>Guten Tag</p>",
        **changes,
    }
    return compose_letter(**facts, envelope=ENVELOPE)  # type: ignore[arg-type]


def test_a_letter_is_sent_by_a_machine_and_belongs_to_no_list() -> None:
    seen = parsed(letter())
    assert seen["Auto-Submitted"] == "auto-generated"
    assert not [name for name in seen.keys() if name.startswith("List-")]  # noqa: SIM118
    assert "Precedence" not in seen
    assert parts(letter())[0].startswith("Guten Tag,")


def test_a_letter_may_leave_with_the_null_sender() -> None:
    message = compose_letter(
        sender="go-cluster <newsletter@cluster.example>",
        to="ada@leser.example",
        subject="Eingang bestätigt",
        text="x\n",
        html="<p>x</p>",
        envelope=replace(ENVELOPE, envelope_from=""),
        reply_to="redaktion@cluster.example",
    )
    assert message.envelope_from == ""
    assert parsed(message)["Reply-To"] == "redaktion@cluster.example"


def test_a_letter_has_no_slots_to_fill() -> None:
    with pytest.raises(Uncomposable, match="salutation"):
        letter(text=f"Hallo {Slot.SALUTATION.marker}")


# -- what is refused ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"address": "müller@leser.example"}, "Adresse"),
        ({"address": "info@müller.example"}, "Adresse"),
        ({"address": "ada@leser.example\r\nBcc: x@y.example"}, "Adresse"),
        ({"address": "ada@leser.example, ben@leser.example"}, "Adresse"),
        ({"address": "<ada@leser.example>"}, "Adresse"),
        ({"address": "ada"}, "Adresse"),
        ({"address": "a" * 65 + "@leser.example"}, "Adresse"),
        ({"unsubscribe_url": "http://newsletter.cluster.example/x"}, "https"),
        ({"unsubscribe_url": "https://newsletter.cluster.example/a b"}, "brauchbare"),
        ({"unsubscribe_url": "https://newsletter.cluster.example/ä"}, "brauchbare"),
        ({"unsubscribe_url": "https://x.example/>, <https://evil.example/"}, "brauchbare"),
        ({"unsubscribe_url": ""}, "brauchbare"),
        ({"salutation": "Guten Tag\r\nX"}, "U[+]000D"),
        ({"salutation": Slot.UNSUBSCRIBE.marker}, "U[+]E000"),
    ],
)
def test_a_reader_whose_facts_make_no_message_is_refused(changes: dict[str, str], why: str) -> None:
    with pytest.raises(Uncomposable, match=why):
        to_ada(**changes)


def test_the_own_machine_needs_no_https() -> None:
    url = "http://127.0.0.1:8000/unsubscribe/abc"
    assert parsed(to_ada(unsubscribe_url=url))["List-Unsubscribe"] == f"<{url}>"


@pytest.mark.parametrize(
    ("edition", "why"),
    [
        (replace(SMALL, subject="  "), "leer"),
        (replace(SMALL, list_id="kein punkt"), "List-Id"),
        (replace(SMALL, sender="Wir <wir>"), "Adresse"),
        (replace(SMALL, text="\ue000unbekannt\ue001"), "Platzhalter"),
        (replace(SMALL, text="\ue000salutation"), "Platzhalter"),
        (replace(SMALL, text="Grüße \ue001 und"), "Platzhalter"),
    ],
)
def test_an_edition_that_makes_no_message_is_refused(edition: Edition, why: str) -> None:
    with pytest.raises(Uncomposable, match=why):
        to_ada(edition)


@pytest.mark.parametrize(
    "envelope",
    [
        replace(ENVELOPE, date=datetime(2026, 12, 15)),  # noqa: DTZ001
        replace(ENVELOPE, message_id="ohne-host"),
        replace(ENVELOPE, message_id="a b@cluster.example"),
        replace(ENVELOPE, message_id="x" * 250 + "@cluster.example"),
        replace(ENVELOPE, envelope_from="rück@cluster.example"),
        replace(ENVELOPE, unsubscribe_mailto="https://cluster.example"),
    ],
)
def test_an_envelope_that_makes_no_message_is_refused(envelope: Envelope) -> None:
    with pytest.raises(Uncomposable):
        compose(SMALL, ADA, envelope, MAILING)


def swapped(old: bytes, new: bytes) -> bytes:
    data = to_ada(rendered()).data
    assert old in data
    return data.replace(old, new, 1)


ENCODED_WORD = b"=?utf-8?q?x?="
BROKEN = {
    "bare line feed": (b"\r\n\r\n--", b"\n\n--"),
    "bare carriage return": (b"quoted-printable\r\n", b"quoted-printable\r"),
    "NUL": (b"text/plain", b"text\0plain"),
    "eight bits": (b"=C3=A4", b"\xc3\xa4"),
    "a line too long": (b"--=_", b"x" * 999 + b"\r\n--=_"),
    "two dates": (b"Date:", b"Date: Tue, 15 Dec 2026 09:00:00 +0000\r\nDate:"),
    "two subjects, one small": (b"Subject:", b"subject: x\r\nSubject:"),
    "no message-id": (b"Message-ID:", b"X-Message-ID:"),
    "no date": (b"Date:", b"X-Date:"),
    "no mime-version": (b"MIME-Version:", b"X-MIME-Version:"),
    "smuggled bcc": (b"Precedence:", b"Bcc: x@y.example\r\nPrecedence:"),
    "obsolete syntax": (b"Precedence:", b"Precedence :"),
    "no colon": (b"Precedence: bulk", b"Precedence bulk"),
    "empty fold": (b"Precedence: bulk", b"Precedence: bulk\r\n "),
    "encoded list-unsubscribe": (b"List-Unsubscribe: <", b"List-Unsubscribe: " + ENCODED_WORD),
    "encoded message-id": (b"Message-ID: <", b"Message-ID: " + ENCODED_WORD),
    "encoded list-id": (b"List-Id: ", b"List-Id: " + ENCODED_WORD + b" "),
    "words without space": (b"Subject: ", b"Subject: " + ENCODED_WORD * 2),
    "word not ended": (b"Subject: ", b"Subject: =?utf-8?q?x"),
    "word too long": (b"Subject: ", b"Subject: =?utf-8?q?" + b"x" * 64 + b"?=\r\n "),
    "no one-click": (b"List-Unsubscribe-Post: ", b"X-List-Unsubscribe-Post: "),
    "one-click misspelt": (b"=One-Click", b"=one-click"),
    "no unsubscribe at all": (b"List-Unsubscribe", b"X-Unsubscribe"),
    "http": (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
    "two https": (b"abc.def>\r\n", b"abc.def>, <https://x.example/>\r\n"),
    "two readers": (b"To: ada@leser.example", b"To: ada@leser.example, ben@leser.example"),
    "open slot": (b"--=_", b"=EE=80=\r\n=80unsubscribe\r\n--=_"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_lint_finds(fault: str) -> None:
    old, new = BROKEN[fault]
    data = swapped(old, new)
    if fault == "no unsubscribe at all":
        data = data.replace(b"List-Unsubscribe-Post", b"X-Unsubscribe-Post")
    with pytest.raises(Uncomposable):
        lint(data)


def test_the_lint_passes_what_is_right() -> None:
    lint(to_ada(rendered()).data)
    lint(letter().data)


# -- over a wire --------------------------------------------------------------------------


class Inbox:
    def __init__(self) -> None:
        self.received: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
        self.received.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))  # type: ignore[attr-defined]
        return "250 OK"


def test_what_arrives_is_what_was_composed() -> None:
    inbox = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        message = to_ada(replace(SMALL, text=".\n..\nFrom uns\n. .\n" + SMALL.text))
        with SMTP("127.0.0.1", port) as client:
            client.sendmail(message.envelope_from, [message.rcpt], message.data)
    finally:
        server.stop()
    assert inbox.received == [(message.envelope_from, [message.rcpt], message.data)]


def test_quoted_printable_is_understood_by_the_other_decoder() -> None:
    raw = to_ada().data.split(b"quoted-printable\r\n\r\n")[1].split(b"\r\n--=_")[0]
    assert quopri.decodestring(raw).decode().replace("\r\n", "\n") == without_slots(
        SMALL.text
    ).replace("https://newsletter.cluster.example/salutation", ADA.salutation).replace(
        "https://newsletter.cluster.example/unsubscribe", GOODBYE
    )
