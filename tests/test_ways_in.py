"""How somebody comes to a personal link: by typing an address, by asking, by taking over."""

import re
import statistics
import time
from collections.abc import Iterator, Sequence

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from newsletter import agenda, clusters, database
from newsletter.clusters import LinkOver, Wish
from newsletter.models.cluster import AccessRequest, RequestState
from newsletter.models.delivery import Letter
from newsletter.models.submission import Submission
from newsletter.settings import Settings
from newsletter.web.app import create_app
from tests.command_situations import Newsletter, newsletter
from tests.conftest import Clock, type_of_act
from tests.desk_situations import Desk, desk
from tests.intake_situations import BOJE, registered
from tests.web_situations import OURS

__all__ = ["desk", "newsletter"]  # the fixtures

KNOWN, UNKNOWN = "presse@lichtwerk.example", "neu@unbekannt.example"
WISH = {"email": UNKNOWN, "name": "Bela Muster", "organisation": "Boje", "message": "Hallo!"}


@pytest.fixture
def browser(
    settings: Settings, engine: Engine, clock: Clock, act: type_of_act
) -> Iterator[TestClient]:
    with act() as a:
        registered(a)
        registered(a, BOJE)
        clusters.add_person(a, "boje", "Presse@Lichtwerk.example")
    app = create_app(settings, engine, clock)
    client = TestClient(app, base_url="http://127.0.0.1:8000", headers=OURS)
    with client as opened:
        yield opened


def letters(engine: Engine) -> Sequence[Letter]:
    with database.reading(engine) as session:
        return session.scalars(select(Letter).order_by(Letter.id)).all()


def wishes(engine: Engine) -> Sequence[AccessRequest]:
    with database.reading(engine) as session:
        return clusters.requests(session)


def form_of(browser: TestClient, path: str, clock: Clock) -> str:
    token = re.search(r'name="form" value="([^"]+)"', browser.get(path).text)
    assert token
    clock.forward(seconds=10)
    return token[1]


def test_who_types_a_registered_address_gets_the_link_of_each_cluster_by_mail(
    browser: TestClient, engine: Engine, clock: Clock
) -> None:
    form = form_of(browser, "/einreichen", clock)
    done = browser.post("/submit", data={"email": " PRESSE@lichtwerk.example", "form": form})
    assert done.status_code == 200
    sent = letters(engine)
    assert [each.name for each in sent] == ["form_link", "form_link"]
    for letter in sent:
        path = re.search(r"http://127.0.0.1:8000(/submit/\S+)", letter.text)
        assert path
        assert "Was möchten Sie einreichen?" in browser.get(path[1]).text
        assert path[1] not in done.text


def test_nobody_learns_whether_an_address_is_registered(
    browser: TestClient, engine: Engine, clock: Clock
) -> None:
    form = form_of(browser, "/submit", clock)
    pages, took = {}, {}
    for email in (KNOWN, UNKNOWN):
        times = []
        for _try in range(4):  # the fourth is over the limit of a day
            began = time.monotonic()
            done = browser.post("/submit", data={"email": email, "form": form})
            times.append(time.monotonic() - began)
        took[email] = statistics.median(times)
        pages[email] = (done.status_code, done.text.replace(email, "ADRESSE"))
    assert pages[KNOWN] == pages[UNKNOWN]
    assert min(took.values()) >= 0.05
    assert "Kommt nichts, sind Sie noch nicht eingetragen" in pages[UNKNOWN][1]
    to = [letter.to_email.casefold() for letter in letters(engine)]
    assert to == [KNOWN] * 6  # three times, for two clusters


def test_what_is_wrong_stands_at_its_field_and_machines_get_nothing(
    browser: TestClient, engine: Engine, clock: Clock
) -> None:
    form = form_of(browser, "/access", clock)
    wrong = browser.post("/access", data={"email": "x@", "form": form, "message": "a" * 2001})
    assert wrong.status_code == 422
    for field in ("email", "name", "organisation", "message"):
        assert f'id="{field}-wrong"' in wrong.text
    nowhere = browser.post("/submit", data={"email": "presse", "form": form})
    assert nowhere.status_code == 422
    trapped = browser.post("/access", data=WISH | {"form": form, "website": "x"})
    assert trapped.status_code == 200
    without = browser.post("/access", data=WISH)
    assert (without.status_code, 'value="Bela Muster"' in without.text) == (422, True)
    elsewhere = browser.post("/access", data=WISH, headers={"Sec-Fetch-Site": "cross-site"})
    assert elsewhere.status_code == 403
    assert not wishes(engine)
    assert not letters(engine)


