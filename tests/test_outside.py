"""Other people's pages are read through a guard that nobody can switch off (WB-32)."""

import gzip
import time
from http.server import BaseHTTPRequestHandler

import pytest

from newsletter import outside
from newsletter.outside import Gone, NotOpened, NotReached, OutsideError, Unreadable
from newsletter.outside.guard import is_public
from newsletter.settings import Network
from tests import page_server
from tests.page_server import PUBLIC, TRUSTED, Answer, Web, page, running, sent_on, web

__all__ = ["running", "web"]  # the fixtures

HTML = {"text/html"}
URL = "https://www.lichtwerk.example/seite"


def test_a_page_is_read_from_the_very_address_that_was_looked_at(web: Web) -> None:
    packed = gzip.compress("Grüße".encode())
    web.pages["www.lichtwerk.example/neu?a=1"] = page(packed, Content_Encoding="gzip", ETag='"7"')
    web.pages["www.lichtwerk.example/seite"] = sent_on("/neu?a=1")
    got = web.fetcher().fetch(URL, HTML)
    assert (got.url, got.body.decode()) == ("https://www.lichtwerk.example/neu?a=1", "Grüße")
    assert (got.media_type, got.charset, got.etag) == ("text/html", "utf-8", '"7"')
    assert set(web.dialled) == {(PUBLIC, 443)}
    assert [headers["User-Agent"] for headers in web.asked] == ["tests", "tests"]
    assert "Cookie" not in web.asked[0]
    # what could not be sent back to a server is not kept of it
    for odd in ('"\xe4"', '"' + "x" * 400 + '"'):
        web.pages["www.lichtwerk.example/odd"] = page("", ETag=odd)
        assert web.fetcher().fetch("https://www.lichtwerk.example/odd", HTML).etag == ""
    # a server may send its umlauts as they are
    web.pages["www.lichtwerk.example/%C3%BCber"] = page("wir")
    web.pages["www.lichtwerk.example/roh"] = sent_on("/über".encode().decode("latin-1"))
    assert web.fetcher().fetch("https://www.lichtwerk.example/roh", HTML).body == b"wir"
    # asked again, it need not come again
    web.pages["www.lichtwerk.example/seite"] = page(status=304)
    assert web.fetcher().fetch(URL, HTML, etag='"7"').unchanged
    assert web.asked[-1]["If-None-Match"] == '"7"'


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:93.184.215.14", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("fec0::1", "3fff::1", "4000::1", "64:ff9b::1", "0:0:ffff::1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "::7f00:1", "no address"),
    ],
)
def test_an_address_that_is_not_public_is_never_dialled(web: Web, address: str) -> None:
    assert not is_public(address)
    web.names["www.lichtwerk.example"] = [PUBLIC, address]  # one among others is enough
    with pytest.raises(NotOpened, match="nicht im öffentlichen Netz"):
        web.fetcher().fetch(URL, HTML)
    assert web.dialled == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://www.lichtwerk.example/", "file:///etc/passwd", "gopher://x.example/", "//x.y/"),
        *("javascript:alert(1)", "https://", "https://user:pw@www.lichtwerk.example/", ""),
        *("https://www.lichtwerk.example:8443/", "https://127.1/", "https://0x7f000001/"),
        *(
            "https://2130706433/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::1]/",
            "https://intern/",
        ),
        *("https://localhost/", "https://169.254.169.254/latest", "https://127.0.0.1.:443/"),
        "https://www.lichtwerk.example/\r\nHost: x",
    ],
)
def test_only_a_plain_https_address_with_a_name_is_opened_also_after_a_redirect(
    web: Web, url: str
) -> None:
    with pytest.raises(NotOpened):
        web.fetcher().fetch(url, HTML)
    assert web.dialled == []
    if not url.startswith(("//", "https://www")) and len(url) > len("https://"):
        web.pages["www.lichtwerk.example/seite"] = sent_on(url)
        with pytest.raises(NotOpened):
            web.fetcher().fetch(URL, HTML)
        assert web.dialled == [(PUBLIC, 443)]


def test_each_redirect_is_looked_at_anew_and_a_name_that_changes_its_mind_gains_nothing(
    web: Web,
) -> None:
    web.names["intern.lichtwerk.example"] = ["10.0.0.7"]
    web.pages["www.lichtwerk.example/seite"] = sent_on("https://intern.lichtwerk.example/")
    with pytest.raises(NotOpened):
        web.fetcher().fetch(URL, HTML)
    web.pages["www.lichtwerk.example/seite"] = sent_on("/seite")
    with pytest.raises(Unreadable, match="leitet immer wieder weiter"):
        web.fetcher().fetch(URL, HTML)
    assert len(web.asked) == 1 + 4
    # the second time it is resolved the name means this machine: it is looked at then, too
    web.dialled.clear()
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def rebinding(host: str) -> list[str]:
        return next(answers)

    fetcher = outside.Fetcher(Network(ca_file=TRUSTED), "tests", resolve=rebinding, dial=web.dial)
    with pytest.raises(NotOpened):
        fetcher.fetch(URL, HTML)
    assert web.dialled == [(PUBLIC, 443)]


