"""The whole road once, as other programs see it: the program, HTTP, and a real SMTP server.

Nothing here imports a room of ours: only the contracts of the command line, the JSON
endpoint, the configuration's environment variables and the mails that arrive.
"""

import email
import email.policy
import io
import json
import os
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from PIL import Image

from tests import databases, program

CLUSTERS = [
    {
        "slug": "lichtwerk",
        "name": "Lichtwerk Havelbogen e. V.",
        "land": "DE-BB",
        "field": "Optik",
        "label": "silver",
        "website": "https://lichtwerk.example",
        "contact_email": "presse@lichtwerk.example",
    },
    {
        "slug": "bioforum",
        "name": "BioForum Isarrand GmbH",
        "land": "DE-BY",
        "field": "Biotechnologie",
        "label": "gold",
        "website": "https://bioforum.example",
        "contact_email": "news@bioforum.example",
    },
]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Inbox:
    """What the SMTP server accepted: recipient and bytes."""

    mails: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert len(envelope.rcpt_tos) == 1
        self.mails.append((envelope.rcpt_tos[0], envelope.original_content or b""))
        return "250 2.0.0 Ok: queued as 12345"

    def issues(self) -> dict[str, EmailMessage]:
        """The issue mails by recipient; letters carry no List-Id."""
        parsed = [
            (to, email.message_from_bytes(raw, policy=email.policy.default))
            for to, raw in self.mails
        ]
        return {to: mail for to, mail in parsed if mail["List-Id"]}

    def letters(self) -> list[tuple[str, EmailMessage]]:
        parsed = [
            (to, email.message_from_bytes(raw, policy=email.policy.default))
            for to, raw in self.mails
        ]
        return [(to, mail) for to, mail in parsed if not mail["List-Id"]]


@dataclass
class Desk:
    """A home, its web application, and the program to command it with."""

    home: Path
    web: str
    environment: dict[str, str]
    key: str = ""

    def run(self, *words: str, expect: int = 0, stdin: str = "") -> str:
        done = program.run(*words, environment=self.environment, stdin=stdin)
        assert done.code == expect, f"{words}: {done.code}\n{done.out}\n{done.err}"
        return done.out if expect == 0 else done.out + done.err

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def post(self, path: str, body: Any, *, key: str | None = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            self.web + path,
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {key or self.key}",
            },
            method="POST",
        )
        return fetch(request)


def fetch(request: urllib.request.Request | str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status, kind, raw = answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        status, kind, raw = error.code, error.headers["Content-Type"], error.read()
    text = raw.decode()
    return status, json.loads(text) if "json" in (kind or "") else text


@pytest.fixture(scope="module")
def inbox() -> Iterator[tuple[Inbox, int]]:
    box, port = Inbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, data_size_limit=None)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture(scope="module", params=databases.KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """What the environment says of the database."""
    if request.param == "sqlite":
        yield {}
        return
    server: databases.Server = request.getfixturevalue("server")
    with server.database("road"):
        yield {"NEWSLETTER_DATABASE_URL": server.address("road")}


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory,
    inbox: tuple[Inbox, int],
    database: dict[str, str],
) -> Iterator[Desk]:
    inbox[0].mails.clear()
    folder = tmp_path_factory.mktemp("road")
    port = free_port()
    web = f"http://127.0.0.1:{port}"
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
    }
    environment |= {
        "NEWSLETTER_HOME": str(folder / "home"),
        "NEWSLETTER_BASE_URL": web,
        "NEWSLETTER_RELAY": f"smtp://127.0.0.1:{inbox[1]}",
        "NEWSLETTER_EDITOR": "redaktion",
    } | database
    it = Desk(folder / "home", web, environment)
    it.run("init", str(it.home))
    (folder / "clusters.json").write_text(json.dumps(CLUSTERS), encoding="utf-8")
    it.run("clusters", "import", str(folder / "clusters.json"))
    it.key = it.json("clusters", "key", "lichtwerk")["key"]
    with program.Program("serve", "--port", str(port), environment=environment) as server:
        for _ in range(200):
            try:
                if fetch(web + "/healthz")[0] == 200:
                    break
            except OSError:
                time.sleep(0.05)
        yield it
        server.terminate()
        assert server.end(20).code == 0


def in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0).isoformat()


