"""``newsletter demo``: the whole story, told by the real program in a process of its own."""

import csv
import email
import email.policy
import json
import os
import re
import signal
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from newsletter.demo import inbox, mail_server, site
from newsletter.demo.hands import Unwelcome, form_on, get
from newsletter.templating import shipped

PROGRAM = Path(sys.executable).with_name("newsletter")
LISTS = {"go-cluster": "mitglieder", "clusterplattform": "oeffentlich"}  # how their List-Id begins
MEMBERS_ONLY = "Nur für Mitglieder: Erfahrungsaustausch der Clustermanagements"
EMBARGOED = "Klinik ohne Wartezimmer"


def environment(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name}
    return clean | more


@dataclass
class Told:
    account: dict[str, Any]
    mails: list[EmailMessage]
    files: list[str]
    stderr: str

    def issue_mails(self, newsletter: str) -> list[EmailMessage]:
        begins = f"<{LISTS[newsletter]}."
        return [mail for mail in self.mails if begins in str(mail["List-Id"] or "")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The demo, once; a home and a relay of the environment must not be heard."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [str(PROGRAM), "demo", "--once", "--json", "--mails", str(folder / "mails")],
        capture_output=True,
        text=True,
        env=environment(
            NEWSLETTER_HOME=str(folder / "real"),
            NEWSLETTER_RELAY="smtp://127.0.0.1:9",
            NEWSLETTER_DATABASE_URL=f"sqlite:///{folder}/real.sqlite",
            NEWSLETTER_BASE_URL="https://echt.example",
        ),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["mails"], "nothing real was touched"
    files = sorted((folder / "mails").iterdir())
    mails = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]
    return Told(json.loads(done.stdout), mails, [file.name for file in files], done.stderr)


def readers(newsletter: str) -> list[str]:
    with (shipped("examples") / f"subscribers-{newsletter}.csv").open(encoding="utf-8") as file:
        return [row["email"] for row in csv.DictReader(file)]


@pytest.mark.parametrize("newsletter", LISTS)
def test_each_reader_of_the_examples_gets_each_issue_once_and_nobody_else(
    told: Told, newsletter: str
) -> None:
    went_to = Counter(str(mail["To"]) for mail in told.issue_mails(newsletter))
    assert went_to == Counter(readers(newsletter))


def test_the_account_is_what_arrived(told: Told) -> None:
    assert set(told.account) == {"issues", "letters", "mails"}
    issues = {issue["newsletter"]: issue for issue in told.account["issues"]}
    assert set(issues) == set(LISTS)
    for newsletter, issue in issues.items():
        mails = told.issue_mails(newsletter)
        assert issue["recipients"] == issue["accepted"] == len(mails)
        assert {str(mail["Subject"]) for mail in mails} == {issue["subject"]}
        assert re.fullmatch(r"\d{4}-\d\d", issue["number"])
        assert re.fullmatch(r"[0-9a-f]{64}", issue["content_hash"])
        assert 10_000 < issue["html_bytes"] < 100_000
    sent = sum(issue["accepted"] for issue in issues.values())
    assert told.account["mails"] == sent + told.account["letters"] == len(told.mails)
    assert told.account["letters"] == sum(mail["List-Id"] is None for mail in told.mails)
    assert all(name.endswith(".eml") for name in told.files)


def test_a_members_item_reaches_members_only_and_an_embargoed_one_nobody(told: Told) -> None:
    for mail in told.mails:
        body = " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
        is_members_mail = mail in told.issue_mails("go-cluster")
        if mail["List-Id"]:
            assert (MEMBERS_ONLY in body) == is_members_mail
            assert EMBARGOED not in body
            assert EMBARGOED not in mail.as_string()


def test_who_signed_up_and_did_not_confirm_got_the_question_and_no_issue(told: Told) -> None:
    to_her = [mail for mail in told.mails if "neugier" in str(mail["To"])]
    assert len(to_her) == 1
    assert to_her[0]["List-Id"] is None
    assert "/confirm/" in to_her[0].as_string()


def test_nothing_is_written_to_stderr(told: Told) -> None:
    assert told.stderr == ""