def test_a_wish_for_access_waits_for_the_editors_who_grant_it(
    browser: TestClient,
    engine: Engine,
    settings: Settings,
    clock: Clock,
    newsletter: Newsletter,
) -> None:
    form = form_of(browser, "/zugang", clock)
    for _twice in range(2):
        assert "angekommen" in browser.post("/access", data=WISH | {"form": form}).text
    other = WISH | {"email": "zwei@unbekannt.example", "form": form}
    browser.post("/access", data=other)
    told = [letter for letter in letters(engine) if letter.name == "access_request"]
    assert len(told) == 2  # to each editor one: a flood is one letter
    assert "Bela Muster" in told[0].text
    with database.reading(engine) as session:
        found = agenda.entries(agenda.fetch(session, settings, clock()))
    (asking,) = (entry for entry in found if entry.kind == "access")
    assert (asking.text[:26], asking.command) == (
        "2 Personen bitten um Zugan",
        "clusters requests list",
    )
    listed = newsletter("clusters", "requests", "list", "--json").json
    assert [each["email"] for each in listed] == [UNKNOWN, "zwei@unbekannt.example"]
    assert newsletter("clusters", "requests", "grant", "a1", "nirgends").code == 1
    assert newsletter("clusters", "requests", "grant", "a1", "boje").code == 0
    link = letters(engine)[-1]
    assert (link.name, link.to_email, link.to_name) == ("form_link", UNKNOWN, "Bela Muster")
    unasked = newsletter("clusters", "requests", "decline", "a2")
    assert (unasked.code, "--reason" in unasked.err) == (1, True)
    before = len(letters(engine))
    declined = newsletter("clusters", "requests", "decline", "a2", "--reason", "Kein Mitglied.")
    assert declined.code == 0
    assert len(letters(engine)) == before  # nobody has checked that address
    assert newsletter("clusters", "requests", "grant", "a2", "boje").code == 1
    assert "Niemand wartet" in newsletter("clusters", "requests", "list").out


def test_who_asks_for_access_and_has_it_gets_the_link(
    browser: TestClient, engine: Engine, clock: Clock
) -> None:
    form = form_of(browser, "/access", clock)
    browser.post("/access", data=WISH | {"email": KNOWN, "form": form})
    assert [letter.name for letter in letters(engine)] == ["form_link", "form_link"]
    assert not wishes(engine)


def test_one_network_does_not_fill_the_editors_desk(act: type_of_act, engine: Engine) -> None:
    for number in range(7):
        with act() as a:
            wish = Wish(f"p{number}@unbekannt.example", "P", "Q")
            clusters.request_access(a, wish, "2001:db8::7")
    assert len(wishes(engine)) == 5


def test_a_colleague_takes_over_what_was_handed_in(
    desk: Desk, engine: Engine, newsletter: Newsletter
) -> None:
    old = desk.do(clusters.link, "lichtwerk", KNOWN)
    with database.reading(engine) as session:
        person = clusters.people_of(session, clusters.get(session, "lichtwerk"))[0]
    reference = desk.hand_in()

    def handed_in_by(act, who: int | None) -> None:  # type: ignore[no-untyped-def]
        act.session.get_one(Submission, int(reference[1:])).contributor_id = who

    desk.do(handed_in_by, person.id)
    done = newsletter(
        *("clusters", "people", "replace", "lichtwerk", KNOWN, "neu@lichtwerk.example"),
        *("--name", "Bela Muster"),
    )
    assert done.code == 0, done.err
    assert letters(engine)[-1].to_email == "neu@lichtwerk.example"
    with database.reading(engine) as session:
        cluster = clusters.get(session, "lichtwerk")
        (left,) = clusters.people_of(session, cluster)
        item = session.get_one(Submission, int(reference[1:]))
        assert (left.email, item.contributor_id) == ("neu@lichtwerk.example", left.id)
        assert cluster.contact_email == "neu@lichtwerk.example"
        with pytest.raises(LinkOver, match="/submit"):
            clusters.by_link(session, old.rpartition("/")[2], left.created_at)
    same = newsletter("clusters", "people", "replace", "lichtwerk", left.email, left.email)
    assert same.code == 1


def test_links_that_got_into_wrong_hands_end_at_once(
    desk: Desk, engine: Engine, newsletter: Newsletter
) -> None:
    url = desk.do(clusters.link, "lichtwerk", KNOWN)
    done = newsletter("clusters", "link", "lichtwerk", KNOWN, "--revoke", "--json")
    assert done.json["revoked"] == 1
    with database.reading(engine) as session, pytest.raises(LinkOver):
        clusters.by_link(session, url.rpartition("/")[2], desk.look(lambda act: act.now))
    assert newsletter("clusters", "link", "lichtwerk", KNOWN, "--revoke", "--send").code == 2


def test_every_answer_is_kept(act: type_of_act, engine: Engine) -> None:
    with act() as a:
        registered(a, BOJE)
        clusters.request_access(a, Wish(UNKNOWN, "P", "Q"))
        clusters.grant(a, "a1", "boje")
        (kept,) = clusters.requests(a.session, every=True)
    assert (kept.state, kept.decided_at is not None) == (RequestState.GRANTED, True)