def news(title: str, *targets: str) -> dict[str, Any]:
    return {
        "kind": "news",
        "title": title,
        "teaser": f"Kurztext zu „{title}“ mit Umlauten: äöüß, und a < b & c.",
        "body": "Ein Absatz mit **Betonung**.\n\n- erster Punkt\n- zweiter Punkt",
        "body_format": "markdown",
        "link": "https://lichtwerk.example/neues",
        "targets": list(targets),
        "contact_name": "Änne Muster",
        "contact_email": "presse@lichtwerk.example",
        "language": "de",
        "rights_confirmed": True,
    }


PUBLIC = "Lichtwerk Havelbogen: Silber-Label erneut bestätigt"
INTERNAL = "Nur für Mitglieder: Vorbereitung der Jahrestagung"
PICTURE_ALT = "Drei Personen halten eine Urkunde"
EVENT = "Fachtagung „Licht & Messen“"


def picture_at(desk: Desk) -> str:
    """A photograph with a position in it, taken in by the endpoint: its id."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 1, "an einem geheimen Ort"
    raw = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(raw, "JPEG", exif=exif)
    request = urllib.request.Request(
        desk.web + "/api/v1/images",
        data=raw.getvalue(),
        headers={"Content-Type": "image/jpeg", "Authorization": f"Bearer {desk.key}"},
    )
    status, answer = fetch(request)
    assert status == 201, answer
    return str(answer["id"])


@pytest.fixture(scope="module")
def handed_in(desk: Desk) -> dict[str, str]:
    """Title -> reference of three items handed in over JSON."""
    date = news(EVENT, "go-cluster", "clusterplattform") | {
        "kind": "date",
        "starts_at": in_days(60),
        "ends_at": in_days(61),
        "location": "Alte Schleiferei, Musterhavel",
        "online": True,
    }
    public = news(PUBLIC, "go-cluster", "clusterplattform") | {
        "image": picture_at(desk),
        "image_alt": PICTURE_ALT,
        "image_credit": "Lichtwerk/Kim Beispiel",
    }
    bodies = [public, news(INTERNAL, "go-cluster"), date]
    references = {}
    for body in bodies:
        status, answer = desk.post("/api/v1/submissions", body)
        assert status == 201, answer
        assert set(answer) >= {"id", "status", "status_url"}
        assert re.fullmatch(r"q\d+", answer["id"])
        assert fetch(answer["status_url"])[0] == 200
        references[str(body["title"])] = answer["id"]
    return references


@pytest.fixture(scope="module")
def sent(
    desk: Desk, handed_in: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Both newsletters assembled, approved and sent; the status of each."""
    folder = tmp_path_factory.mktemp("lists")
    lists = {
        "go-cluster": ["ada@reader.example", "ben@reader.example", "jörg@müller.example"],
        "clusterplattform": ["ada@reader.example", "cleo@reader.example", "Dora@reader.example"],
    }
    lists["go-cluster"][2] = "joerg@müller.example"
    for slug, people in lists.items():
        rows = "\n".join(f"{address},,de,,2026-01-05" for address in people)
        (folder / f"{slug}.csv").write_text(
            f"email,name,language,evidence,consented_at\n{rows}\n", encoding="utf-8"
        )
        desk.run(
            "subscribers", "import", str(folder / f"{slug}.csv"), "--newsletter", slug,
            "--evidence", "Liste vom 5. Januar 2026",
        )  # fmt: skip
    desk.run("queue", "accept", *handed_in.values())
    states = {}
    for slug in lists:
        issue = desk.json("issue", "new", slug)["id"]
        desk.run("issue", "fill", issue)
        desk.run("issue", "check", issue)
        desk.run("issue", "request", issue, "--accept-warnings", "geprüft")
        desk.run("issue", "approve", issue, "--as", "redaktion", expect=1)
        desk.run("--as", "freigabe", "issue", "approve", issue)
        desk.run("issue", "schedule", issue, "now")
        states[slug] = issue
    desk.run("dispatch", "--until-empty")
    return {slug: desk.json("issue", "status", issue) for slug, issue in states.items()}


def test_every_reader_has_exactly_one_mail_of_each_newsletter(
    sent: dict[str, Any], inbox: tuple[Inbox, int]
) -> None:
    got = Counter(
        (to.casefold(), email.message_from_bytes(raw)["List-Id"])
        for to, raw in inbox[0].mails
        if email.message_from_bytes(raw)["List-Id"]
    )
    assert set(got.values()) == {1}
    assert len(got) == 6
    assert {to for to, _ in got} == {
        "ada@reader.example", "ben@reader.example", "joerg@xn--mller-kva.example",
        "cleo@reader.example", "dora@reader.example",
    }  # fmt: skip
    for status in sent.values():
        assert status["state"] == "sent"
        assert status["recipients"] == 3
        assert status["deliveries"]["accepted"] == 3
        assert sum(status["deliveries"].values()) == 3


