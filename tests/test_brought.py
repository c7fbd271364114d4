"""What comes from outside is read, or refused in one sentence, whatever stands in it."""

from contextlib import suppress

import hypothesis
from hypothesis import strategies as st

from newsletter.brought import Found, Unusable, of_file, of_page, of_source
from newsletter.feeds_in.kept import as_kept, of_kept
from newsletter.web import filling
from newsletter.web.typed import Typed
from tests.brought_situations import LABOR, TAGUNG, ics
from tests.test_feeds_in import ATOM, RSS
from tests.test_web_bring import CLOCKS, EVENT, HERE, NEWS_PAGE

URL = "https://www.lichtwerk.example/seite"
WHOLE = (
    ics(TAGUNG, *(event for event, __, __ in CLOCKS)),
    *(EVENT.encode(), NEWS_PAGE.encode(), RSS.encode(), ATOM.encode(), LABOR),
)
ODD = (
    *(b"", b"\0", b"9999", b"-1", b":", b"<", b'"', b"[", b"null", b"\xff\xfe", b"&#xD800;"),
    *(b"20270230T256199Z", b"https://[::1", b"\\ud800", b"P99999999D", b"0001-01-01T00:00+14:00"),
    *(b"9999-12-31T23:59:59-14:00", b"TZID=X", b"@type", b"22001231T235959Z"),
)
SPOILT = st.builds(
    lambda whole, changes: _spoilt(whole, changes),
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(ODD)), max_size=5),
)


# No day any more where clocks are ahead of that zone's.
LATEST = (
    b"<title>x</title><script type='application/ld+json'>"
    b'{"@type": "Event", "name": "x", "startDate": "9999-12-31T23:59:00-12:00"}</script>'
)


def _spoilt(whole: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, odd in changes:
        at = int(where * len(whole))
        whole = whole[:at] + odd + whole[at + length :]
    return whole


@hypothesis.given(raw=SPOILT)
@hypothesis.example(raw=LATEST)
def test_whatever_stands_in_it_it_is_read_or_refused_in_words(raw: bytes) -> None:
    for found in (
        lambda: of_file(raw, HERE),
        lambda: of_source(raw, "", URL, HERE).found,
        lambda: of_page(raw, "latin-1", URL, HERE),
    ):
        with suppress(Unusable):
            fills_a_form(found())


def fills_a_form(found: list[Found] | tuple[Found, ...]) -> None:
    offers = filling.offers(found, HERE.zone, HERE.today)
    assert offers
    for offer in offers:
        filling.filled(Typed({"kind": "news"}, []), offer)
    assert filling.unpacked(filling.packed(offers), "0")
    assert [of_kept(as_kept(each)).title for each in found] == [each.title for each in found]
