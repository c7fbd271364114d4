"""The preview of an issue: on this machine, behind a signed link, and as files."""

import logging
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlmodel import SQLModel

from newsletter import issues, readers
from newsletter.settings import Settings
from newsletter.web import preview_here, preview_link
from newsletter.web.app import create_app
from tests.archive_situations import gone_out, stored
from tests.command_situations import Newsletter, newsletter
from tests.conftest import BEN, Clock
from tests.desk_situations import Desk, desk, news
from tests.preview_situations import ALT, KEY, own, with_picture

__all__ = ["desk", "newsletter"]

pytestmark = pytest.mark.sqlite("how an issue is shown is no matter of the database")


@pytest.fixture
def key(desk: Desk) -> str:
    return with_picture(desk)


@pytest.fixture
def here(settings: Settings, engine: Engine, clock: Clock, key: str) -> Iterator[TestClient]:
    """The preview on this machine."""
    address = "http://127.0.0.1:8025"
    app = preview_here.create_app(settings, engine, key, address=address, clock=clock)
    with TestClient(app, base_url=address) as client:
        yield client


def version(client: TestClient, seen: str = "") -> str:
    return str(client.get("/version", params={"seen": seen}).json()["version"])


def message(client: TestClient) -> EmailMessage:
    return message_from_bytes(client.get("/message").content, policy=policy.default)


# -- what it shows ------------------------------------------------------------------------


def test_the_page_shows_inbox_line_both_widths_and_what_is_wrong(here: TestClient) -> None:
    page = here.get("/").text
    subject = "Clusterplattform Deutschland: Ausgabe Dezember 2026"
    assert page.count(subject) == 3  # the title, and two inboxes
    assert "Meldungen, Erfolgsgeschichten und Termine aus den Clustern in Deutschland." in page
    assert re.findall(r'<iframe width="(\d+)"', page) == ["600", "360"]
    assert "Freigegeben ist noch nichts" in page
    assert "base_url in newsletter.toml" in page  # a hint, with its cure


def test_the_frame_is_the_mail_by_day_and_night_with_pictures_and_without(
    here: TestClient,
) -> None:
    day, night, bare = (here.get(f"/mail{query}") for query in ("", "?dark=1", "?bare=1"))
    assert "Guten Tag Kim Beispiel," in day.text
    assert f'alt="{ALT}"' in day.text
    assert "@media (max-width:0)" in day.text  # what is meant for the night
    assert "@media (min-width:0)" in night.text
    picture = re.search(r'src="(/media/[^"]+)"', day.text)
    assert picture
    assert here.get(picture[1]).headers["content-type"] == "image/jpeg"
    assert "img-src 'self'" in day.headers["content-security-policy"]
    assert "img-src 'none'" in bare.headers["content-security-policy"]
    for answer in (day, night, bare):
        policy_of_it = answer.headers["content-security-policy"]
        assert "sandbox" in policy_of_it
        assert "allow-scripts" not in policy_of_it
        assert "default-src 'none'" in policy_of_it