def test_members_items_reach_members_only(sent: dict[str, Any], inbox: tuple[Inbox, int]) -> None:
    for raw in (raw for _, raw in inbox[0].mails):
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if not mail["List-Id"]:
            continue
        html, text = bodies(mail)
        internal = "Jahrestagung" in html and "Jahrestagung" in text
        assert internal == ("mitglieder" in mail["List-Id"])
        assert "Silber-Label" in html
        assert "Silber-Label" in text


def bodies(mail: EmailMessage) -> tuple[str, str]:
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    return html.get_content(), text.get_content()


def test_an_issue_mail_is_made_as_mailbox_providers_want_it(
    desk: Desk, sent: dict[str, Any], inbox: tuple[Inbox, int]
) -> None:
    ids = set()
    for raw in (raw for _, raw in inbox[0].mails):
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if not mail["List-Id"]:
            continue
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        assert {p["Content-Transfer-Encoding"] for p in mail.iter_parts()} == {"quoted-printable"}
        head = raw.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ")
        line = re.search(rb"^List-Unsubscribe: (.*)$", head, re.MULTILINE)
        assert line is not None
        assert b"=?" not in line[1]
        assert line[1].startswith(b"<" + desk.web.encode() + b"/unsubscribe/")
        assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
        assert b"{{" not in raw
        assert all(len(row) <= 998 for row in raw.split(b"\r\n"))
        assert b"\n" not in raw.replace(b"\r\n", b"")
        ids.add(mail["Message-ID"])
        html, _ = bodies(mail)
        assert "{{" not in html
        loaded = re.findall(r'(?:src|background)="?(https?://[^"\s>]+)', html)
        assert all(address.startswith(desk.web) for address in loaded)
        assert "fonts.googleapis" not in html
    assert len(ids) == 6


def unsubscribe_address(inbox: Inbox, to: str) -> str:
    for rcpt, raw in inbox.mails:
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if rcpt == to and mail["List-Id"] and "oeffentlich" in mail["List-Id"]:
            found = re.search(r"<(http[^>]+)>", str(mail["List-Unsubscribe"]))
            assert found is not None
            return found[1]
    raise AssertionError(to)


def states(desk: Desk) -> dict[tuple[str, str], str]:
    rows = desk.json("subscribers", "list")
    rows = rows if isinstance(rows, list) else rows["subscribers"]
    return {(row["email"], row["newsletter"]): row["state"] for row in rows}


def test_looking_at_the_goodbye_page_changes_nothing_and_one_click_acts(
    desk: Desk, sent: dict[str, Any], inbox: tuple[Inbox, int]
) -> None:
    address = unsubscribe_address(inbox[0], "cleo@reader.example")
    before = states(desk)
    assert before["cleo@reader.example", "clusterplattform"] == "active"
    for method in ("GET", "HEAD"):
        status, _ = fetch(urllib.request.Request(address, method=method))
        assert status == 200
    assert states(desk) == before
    body = b"List-Unsubscribe=One-Click"
    for _ in range(2):
        assert fetch(urllib.request.Request(address, data=body, method="POST"))[0] == 200
    after = states(desk)
    assert after["cleo@reader.example", "clusterplattform"] == "ended"
    assert {k: v for k, v in after.items() if "cleo" not in k[0]} == {
        k: v for k, v in before.items() if "cleo" not in k[0]
    }


def test_the_registered_contributor_got_a_letter_with_reference_and_status_link(
    desk: Desk, sent: dict[str, Any], handed_in: dict[str, str], inbox: tuple[Inbox, int]
) -> None:
    letters = [mail for to, mail in inbox[0].letters() if to == "presse@lichtwerk.example"]
    assert len(letters) >= 3
    for reference in handed_in.values():
        (mail,) = [m for m in letters if re.search(rf"\b{reference}\b", str(m["Subject"]))]
        text = bodies(mail)[1]
        link = re.search(re.escape(desk.web) + r"/s/\S+", text)
        assert link is not None
        assert fetch(link[0])[0] == 200
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] is None


