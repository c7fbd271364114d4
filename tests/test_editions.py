"""One issue in three editions: each reader gets the one they chose, approved together."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import col

from newsletter import rendering, schedule, templating
from newsletter.content import Corrected, Kind, Variant
from newsletter.history import Clock, now
from newsletter.models.delivery import Letter
from newsletter.rendering import variants
from newsletter.settings import Settings, load
from subscribers.models import EditionChoice, Subscription
from tests.archive_situations import joins
from tests.command_situations import Newsletter, newsletter
from tests.desk_situations import Desk, desk, fair, news
from tests.dispatch_situations import quiet_home
from tests.rendering_situations import event, issue, story
from tests.smtp_server import Script, Scripted

__all__ = ["desk", "newsletter", "quiet_home"]  # the fixtures

Send = Callable[[], dict[str, EmailMessage]]
CHOICES = {"ada": "full", "ben": "text", "cleo": "dates"}


@pytest.fixture
def clock() -> Clock:
    """The real one: commands look at it, too."""
    return now


@pytest.fixture
def send(engine: Engine, settings: Settings) -> Send:
    """Send all that is due; the mails by their reader."""

    def sent() -> dict[str, EmailMessage]:
        with Scripted(Script()) as relay:
            schedule.send_what_is_due(engine, load(settings.home, {"NEWSLETTER_RELAY": relay.url}))
            return {
                each.rcpt.partition("@")[0]: message_from_bytes(each.data, policy=policy.default)
                for each in relay.script.messages
                if b"\r\nList-Id:" in each.data
            }

    return sent


def choosing(desk: Desk) -> None:
    for number, (name, choice) in enumerate(CHOICES.items(), 1):
        joins(desk, name)
        its = update(Subscription).where(col(Subscription.subscriber_id) == number)
        desk.look(lambda act, its=its, to=choice: act.session.execute(its.values(edition=to)))


def out(newsletter: Newsletter, key: str) -> None:
    for who, words in (
        ("redaktion", ("request", key, "--accept-warnings", "geprüft")),
        ("freigabe", ("approve", key)),
        ("redaktion", ("schedule", key, "now")),
    ):
        done = newsletter("issue", *words, as_=who)
        assert done.code == 0, done.err


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return " ".join(str(part.get_content()).split())


def test_each_reader_gets_what_they_chose_and_an_empty_edition_is_skipped_with_its_reason(
    desk: Desk, newsletter: Newsletter, send: Send
) -> None:
    choosing(desk)
    desk.accepted(news())
    desk.accepted(fair(now().replace(microsecond=0) + timedelta(days=60)))
    desk.do(lambda act: act.session.execute(delete(Letter)))
    key = desk.filled()
    refused = newsletter("issue", "test", key, "redaktion@go-cluster.example", "--edition", "all")
    assert (refused.code, "full, text, dates" in refused.err) == (2, True)
    tested = newsletter(
        "issue", "test", key, "redaktion@go-cluster.example", "--edition", "dates", "--json"
    )
    assert tested.json["subject"].startswith("[TEST] Termine: ")
    out(newsletter, key)
    sizes = newsletter("issue", "status", key, "--json").json["editions"]
    assert [it["edition"] for it in sizes] == ["full", "text", "dates"]
    assert sizes[0]["html_bytes"] > sizes[2]["html_bytes"] > sizes[1]["html_bytes"] == 0
    mails = send()
    assert set(mails) == set(CHOICES)
    whole, plain, dates = (mails[name] for name in CHOICES)
    title, tagung = "Silber-Label erneut bestätigt", "Fachtagung „Licht & Messen“"
    assert whole.get_content_type() == dates.get_content_type() == "multipart/alternative"
    assert title in text_of(whole)
    assert tagung in text_of(whole)
    assert plain.get_content_type() == "text/plain"
    assert text_of(plain).replace("Ben", "Ada")[:400] == text_of(whole)[:400]
    assert plain["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain["Subject"] == whole["Subject"]
    assert dates["Subject"] == f"Termine: {whole['Subject']}"
    for kind in ("plain", "html"):
        said = dates.get_body((kind,)).get_content()  # type: ignore[union-attr]
        assert title not in said
        assert "Fachtagung" in said

    its = update(Subscription).where(col(Subscription.subscriber_id) == 2)
    desk.look(lambda act: act.session.execute(its.values(edition="full")))
    fixed = newsletter("issue", "correct", key, "--note", "Der Saal ist ein anderer.", "--letter")
    assert fixed.code == 0, fixed.err
    out(newsletter, f"{key}-k1")
    letters = send()
    assert not letters["ben"].is_multipart()  # as the copy that it corrects
    assert "Der Saal ist ein anderer." in text_of(letters["cleo"])

    desk.accepted(news(title="Nur eine Meldung", link="https://l.example/nur"))
    newsletter("issue", "new", "clusterplattform", "--number", "2031-05")
    empty = "clusterplattform-2031-05"
    assert newsletter("issue", "add", empty, "q3").code == 0
    none = newsletter("issue", "test", empty, "redaktion@go-cluster.example", "--edition", "dates")
    assert (none.code, "enthält keinen Termin" in none.err) == (1, True)
    out(newsletter, empty)
    assert set(send()) == {"ada", "ben"}
    stands = newsletter("issue", "status", empty, "--json").json
    assert (stands["recipients"], stands["deliveries"]) == (3, {"accepted": 2, "skipped": 1})
    assert "1 ohne Termine übersprungen. Niemand fehlt." in newsletter("issue", "status", empty).out
    why = newsletter("issue", "audience", empty, "--why", "cleo@leser.example", as_="redaktion")
    assert "Die Person möchte nur Termine, und die Ausgabe enthält keine." in why.words
    assert "Fassung: nur Termine" in why.words


@pytest.mark.sqlite("rendering asks no database")
def test_the_dates_edition_holds_the_dates_and_promises_nothing_else() -> None:
    where = templating.folders(None)
    full = rendering.render(issue(read_url="https://news.example/a"), where)
    plain, dates = variants.others(issue(read_url="https://news.example/a"), full, where)
    assert (plain.html, plain.text, plain.language) == ("", full.text, "de")
    assert dates.subject == "Termine: Neues aus den Clustern im Dezember"
    assert "Ein Termin: Fachtagung" in dates.text
    assert "hier sind die Termine aus der Ausgabe Dezember 2026." in dates.text
    assert "https://news.example/a" in dates.text
    assert "Greifer" not in dates.text + dates.html
    assert len({it.pictures for it in (plain, dates)} | {()}) == 1
    assert [it.variant for it in variants.others(issue(story()), full, where)] == [Variant.TEXT]
    two = variants.dates_of(issue(event(), event(9, title="Zwei"), story()))
    assert two is not None
    assert two.preheader.startswith("2 Termine, zuerst: Fachtagung")
    assert {it.kind for it in two.items} == {Kind.DATE}
    fix = Corrected("2026-12", None, "Richtig ist der 16. März.")
    note = variants.dates_of(issue(story(), corrects=fix))
    assert note is not None
    assert not note.items  # who had the dates learns what was wrong


@pytest.mark.sqlite("two lists of words")
def test_readers_choose_what_can_be_rendered() -> None:
    assert [each.value for each in EditionChoice] == [each.value for each in Variant]
