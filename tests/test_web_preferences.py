"""A reader's own page: what they get, a rest, their goodbye; and how they come to it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select
from sqlmodel import col

from newsletter import database, readers, schedule
from newsletter.models.delivery import Letter
from newsletter.settings import Settings
from subscribers import roster
from subscribers.models import Consent, EditionChoice, Evidence, Subscriber, Subscription
from subscribers.tokens import Purpose, sign
from tests.conftest import Clock, type_of_act
from tests.readers_situations import reader, reads
from tests.test_web_subscription import Fields, confirm_path, filled_in, rows, signs_up
from tests.web_situations import ADDRESS, browser

__all__ = ["browser"]  # the fixture

PUBLIC, MEMBERS = "clusterplattform", "go-cluster"
E = EditionChoice


def path(settings: Settings, clock: Clock, person: str = "id-ada") -> str:
    return readers.preferences_url(settings, person, clock()).removeprefix(ADDRESS)


def ada_reads_both(act: type_of_act) -> None:
    with act() as a:
        ada = reader(a.session, "ada")
        reads(a.session, ada, PUBLIC)
        reads(a.session, ada, MEMBERS)


def stands(engine: Engine) -> dict[str, tuple[str, str, object]]:
    with database.reading(engine) as session:
        return {
            it.newsletter: (it.state.value, it.edition.value, it.paused_until)
            for it in session.scalars(select(Subscription))
        }


def letters(engine: Engine) -> list[str]:
    with database.reading(engine) as session:
        its = select(Letter).where(col(Letter.name) == "preferences").order_by(col(Letter.id))
        return [
            next(w for w in it.text.split() if "/preferences/" in w) for it in session.scalars(its)
        ]


def test_a_reader_settles_what_they_get_and_leaves_by_their_own_page(
    browser: TestClient, act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    ada_reads_both(act)
    link, before = path(settings, clock), rows(engine)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        answer = browser.request(method, link)
        assert answer.status_code == (200 if method in {"GET", "HEAD"} else 405)
    assert rows(engine) == before
    looked = browser.get(link)
    assert "a***@l***.example" in looked.text
    assert "ada@leser.example" not in looked.text
    assert "no-store" in looked.headers["cache-control"]
    assert "noindex" in looked.headers["x-robots-tag"]
    shown = [one for one in Fields(looked.text).inputs if one.get("type") != "hidden"]
    assert {one["id"] for one in shown} <= Fields(looked.text).labels
    ticked = {one["name"]: one["value"] for one in shown if "checked" in one}
    assert ticked == {f"edition-{PUBLIC}": "full", f"edition-{MEMBERS}": "full"}

    sent = {f"edition-{PUBLIC}": "dates", f"pause-{MEMBERS}": "3", "name": "Ada  Muster"}
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.post(link, data=sent, headers=elsewhere).status_code == 403
    assert stands(engine)[PUBLIC][1] == "full"
    saved = browser.post(link, data={**sent, "language": "en"})
    assert saved.status_code == 200
    assert "kommt ab der nächsten Ausgabe so: nur Termine." in saved.text
    assert "macht Pause; ab 21.02.2027 kommt der Newsletter von selbst wieder." in saved.text
    paused = stands(engine)
    assert paused[PUBLIC][:2] == ("active", "dates")
    assert paused[MEMBERS][0] == "paused"
    assert 'value="Ada Muster"' in saved.text
    assert "Es bleibt alles, wie es war." in browser.post(link, data={"name": "Ada Muster"}).text
    with database.reading(engine) as session:
        lines = session.scalars(select(Consent).where(col(Consent.channel) == "preferences"))
        assert [(it.event, it.evidence) for it in lines] == [
            (Evidence.CHOSEN, "dates"),
            (Evidence.PAUSED, paused[MEMBERS][2].isoformat()),  # type: ignore[attr-defined]
        ]
        why = roster.why_not(session, 1, MEMBERS)
        for slug, then in ((MEMBERS, "paused"), (PUBLIC, "not_yet")):  # no obstacle that is chosen
            theirs = readers.relation(session, settings, slug, "ada@leser.example", clock())
            assert theirs.obstacle == then
    assert why == "paused"

    wrong = browser.post(link, data={f"edition-{PUBLIC}": "x", "name": "a" * 201, "language": "xx"})
    assert wrong.status_code == 422
    for field in (f"edition-{PUBLIC}", "name", "language"):
        assert f'href="#{field}"' in wrong.text
    assert "a" * 201 in wrong.text
    assert stands(engine) == paused

    clock.forward(days=91)
    schedule.tidy(engine, settings, clock)
    assert stands(engine)[MEMBERS] == ("active", "full", None)
    fresh = path(settings, clock)
    assert "Es bleibt alles, wie es war." in browser.post(fresh, data={"leave": "xx"}).text
    left = browser.post(fresh, data={"leave": PUBLIC})
    assert "Sie sind abgemeldet" in left.text
    assert stands(engine)[PUBLIC][0] == "ended"
    assert (
        "Zu diesem Link gehört zurzeit kein Newsletter."
        in browser.post(fresh, data={"leave": "*"}).text
    )
    assert stands(engine)[MEMBERS][0] == "ended"
    assert (settings.home / "goodbyes.journal").read_text("utf-8").count("unsubscribe") == 2


@pytest.mark.sqlite("the limits and letters of sign-up, on both there")
def test_an_old_link_shows_nothing_and_a_new_one_goes_to_its_reader_only(
    browser: TestClient, act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    ada_reads_both(act)
    old = path(settings, clock)
    nobody = path(settings, clock, "id-nobody")
    clock.forward(hours=24)
    for each in (old, nobody):
        late = browser.get(each)
        assert (late.status_code, "l***" in late.text) == (410, False)
        assert "gilt 24 Stunden" in late.text
        assert browser.post(each, data={f"edition-{PUBLIC}": "text"}).status_code == 410
    assert stands(engine)[PUBLIC][1] == "full"
    same = {browser.post(each, data={"link": "1"}).text for each in (old, old, nobody)}
    assert len(same) == 1
    (fresh,) = letters(engine)  # of two wishes on one day
    assert "a***@l***.example" in browser.get(fresh.removeprefix(ADDRESS)).text

    clock.forward(hours=25)
    asked = []
    for address in ("ada@leser.example", "fremd@leser.example"):
        token = Fields(browser.get("/preferences").text).named("form")["value"]
        form = {"email": address, "form": token, "website": ""}
        assert "wie bei einem Automaten" in browser.post("/preferences", data=form).text
        clock.forward(seconds=5)
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        refused = browser.post("/preferences", data=form, headers=elsewhere)
        assert (refused.status_code, len(letters(engine))) == (403, 1 + len(asked))
        answer = browser.post("/preferences", data=form)
        asked.append((answer.status_code, answer.text.replace(address, "")))
        assert address in answer.text
    assert asked[0] == asked[1]
    assert len(letters(engine)) == 2
    wrong = browser.post("/preferences", data={**form, "email": "fremd"})
    assert (wrong.status_code, 'href="#email"' in wrong.text) == (422, True)
    assert 'value="fremd"' in wrong.text
    bad = sign(Purpose.UNSUBSCRIBE, ["id-ada", 9_999_999_999], settings.secrets)
    assert browser.get(f"/preferences/{bad}").status_code == 404
    assert browser.post(f"/preferences/{bad}", data={}).status_code == 404


def test_what_is_chosen_at_sign_up_holds_after_the_confirmation(
    browser: TestClient, act: type_of_act, engine: Engine, settings: Settings, clock: Clock
) -> None:
    clock.forward(seconds=5)
    form = filled_in(browser, edition="dates", email="kein")
    clock.forward(seconds=5)
    wrong = browser.post("/subscribe", data=form)
    ticked = [one["value"] for one in Fields(wrong.text).inputs if "checked" in one]
    assert ticked == [PUBLIC, "dates"]
    bad = browser.post("/subscribe", data={**form, "email": "ada@leser.example", "edition": "all"})
    assert (bad.status_code, 'href="#edition"' in bad.text) == (422, True)
    signs_up(browser, clock, edition="dates")
    link = confirm_path(engine)
    assert "nur die Termine" in browser.get(link).text
    assert "ist bestätigt" in browser.post(link).text
    assert stands(engine)[PUBLIC][:2] == ("active", "dates")
    clock.forward(days=2)
    signs_up(browser, clock, edition="text")  # somebody typed the address of who reads already
    assert stands(engine)[PUBLIC][:2] == ("active", "dates")
    with act() as a:
        person = a.session.scalars(select(Subscriber)).one()
        facts = readers.standing(a.session, person)
    assert facts["subscriptions"][0]["edition"] == E.DATES