def test_a_wrong_submission_is_answered_at_its_fields_and_nothing_is_stored(desk: Desk) -> None:
    before = desk.json("queue", "list")
    body = news("x", "clusterplattform") | {
        "kind": "date", "starts_at": in_days(5), "ends_at": in_days(3), "rights_confirmed": False,
        "link": "javascript:alert(1)", "farbe": "rot",
    }  # fmt: skip
    status, answer = desk.post("/api/v1/submissions", body)
    assert status == 422
    fields = {error["field"] for error in answer["errors"]}
    assert {"ends_at", "rights_confirmed", "link", "farbe"} <= fields
    assert all(error["message"] for error in answer["errors"])
    assert desk.post("/api/v1/submissions", body, key="wrong")[0] == 401
    assert desk.json("queue", "list") == before


def test_a_members_item_is_refused_for_the_public_by_every_command(
    desk: Desk, sent: dict[str, Any], handed_in: dict[str, str]
) -> None:
    reference = handed_in[INTERNAL]
    said = desk.run("queue", "accept", reference, "--for", "clusterplattform", expect=1)
    assert "Mitglied" in said
    issue = desk.json("issue", "new", "clusterplattform")["id"]
    desk.run("issue", "add", issue, reference, expect=1)
    desk.run("issue", "fill", issue)
    shown = desk.json("issue", "show", issue)
    assert INTERNAL not in json.dumps(shown, ensure_ascii=False)


def test_a_new_reader_signs_up_confirms_and_is_active(desk: Desk, inbox: tuple[Inbox, int]) -> None:
    status, page = fetch(desk.web + "/subscribe")
    assert status == 200
    fields = dict(
        re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page)
    )
    consent = re.search(r'<input[^>]*type="checkbox"[^>]*>', page)
    assert consent is not None
    assert "checked" not in consent[0]
    box = re.search(r'name="([^"]+)"', consent[0])
    value = re.search(r'value="([^"]+)"', consent[0])
    assert box is not None
    time.sleep(2.1)  # a form sent faster is a robot's (WB-08)
    form = fields | {"email": "neu@reader.example", box[1]: value[1] if value else "on"}
    data = urllib.parse.urlencode(form).encode()
    headers = {"Origin": desk.web}
    assert (
        fetch(urllib.request.Request(desk.web + "/subscribe", data=data, headers=headers))[0] == 200
    )
    desk.run("dispatch", "--until-empty")
    (mail,) = [mail for to, mail in inbox[0].letters() if to == "neu@reader.example"]
    link = re.search(re.escape(desk.web) + r"/confirm/\S+", bodies(mail)[1])
    assert link is not None
    status, page = fetch(link[0])
    assert status == 200
    assert states(desk).get(("neu@reader.example", "clusterplattform")) == "pending"
    request = urllib.request.Request(link[0], data=b"", method="POST", headers=headers)
    assert fetch(request)[0] == 200
    assert states(desk)["neu@reader.example", "clusterplattform"] == "active"


def test_a_relay_that_is_away_is_said_so_and_nobody_is_lost(
    desk: Desk, inbox: tuple[Inbox, int]
) -> None:
    away = Desk(
        desk.home,
        desk.web,
        desk.environment | {"NEWSLETTER_RELAY": f"smtp://127.0.0.1:{free_port()}"},
        desk.key,
    )
    status, _ = desk.post("/api/v1/submissions", news("Noch eine Meldung", "go-cluster"))
    assert status == 201
    before = len(inbox[0].mails)
    said = away.run("dispatch", "--until-empty", expect=3)
    assert "127.0.0.1" in said
    desk.run("dispatch", "--until-empty")
    assert len(inbox[0].mails) == before + 1


def test_the_picture_of_an_item_is_shown_from_our_own_host(
    desk: Desk, sent: dict[str, Any], inbox: tuple[Inbox, int]
) -> None:
    html, _ = bodies(inbox[0].issues()["cleo@reader.example"])
    (shown,) = [tag for tag in re.findall(r"<img[^>]*>", html) if PICTURE_ALT in tag]
    address = re.search(r'src="([^"]+)"', shown)
    assert address is not None
    with urllib.request.urlopen(address[1], timeout=10) as answer:
        picture, kind = answer.read(), answer.headers["Content-Type"]
    assert kind in {"image/jpeg", "image/png"}  # whichever is smaller
    assert Image.open(io.BytesIO(picture)).width <= 1200
    assert not Image.open(io.BytesIO(picture)).getexif()