def test_a_host_with_several_addresses_is_tried_at_each_by_ipv4_first(web: Web) -> None:
    by_v6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
    web.names["www.lichtwerk.example"] = [by_v6, PUBLIC]
    web.pages["www.lichtwerk.example/seite"] = page("da")
    assert web.fetcher().fetch(URL, HTML).body == b"da"
    assert web.dialled == [(PUBLIC, 443)]
    web.down = {PUBLIC}
    assert web.fetcher().fetch(URL, HTML).body == b"da"
    assert web.dialled[1:] == [(PUBLIC, 443), (by_v6, 443)]
    web.down = {PUBLIC, by_v6}
    with pytest.raises(NotReached, match="nicht zu erreichen"):
        web.fetcher().fetch(URL, HTML)


def never_ending(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 60_000)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(20):
        handler.wfile.write(b"X-More: 1\r\n")
        time.sleep(0.05)


def babbling(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01 no HTTP at all\r\n\r\n")


WHOLE = gzip.compress(b"<p>Ein Satz, und noch einer.</p>")
BOMB = gzip.compress(b"0" * 40_000_000, 9)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (never_ending, Unreadable, "größer als 2 MB"),
        (page(BOMB, Content_Encoding="gzip"), Unreadable, "größer als 2 MB"),
        (page(b"zip", Content_Encoding="br"), Unreadable, "gepackt"),
        (page(b"no gzip", Content_Encoding="gzip"), Unreadable, "beschädigt"),
        (page(WHOLE[:-9], Content_Encoding="gzip"), NotReached, "nicht vollständig"),
        (page("%PDF", "application/pdf"), Unreadable, "„application/pdf“"),
        (page(status=404), Gone, "gibt es auf „www.lichtwerk.example“ keine Seite"),
        (page(status=500), Unreadable, "(500)"),
        (babbling, NotReached, "nicht zu erreichen"),
        (silent, NotReached, "nicht innerhalb von zehn Sekunden"),
        (dripping, NotReached, "nicht innerhalb von zehn Sekunden"),
    ],
)
def test_a_page_that_is_none_or_has_no_end_is_given_up_in_words(
    web: Web, answer: Answer, error: type, said: str
) -> None:
    web.pages["www.lichtwerk.example/seite"] = answer
    with pytest.raises(error) as why:
        web.fetcher(seconds=0.4 if answer in {silent, dripping} else 5).fetch(URL, HTML)
    assert said in str(why.value)


def test_what_cannot_be_reached_from_here_is_never_called_dead(web: Web) -> None:
    web.names["fremd.example"] = [PUBLIC]  # our certificate does not name it
    for url in ("https://fremd.example/", "https://gibtsnicht.example/"):
        with pytest.raises(NotReached) as why:
            web.fetcher().fetch(url, HTML)
        assert "tot" not in str(why.value)
    untrusted = outside.Fetcher(Network(), "tests", web.resolve, web.dial)
    with pytest.raises(NotReached, match="Zertifikat"):
        untrusted.fetch(URL, HTML)


def test_behind_a_proxy_a_list_of_hosts_stands_in_for_looking_at_addresses(web: Web) -> None:
    web.pages["www.lichtwerk.example/seite"] = page("da")
    web.names.clear()  # only the proxy resolves names
    tunnels: list[str] = []
    with page_server.proxy(web, tunnels) as port:
        there = {"proxy": f"http://127.0.0.1:{port}"}
        got = web.fetcher(**there, allow=("lichtwerk.example",)).fetch(URL, HTML)
        assert (got.body, tunnels) == (b"da", ["CONNECT www.lichtwerk.example:443 HTTP/1.1"])
        for allow in ((), ("werk.example",), ("seite.www.lichtwerk.example",)):
            with pytest.raises(NotOpened, match=r"bei allow „\S+“ ergänzen"):
                web.fetcher(**there, allow=allow).fetch(URL, HTML)
    assert len(tunnels) == 1
    with pytest.raises(OutsideError, match="nicht zu erreichen"):
        web.fetcher(**there, allow=("lichtwerk.example",)).fetch(URL, HTML)