# -- as a person sees it --------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], int, str]]:
    """The lines up to „Strg+C“; then it is ended as by Ctrl-C, and all addresses were open."""
    home = tmp_path_factory.mktemp("kept") / "home"
    with subprocess.Popen(
        [str(PROGRAM), "demo", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as program:
        assert program.stdout
        assert program.stderr
        lines = []
        for line in program.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Strg+C"):
                break
        opened = [f"{address} {get(address).status}" for address in addresses(lines)]
        program.send_signal(signal.SIGINT)
        code = program.wait(timeout=30)
        yield [*lines, *opened], code, str(home)


def addresses(lines: list[str]) -> list[str]:
    return [found[0] for line in lines if (found := re.search(r"http://\S+$", line))]


def test_every_address_it_prints_answers_and_ctrl_c_ends_it_well(
    running: tuple[list[str], int, str],
) -> None:
    lines, code, _ = running
    opened = [line for line in lines if re.fullmatch(r"http://\S+ \d+", line)]
    assert len(opened) >= 8
    assert all(line.endswith(" 200") for line in opened)
    assert code == 0


def test_each_step_is_told_with_its_time_and_without_colours(
    running: tuple[list[str], int, str],
) -> None:
    lines, _, home = running
    steps = [line for line in lines if re.match(r" *\d+,\d\d s  \S", line)]
    assert len(steps) >= 12
    assert "\x1b" not in "".join(lines)
    assert any("Sperrfrist" in line and "nicht dabei" in line for line in lines)
    assert any("nur für Mitglieder" in line and "nicht dabei" in line for line in lines)
    assert (Path(home) / "newsletter.toml").is_file(), "--home keeps it"


def test_a_kept_home_answers_other_commands(running: tuple[list[str], int, str]) -> None:
    _, _, home = running
    done = subprocess.run(
        [str(PROGRAM), "--home", home, "issue", "list", "--json"],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"sent"') == 2


def test_mails_of_others_are_neither_counted_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "wichtig.eml").write_bytes(b"x")
    done = subprocess.run(
        [str(PROGRAM), "demo", "--once", "--json", "--mails", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert "fremde .eml-Dateien" in done.stderr
    assert (tmp_path / "wichtig.eml").read_bytes() == b"x"


def test_a_second_run_replaces_the_mails_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "0001-letter.eml").write_bytes(b"old")
    mail_server.make_room(tmp_path)
    assert list(tmp_path.iterdir()) == []


# -- the inbox ------------------------------------------------------------------------------


@dataclass
class Post:
    url: str
    mailbox: mail_server.Mailbox
    port: int

    def arrives(self, html: str = "<p>x</p>", subject: str = "Hallo", **heads: str) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "a@b.example", "c@d.example", subject
        for name, value in heads.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("Nur Text mit Ümläuten")
        mail.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.port) as server:
            server.send_message(mail)


@pytest.fixture
def post() -> Iterator[Post]:
    mailbox = mail_server.Mailbox()
    app = inbox.create_app(mailbox, "http://127.0.0.1:1", ZoneInfo("Europe/Berlin"), {})
    with (
        mail_server.listening(mailbox) as port,
        site.reserved() as listener,
        site.serving(app, listener),
    ):
        yield Post(site.address_of(listener), mailbox, port)


def test_the_inbox_shows_a_mail_as_html_text_and_source(post: Post) -> None:
    post.arrives(subject="Prüfung & Freigabe", html="<html><head></head><body>Bild</body></html>")
    assert "Prüfung &amp; Freigabe" in get(f"{post.url}/").text
    page = get(f"{post.url}/mail/1")
    assert "Nur Text mit Ümläuten" in page.text
    assert "sandbox=" in page.text
    assert "Bild" in get(f"{post.url}/mail/1/html").text
    assert get(f"{post.url}/mail/1/raw").body.startswith(b"From: a@b.example")


def test_nothing_in_a_mail_can_run_in_the_inbox(post: Post) -> None:
    evil = "<script>alert(1)</script>"
    post.arrives(html=evil, subject=evil)
    for address in (f"{post.url}/", f"{post.url}/mail/1"):
        page = get(address)
        assert "<script" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    policy = get(f"{post.url}/mail/1/html").headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy


def test_a_mail_that_is_not_there_is_not_found(post: Post) -> None:
    for path in ("/mail/1", "/mail/0", "/mail/1/html", "/mail/1/raw"):
        with pytest.raises(Unwelcome, match="404"):
            get(post.url + path)


def test_the_inbox_answers_to_this_machine_only(post: Post) -> None:
    request = urllib.request.Request(f"{post.url}/", headers={"Host": "boese.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request)


def test_a_form_refuses_what_it_has_no_field_for(post: Post) -> None:
    form = form_on(get(f"{post.url}/"))
    with pytest.raises(Unwelcome):
        form.submit(gibtsnicht="x")
