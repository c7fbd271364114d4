"""Is this the same item as that one? Asked of pairs as editors meet them."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.likeness import WORDS, Reason, Traits, canonical, keys, likeness, telling_page

PAGE = "https://lichtwerk.example/aktuelles/label"
FAIR = Traits(
    title="Fachtagung „Licht & Messen“",
    teaser="Zwei Tage rund um optische Messtechnik, mit Vorträgen aus Betrieben und Instituten.",
    link="https://lichtwerk.example/tagung",
    first_day=date(2027, 3, 16),
    last_day=date(2027, 3, 17),
    place="Alte Schleiferei, Musterhavel",
)
ELSEWHERE = "https://boje.example/partner"


@pytest.mark.parametrize(
    "written",
    [
        PAGE,
        "http://lichtwerk.example/aktuelles/label",
        "https://www.lichtwerk.example/aktuelles/label/",
        "https://WWW.Lichtwerk.example:443/aktuelles/label#silber",
        f"{PAGE}?utm_source=newsletter&fbclid=1",
        f" {PAGE}/?gclid=x#oben",
    ],
)
def test_one_page_has_one_address_however_it_is_written(written: str) -> None:
    assert canonical(written) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        *("https://lichtwerk.example/aktuelles", f"{PAGE}?id=2", f"{PAGE}.pdf"),
        "https://aktuelles.lichtwerk.example/aktuelles/label",
        "https://lichtwerk.example:8443/aktuelles/label",
        "https://lichtwerk.example/Aktuelles/Label",  # a path may mean another page by its case
    ],
)
def test_another_page_has_another_address(other: str) -> None:
    assert canonical(other) not in {PAGE, ""}


def test_names_with_umlauts_and_parameters_in_another_order_are_the_same_page() -> None:
    assert canonical("https://müller.example/a?b=1&a=2") == canonical(
        "https://xn--mller-kva.example/a?a=2&b=1"
    )


@pytest.mark.parametrize("link", ["", "mailto:a@b.example", "https://", "https://a b/c", "x"])
def test_what_is_no_address_is_like_no_other(link: str) -> None:
    assert canonical(link) == ""


def test_a_front_page_does_not_tell_items_apart() -> None:
    assert telling_page("https://www.lichtwerk.example/#aktuell") == ""
    assert telling_page("https://www.lichtwerk.example/?p=412")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "gleicher Link, gleicher Titel, gleicher Tag und Ort, Teaser sehr ähnlich"),
        (  # handed in again by somebody else of the house
            {"title": "Licht & Messen: Fachtagung in Musterhavel", "teaser": "Kommen Sie!"},
            "gleicher Link, Titel sehr ähnlich, gleicher Tag und Ort",
        ),
        (  # a slip of the pen, and another page about it
            {"title": "Fachtagung Licht und Messen", "link": ELSEWHERE, "place": None},
            "Titel sehr ähnlich, gleicher Tag, Teaser sehr ähnlich",
        ),
        (  # the host and its guest announce one event by two names
            {"title": "Messtechnik von morgen", "teaser": "", "link": None},
            "gleicher Tag und Ort",
        ),
        ({"title": "Anmeldung offen", "teaser": "", "place": None}, "gleicher Link, gleicher Tag"),
    ],
)
def test_likely_twins_are_found_and_the_reasons_said(change: dict[str, Any], why: str) -> None:
    found = likeness(FAIR, replace(FAIR, **change))
    assert ", ".join(WORDS[reason] for reason in found.reasons) == why
    assert found.likely


@pytest.mark.parametrize(
    "change",
    [
        {"first_day": date(2027, 4, 13), "last_day": None},  # the same again next month
        {"title": "Stammtisch", "teaser": "", "link": ELSEWHERE, "place": "Bremen"},  # same day
        {"title": "Messen", "teaser": "", "link": None, "first_day": None, "place": None},
    ],
)
def test_other_dates_are_not_taken_for_twins(change: dict[str, Any]) -> None:
    assert not likeness(FAIR, replace(FAIR, **change)).likely


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3. Lichttag in Musterhavel", "4. Lichttag in Musterhavel"),
        ("Jahresbericht 2026 erschienen", "Jahresbericht 2027 erschienen"),
        ("Lichtwerk Havelbogen: Silber-Label bestätigt", "Boje: Gold-Label bestätigt"),
        ("Neues Projekt", "Neues Projekt zur Wasserstoffspeicherung in Kavernen gestartet"),
    ],
)
def test_titles_that_only_sound_alike_are_no_twins(one: str, other: str) -> None:
    assert not likeness(Traits(one), Traits(other)).likely


def test_a_title_that_is_used_again_for_another_page_is_no_twin() -> None:
    again = Traits("Neues aus dem Cluster", link="https://lichtwerk.example/2027-01")
    assert not likeness(again, replace(again, link="https://lichtwerk.example/2027-02")).likely
    assert likeness(again, replace(again, link=None)).likely


def test_a_title_with_umlauts_or_without_is_the_same() -> None:
    found = likeness(Traits("Förderung für Gründer"), Traits("FOERDERUNG FUER GRUENDER"))
    assert found.reasons == (Reason.SAME_TITLE,)


def test_likely_twins_share_a_key_to_be_found_by() -> None:
    other = Traits("Licht und Messen, die Fachtagung", link="http://www.lichtwerk.example/tagung/")
    assert likeness(FAIR, other).likely
    shared = keys(FAIR) & keys(other)
    assert {key.partition(" ")[0] for key in shared} == {"link", "word"}
    assert "day 2027-03-16" in keys(FAIR)


SAID = ("Licht", "Tag", "3.", "4.", "Messe", "für", "Öl", "und", "die", "Küste")
words = st.lists(st.sampled_from(SAID), max_size=6)
titles = st.one_of(words.map(" ".join), st.text(min_size=1, max_size=40))
links = st.one_of(
    st.none(),
    st.text(alphabet="htps:/w.axäß?&#=utm_%20 A@[]8", max_size=40),
    st.from_regex(r"https?://(www\.){0,2}[a-zäß.-]{1,9}(:80|:443|:81)?/[a-z/]{0,6}(\?[a-z=&]*)?"),
)
days = st.dates(date(2027, 1, 1), date(2027, 1, 4))
items = st.builds(
    Traits,
    title=titles.filter(bool),
    teaser=st.text(max_size=60),
    link=links,
    first_day=st.none() | days,
    place=st.none() | st.sampled_from(["Musterhavel", "Alte Schleiferei, Musterhavel", "…"]),
)


@given(items, items)
def test_one_is_as_like_the_other_as_the_other_is_like_the_one(one: Traits, other: Traits) -> None:
    assert likeness(one, other) == likeness(other, one)
    if likeness(one, other).likely and one.words:
        assert keys(one) & keys(other)


@given(items)
def test_an_item_is_like_itself_and_keeps_short_keys(item: Traits) -> None:
    assert likeness(item, item).likely
    assert likeness(item, item).score < 100
    assert all(key.isascii() and len(key) <= 100 for key in keys(item))


@given(links.filter(bool))
@example("https://www.www.a.example//x//?b&a&utm_x")
@example("http://a.example:443/")
def test_a_canonical_address_stays_as_it_is(link: str) -> None:
    assert canonical(canonical(link)) == canonical(link)


def test_a_co_host_tells_of_the_same_event_in_other_words_on_a_page_of_its_own() -> None:
    own = {
        "title": "Save the Date: Messtechnik-Konferenz im März",
        "teaser": "Mit dem Lichtwerk laden wir nach Musterhavel ein.",
        "link": ELSEWHERE,
        "place": "Alte Schleiferei, Musterufer 7, 14700 Musterhavel",
    }
    assert likeness(FAIR, replace(FAIR, **own)).likely
    in_town = replace(FAIR, place="Musterhavel")
    assert not likeness(in_town, replace(in_town, **own | {"place": "Musterhavel"})).likely