def test_the_source_is_the_message_as_a_reader_would_get_it(
    here: TestClient, settings: Settings
) -> None:
    mail = message(here)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = str(mail["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    with pytest.raises(readers.BadLink):
        readers.goodbye_in(settings, token)
    plain = mail.get_body(("plain",))
    assert plain
    assert "Silber-Label" in plain.get_content()
    assert "List-Unsubscribe-Post:" in here.get("/?view=source").text
    assert "Silber-Label" in here.get("/?view=text").text


def test_what_was_submitted_is_shown_as_it_is_stored(
    here: TestClient, desk: Desk, home: Path
) -> None:
    desk.do(issues.request, KEY, "geprüft")
    assert "die zur Freigabe vorliegt" in here.get("/").text
    desk.do(issues.approve, KEY, who=BEN)
    html = here.get("/mail").text
    own(home, "blocks/item.txt", "{% macro item(item) %}neu{% endmacro %}")
    page = here.get("/").text
    assert "Die freigegebene Versandfassung" in page
    assert "Neu gebaut" not in page  # the template is broken, which is told instead
    assert "gibt es hier nicht" in page
    assert here.get("/mail").text == html


def test_an_approved_issue_that_was_tampered_with_is_told(
    here: TestClient, desk: Desk, engine: Engine
) -> None:
    desk.do(issues.request, KEY, "geprüft")
    desk.do(issues.approve, KEY, who=BEN)
    with engine.begin() as connection:
        connection.execute(text("UPDATE edition SET text = text || ' '"))
    assert "ist nicht die freigegebene" in here.get("/").text


def test_a_sent_issue_is_shown_as_it_went_out(
    desk: Desk, settings: Settings, engine: Engine, clock: Clock
) -> None:
    key = gone_out(desk)
    web = TestClient(create_app(settings, engine, clock), base_url=settings.base_url)
    path = urlsplit(preview_link.link(settings, key, clock())[0]).path
    assert "Die gespeicherte Versandfassung" in web.get(path).text
    assert "wird nicht mehr geprüft" in web.get(path).text
    shown = web.get(f"{path}/mail").text
    assert "Kim Beispiel" in shown
    assert stored(desk, key).subject in shown


# -- it follows what changes --------------------------------------------------------------


def test_it_notices_each_kind_of_change(
    here: TestClient, desk: Desk, home: Path, engine: Engine, settings: Settings
) -> None:
    seen = [version(here)]

    def changed() -> bool:
        seen.append(version(here, seen[-1]))
        return len(set(seen)) == len(seen)

    with engine.begin() as connection:
        connection.execute(text("UPDATE issue SET subject = 'Ein anderer Betreff'"))
    assert changed()
    desk.accepted(news(title="Noch etwas", link="https://www.lichtwerk.example/noch"))
    desk.do(issues.fill, KEY)
    assert changed()
    path = own(home, "clusterplattform/issue.txt", '{% extends "blocks/issue.txt" %}\n')
    path.write_text("Nur dies, {{ salutation }} {{ unsubscribe }}")
    assert changed()
    toml = home / "newsletter.toml"
    toml.write_text(toml.read_text().replace("Musterstraße", "Andere Straße"))
    assert changed()
    (picture,) = settings.media.glob("*/mail.*")
    picture.unlink()
    assert changed()
    assert f"media/{picture.parent.name}/{picture.name} fehlt" in here.get("/").text
    assert f'alt="{ALT}"' in here.get("/mail").text


def test_a_mistake_is_told_with_file_and_line_until_it_is_mended(
    here: TestClient, home: Path
) -> None:
    good = version(here)
    path = own(home, "clusterplattform/issue.txt", "\n{{ nichts }}")
    page = here.get("/")
    assert page.status_code == 200
    assert f"{path}, Zeile 2: „nichts“ gibt es hier nicht." in page.text
    path.unlink()
    assert version(here) == good
    toml = home / "newsletter.toml"
    before = toml.read_text()
    toml.write_text(f"language = \n{before}")
    assert f"{toml}, Zeile 1" in here.get("/").text
    toml.write_text(before)
    assert version(here) == good


def test_a_mistake_in_the_pages_own_template_does_not_end_it(here: TestClient, home: Path) -> None:
    path = own(home, "web/preview.html", "{{ nichts }}")
    page = here.get("/").text
    assert f"{path}, Zeile 1: „nichts“ gibt es hier nicht." in page
    path.unlink()
    assert "<iframe" in here.get("/").text


# -- behind a link ------------------------------------------------------------------------


@pytest.fixture
def web(settings: Settings, engine: Engine, clock: Clock) -> TestClient:
    app = create_app(settings, engine, clock)
    return TestClient(app, base_url=settings.base_url, raise_server_exceptions=False)


def linked(settings: Settings, clock: Clock, key: str = KEY) -> str:
    return urlsplit(preview_link.link(settings, key, clock())[0]).path


def test_a_link_shows_the_same_page_and_changes_nothing(
    key: str,
    web: TestClient,
    settings: Settings,
    clock: Clock,
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = linked(settings, clock)
    before = everything(engine)
    with caplog.at_level(logging.INFO):
        answers = [web.get(f"{path}{part}") for part in ("", "/mail", "/message", "/version")]
    assert [each.status_code for each in answers] == [200] * 4
    for each in answers:
        assert each.headers["x-robots-tag"] == "noindex"
        assert each.headers["cache-control"] == "no-store"
        assert each.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in answers[0].headers["content-security-policy"]
    assert "<script>" not in answers[0].text
    said = [each.getMessage() for each in caplog.records if each.name.startswith("newsletter")]
    assert [each.split()[1] for each in said][:2] == ["/preview/{token}", "/preview/{token}/mail"]
    assert path.rpartition("/")[2] not in " ".join(said)
    assert everything(engine) == before


def everything(engine: Engine) -> dict[str, list[object]]:
    with engine.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: [*connection.execute(table.select())] for table in tables}


def test_a_link_ends_after_twelve_hours_and_a_forged_one_never_began(
    key: str, web: TestClient, settings: Settings, clock: Clock
) -> None:
    path = linked(settings, clock)
    goodbye = readers.unsubscribe_url(settings, "x", "clusterplattform").rpartition("/")[2]
    for wrong in (path[:-1], path + "x", "/preview/abc", f"/preview/{goodbye}"):
        assert web.get(wrong).status_code == 410
    clock.forward(hours=11.9)
    assert web.get(path).status_code == 200
    clock.forward(hours=0.2)
    answer = web.get(path)
    assert answer.status_code == 410
    assert "newsletter issue preview AUSGABE --link" in answer.text


def test_what_others_may_not_see_stands_under_a_banner(
    desk: Desk, web: TestClient, settings: Settings, clock: Clock
) -> None:
    until = clock.moment.replace(month=12, day=1)
    reference = desk.accepted(
        news(title="Noch geheim", targets=["go-cluster"], embargo_until=until.isoformat())
    )
    key = desk.new("go-cluster")
    desk.do(issues.add, key, [reference])
    page = web.get(linked(settings, clock, key)).text
    assert "Nur für Mitglieder" in page
    assert "Sperrfrist: „Noch geheim“ darf bis Dienstag, 1.12.2026" in page.replace("01.12", "1.12")


# -- the command --------------------------------------------------------------------------


def test_the_command_writes_the_mail_as_files(
    key: str, newsletter: Newsletter, tmp_path: Path
) -> None:
    folder = tmp_path / "ansicht"
    done = newsletter("issue", "preview", key, "--write", str(folder), "--json")
    assert done.code == 0
    assert {path.suffix for path in folder.iterdir()} == {".html", ".txt", ".eml", ".json"}
    assert [Path(name).parent for name in done.json["files"]] == [folder] * 4
    assert "Silber-Label" in (folder / f"{KEY}.txt").read_text(encoding="utf-8")


def test_with_a_broken_template_nothing_is_written(
    key: str, newsletter: Newsletter, home: Path, tmp_path: Path
) -> None:
    path = own(home, "clusterplattform/issue.mjml", "<mjml><mj-foo></mj-foo></mjml>")
    done = newsletter("issue", "preview", key, "--write", str(tmp_path / "ansicht"))
    assert (done.code, f"{path}, Zeile 1: <mj-foo>" in done.err) == (1, True)
    assert not (tmp_path / "ansicht").exists()


def test_without_an_issue_the_one_that_is_being_made_is_meant(
    desk: Desk, newsletter: Newsletter
) -> None:
    none = newsletter("issue", "preview", "--link", as_="")
    assert (none.code, "newsletter issue new SLUG" in none.err) == (1, True)
    desk.new("clusterplattform")
    assert newsletter("issue", "preview", "--link", "--json", as_="").json["id"] == KEY
    desk.new("go-cluster")
    several = newsletter("issue", "preview", "--link", as_="")
    assert (several.code, KEY in several.err) == (1, True)


def looking(address: str) -> None:
    """Wait for news, perhaps until the other end goes."""
    with suppress(OSError, HTTPException):
        urlopen(address, timeout=30).close()


def test_the_command_serves_until_it_is_stopped(key: str, home: Path) -> None:
    words = ["issue", "preview", key, "--port", "0", "--home", str(home)]
    running = subprocess.Popen(
        [sys.executable, "-m", "cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NEWSLETTER_HOME": ""},
    )
    assert running.stdout
    try:
        address = running.stdout.readline().split()[-1]
        with urlopen(address, timeout=30) as answer:
            page = answer.read().decode()
        assert "Silber-Label" not in page  # the mail stands in frames
        seen = re.search(r'data-version="(\w+)"', page)
        assert seen
        waiting = Thread(target=looking, args=[f"{address}version?seen={seen[1]}"], daemon=True)
        waiting.start()  # somebody looks, and waits for news
        running.send_signal(signal.SIGINT)
        _out, err = running.communicate(timeout=15)
        waiting.join(15)
    finally:
        running.kill()
    assert (running.returncode, err) == (0, "")
