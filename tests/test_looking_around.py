"""Linked pages and the DNS are asked before an issue is decided about, and by nobody else."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from newsletter import issues, outside
from newsletter.content import Finding
from newsletter.outside import Reach, Record
from newsletter.settings import Settings, load
from tests.desk_situations import Desk, desk, news
from tests.dns_server import NameServer
from tests.page_server import PUBLIC, Web, page, running, sent_on, web

__all__ = ["desk", "running", "web"]

OURS, GONE = "newsletter.cluster-desk.org", "https://www.havelbogen-cluster.org/label"
AT = "https://www.lichtwerk.example"
SOUND = {
    OURS: ["v=spf1 mx -all", "something else"],
    f"relay._domainkey.{OURS}": ["v=DKIM1; p=abc"],
    "_dmarc.cluster-desk.org": ["v=DMARC1; p=none"],
}


def test_a_page_is_there_or_gone_or_nothing_is_said_of_it(web: Web) -> None:
    web.names |= {"www.intern.example": ["10.0.0.1"], "www.still.example": ["93.184.215.15"]}
    web.down.add("93.184.215.15")
    for path, answer in {
        "da": page("da"),
        "weiter": sent_on("/da"),
        "kreis": sent_on("/kreis"),
        "nur-menschen": page(status=403),
        "kaputt": page(status=503),
        "nach-innen": sent_on("https://www.intern.example/"),
    }.items():
        web.pages[f"www.lichtwerk.example/{path}"] = answer
    unknown, quiet = "https://www.nirgends.example/", "https://www.still.example/"
    inside, plain = "https://www.intern.example/", "http://www.lichtwerk.example/da"
    paths = ["da", "weiter", "kreis", "nur-menschen", "kaputt", "nach-innen", "weg"]
    asked = [*(f"{AT}/{path}" for path in paths), unknown, quiet, inside, plain]
    found = web.fetcher().reach(asked)
    assert found == {
        f"{AT}/da": Reach.THERE,
        f"{AT}/weiter": Reach.THERE,
        f"{AT}/kreis": Reach.BROKEN,
        f"{AT}/nur-menschen": Reach.THERE,
        f"{AT}/kaputt": Reach.BROKEN,
        f"{AT}/weg": Reach.GONE,
        unknown: Reach.SILENT,
        quiet: Reach.SILENT,
    }
    assert {address for address, __ in web.dialled} == {PUBLIC, "93.184.215.15"}


def test_the_dns_tells_of_a_sender_or_says_nothing() -> None:
    def told(texts: dict[str, list[str]], sender: str = OURS) -> dict[str, Record]:
        with NameServer({}, texts) as dns:
            return outside.sender_records(sender, sender, dns.address)

    assert set(told(SOUND).values()) == {Record.THERE}
    assert told({OURS: ["v=spf1 a", "v=spf1 mx"]})["spf"] is Record.TWICE
    assert set(told({OURS: ["of a website"]}).values()) == {Record.MISSING}
    assert told({}) == {}  # there is no such domain: this resolver knows little of the net
    with NameServer({}, SOUND) as dns:
        dns.broken = True
        assert outside.sender_records(OURS, OURS, dns.address) == {}


@pytest.fixture
def dns() -> Iterator[NameServer]:
    with NameServer({}, {OURS: ["of a website"]}) as server:
        yield server


def out_there(settings: Settings, server: str) -> Settings:
    """The home as it stands on the net, under a name that somebody may own."""
    own = {
        slug: it.model_copy(update={"sender_address": f"post@{OURS}"})
        for slug, it in settings.newsletters.items()
    }
    sending = settings.sending.model_copy(update={"dns_server": server})
    there = load(settings.home, {"NEWSLETTER_BASE_URL": f"https://{OURS}"})
    return there.model_copy(update={"newsletters": own, "sending": sending})


def test_what_others_said_is_a_warning_kept_for_preview_and_approval(
    desk: Desk, engine: Engine, settings: Settings, web: Web, dns: NameServer
) -> None:
    desk.accepted(news(link=GONE, body=f"[Der Bericht]({AT}/da) und [mehr dazu]({GONE})."))
    key, there = desk.filled(), out_there(settings, dns.address)
    web.names["www.havelbogen-cluster.org"] = [PUBLIC]  # its certificate is another's

    def asked(settings: Settings = there) -> int:
        fetcher = web.fetcher()
        now = desk.clock()
        return issues.look_around(engine, settings, [key], now, fetcher=fetcher).asked

    def said(settings: Settings = there) -> list[Finding]:
        built = desk.look(lambda act: issues.check(act.session, settings, key, act.now))
        names = {"link-unreachable", "spf", "dkim", "dmarc"}
        return [each for each in built.findings if each.check in names]

    assert asked(settings) == 0  # on loopback nobody is asked
    assert said() == []
    assert asked() == 2  # the page, and the domain; nothing of .example
    assert [each.where for each in said()] == ["issue", "issue", "issue", "q1"]
    assert f'Zu veröffentlichen: {OURS} TXT "v=spf1 mx -all"' in said()[0].text
    assert said()[-1].text == (
        f"„{GONE}“ ist von hier aus nicht zu erreichen. Bitte ändern: newsletter queue edit q1"
    )
    assert asked() == 0  # it is known
    assert {address for address, __ in web.dialled} == {PUBLIC}
    dns.texts = SOUND
    desk.clock.forward(minutes=11)
    assert asked() == 2  # what was wrong is asked again soon
    assert [each.check for each in said()] == ["link-unreachable"]
    unasked = there.checks.model_copy(update={"links": False})
    assert said(there.model_copy(update={"checks": unasked})) == []
    desk.clock.forward(days=8)
    assert said() == []


def test_where_nobody_answers_at_all_nothing_is_known(
    desk: Desk, engine: Engine, settings: Settings, web: Web, dns: NameServer
) -> None:
    desk.accepted(news(link=GONE))
    dns.broken = True
    key, there = desk.filled(), out_there(settings, dns.address)
    around = issues.look_around(engine, there, [key], desk.clock(), fetcher=web.fetcher())
    assert (around.asked, around.offline) == (2, True)
    built = desk.look(lambda act: issues.check(act.session, there, key, act.now))
    assert not [each for each in built.findings if each.check == "link-unreachable"]
