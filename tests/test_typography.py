"""What readers see is set as a printer would; what was typed stays as it is."""

import html
import re
import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.texts import compared
from newsletter.texts.typography import hyphenated, in_markup, letters, plainly, typeset
from tests.rendering_situations import masthead, news, picture, rendered, soup

PIECES = [
    *('"', "'", "„", "“", "”", "‚", "‘", "’", "»", "«", " ", " ", ",,", "''", "´", "`", "(", ")"),
    *("Wort", "Licht", "5", "16.", "2024", "März", "Uhr", "%", "kg", "z.B.", "Dr.", "§", "x", "×"),
    *("-", "--", "–", "...", "…", ".", ",", ":", "!", "\u00a0", "\n", "9:30", "Mio.", "Euro"),
    *("https://a.example/2024-2027?a=%22", "info@a-b.example", "www.a.example", "`a - b`"),
    *("\ue000salutation\ue001", "Forschungsverbundprojekte", "Mo", "Fr", "e.V.", "n", "90"),
]
typed = st.lists(
    st.one_of(st.sampled_from(PIECES), st.text(alphabet="\"'„“‚‘’ -.aä5x%\n", max_size=8)),
    max_size=14,
).map("".join)
ADDRESS = re.compile(r"https://a\.example/\S*?22|info@a-b\.example|\ue000\w+\ue001")


def seen(text: str, language: str = "de") -> str:
    """What comes of a text; a no-break space is written as „~“."""
    return typeset(text, language).replace("\u00a0", "~")


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("4x Gold: „go-cluster”-Mitglieder", "4x Gold: „go-cluster“-Mitglieder"),
        ('Er sagte "ja" und „nein".', "Er sagte „ja“ und „nein“."),
        ('"Das „Licht 2030“ läuft", sagt er', "„Das ‚Licht 2030‘ läuft“, sagt er"),
        ("“Smart” Factory, ,,doppelt''", "„Smart“ Factory, „doppelt“"),
        ("'Licht' und Jens' Chef, geht's, geht´s?", "‚Licht‘ und Jens’ Chef, geht’s, geht’s?"),
        ('„Ohne Ende, "mit" Ende', "„Ohne Ende, „mit“ Ende"),
        ("»Schon« richtig", "»Schon« richtig"),
        ("Wort - Einschub -- Wort", "Wort~– Einschub~– Wort"),
        ("2024-2027, 9:30-17 Uhr, 10-12 %", "2024–2027, 9:30–17~Uhr, 10–12~%"),
        ("16.-18. März, 1.3.-2.4.27, Mo-Fr, S. 5-7", "16.–18.~März, 1.3.–2.4.27, Mo–Fr, S.~5–7"),
        ("Und dann ... so...", "Und dann~… so…"),
        ("z.B. d. h. u.a. i.d.R. Netz e.V.", "z.~B. d.~h. u.~a. i.~d.~R. Netz e.~V."),
        ("am 16. März 2027 und 15. Dezember", "am 16.~März~2027 und 15.~Dezember"),
        ("10% von 20 Mio. Euro, 5 kg", "10~% von 20~Mio.~Euro, 5~kg"),
        ("§ 18 Abs. 2, Nr. 5, ca. 5, Dr. X", "§~18 Abs.~2, Nr.~5, ca.~5, Dr.~X"),
        ("14700 Musterhavel, 10 000 Gäste", "14700~Musterhavel, 10~000 Gäste"),
        ("600 x 400 und 3x4", "600~×~400 und 3×4"),
    ],
)  # fmt: skip
def test_a_german_text_is_printed_as_it_should_be(typed: str, printed: str) -> None:
    assert seen(typed) == printed


@pytest.mark.parametrize(
    "typed",
    [
        *("Bildschirm 5\", 6' breit", "Aktenzeichen 12-345/2026-12", "+49 30 310078-387"),
        *(
            "Ausgabe 2026-12",
            "ISO 9001-2 und COVID-19",
            "Aus- und Weiterbildung",
            "newsletter --help",
        ),
        *("0x12", "4x Gold", "-5 Grad", "www.a.example/x--y/2024-2027"),
        *("datei-2024-2027.pdf", "„Gut“ und ‚gut‘", 'Das "', "a < b > c & d", "`a - b`"),
    ],
)
def test_what_is_right_or_could_be_meant_stays(typed: str) -> None:
    assert typeset(typed) == typed


def test_an_english_text_gets_english_marks_and_another_language_none() -> None:
    text = "The \"Smart\" '90s - „don't“ on 16 March 2027, 5-7 kg"
    assert seen(text, "en") == "The “Smart” ’90s~– “don’t” on 16~March 2027, 5–7~kg"
    assert typeset(text, "fr") == text


@given(typed, st.sampled_from(["de", "en"]))
@example('„a "b" c', "de")
def test_set_twice_is_set_once_and_no_letter_or_address_changes(text: str, language: str) -> None:
    once = typeset(text, language)
    assert typeset(once, language) == once
    assert letters(once) == letters(text)
    assert ADDRESS.findall(once) == ADDRESS.findall(text)
    assert letters(plainly(once)) == letters(text)
    divided = hyphenated(once, language)
    assert hyphenated(divided, language) == divided
    assert divided.replace("\u00ad", "") == once


def test_only_the_longest_words_get_places_to_break_and_good_ones() -> None:
    text = "Wasserstoffinfrastrukturprojekt, Clusterorganisation, Sicherheitsbegleitung, Tagung"
    shown = hyphenated(text).replace("\u00ad", "|")
    assert shown.startswith("Wasserstoff|infra|struktur|projekt, Cluster|organisation, ")
    assert "Sicher|heits|begleitung, Tagung" in shown
    assert plainly(hyphenated(text)) == text
    assert hyphenated(text, "fr") == text


tags = st.sampled_from(
    [
        *("<p>", "</p>", "<strong>", "</strong>", '<a href="https://a.example/?a=&quot;b&quot;">'),
        *("</a>", "<br />", '<span lang="en">', "</span>", '<h3 id="q1">', "</h3>"),
        *("<!-- \"a\" -->",),
        *('<mj-text padding="0 24px">', "</mj-text>"),
        *("<mj-style>a { content: \"x - y\" }</mj-style>",),
    ]
)  # fmt: skip


@given(st.lists(st.one_of(tags, typed.map(html.escape)), max_size=12).map("".join))
def test_no_markup_changes_and_no_letter_between_it(source: str) -> None:
    made = in_markup(source)
    pattern = r"<mj-style>.*?</mj-style>|<!--.*?-->|<[^<>]*>"
    assert re.findall(pattern, made) == re.findall(pattern, source)
    bare = [letters(html.unescape(re.sub(r"<[^<>]*>", "", each))) for each in (made, source)]
    assert bare[0] == bare[1]
    assert in_markup(made) == made


def test_a_quotation_spans_emphasis_and_a_link_keeps_its_address() -> None:
    made = in_markup(
        '<p>"Wir <strong>bauen</strong>" - <em>"</em>Ja<em>"</em> &lt; 5 <a href="/2024-2027">'
        "Forschungsverbundprojekte</a> Forschungsverbundprojekte</p>"
        '<h3>Forschungsverbundprojekte <span lang="en">"Smart"</span> "Licht"</h3>'
        '<img alt="Das &#34;Licht&#34; im Forschungsverbundprojekte" /><p>שרה כהן: 5</p>'
    )
    assert made == (
        "<p>„Wir <strong>bauen</strong>“\u00a0– <em>„</em>Ja<em>“</em> &lt; 5"
        ' <a href="/2024-2027">Forschungsverbundprojekte</a>'
        " Forschungs\u00adverbund\u00adprojekte</p>"
        '<h3>Forschungsverbundprojekte <span lang="en">“Smart”</span> „Licht“</h3>'
        '<img alt="Das „Licht“ im Forschungsverbundprojekte" />'
        '<p><span dir="rtl">שרה כהן</span>: 5</p>'
    )


# -- in an issue --------------------------------------------------------------------------

LONG = "Forschungsverbundprojekte"
TYPED = news(
    title=f'"Licht" - {LONG}',
    teaser=f"Der Teaser, d.h. die {LONG}, lockt am Dienstag, den 16. März 2027, um 9:30 Uhr.",
    body=f'Mit **"Messen"** - am Dienstag um neun, also am darauf bald folgenden 16. März: {LONG}',
    link=None,
    picture=picture(alt=f'Das "Foto" {LONG}', credit="Lichtwerk"),
)  # fmt: skip


def test_both_parts_of_an_issue_are_set_and_only_the_html_part_binds_and_divides() -> None:
    english = news(402, title='"Smart" - in English', language="en", link="https://a.example/x--y")
    edition = rendered(TYPED, english, subject='Neues - "Betreff"', preheader='Was "zählt"')
    page = soup(edition.html)
    head, alt = str(page.find(id="q401")), str(page.find("img")["alt"])  # type: ignore[index]
    assert f"„Licht“\u00a0– {LONG}" in head
    assert alt == f"Das „Foto“ {LONG}"
    shown = html.unescape(edition.html)
    assert "d.\u00a0h. die Forschungs\u00adverbund\u00adprojekte" in shown
    assert "16.\u00a0März\u00a02027, um 9:30\u00a0Uhr" in shown
    assert "<strong>„Messen“</strong>\u00a0– am" in shown
    for part in (shown, edition.text):
        assert "“Smart”" in part
        assert "Was „zählt“" in part
        assert "https://a.example/x--y" in part
    assert edition.subject == 'Neues - "Betreff"'
    assert page.title
    assert page.title.get_text() == edition.subject
    assert not re.search("[\u00a0\u00ad\u202f]", edition.text)
    assert f"d. h. die {LONG}" in " ".join(edition.text.split())
    lines = edition.text.splitlines()
    assert not [each for each in lines if re.search(r"(?:\b16\.|\b9:30|^|\s)$", each) and each]
    assert max(map(len, lines)) <= 72


def test_a_newsletter_may_be_left_as_it_was_typed() -> None:
    edition = rendered(TYPED, masthead=masthead(typography=False))
    for part in (edition.html, edition.text):
        assert '"Licht" - Forschungsverbundprojekte' in part
        assert "d.h. die" in part


def test_what_is_wrapped_anew_to_keep_a_date_together_has_not_changed() -> None:
    first = "Wir treffen uns wie immer in der Alten Schleiferei und zwar am 16. März."
    narrow, wide = ("\n".join(textwrap.wrap(first, width)) for width in (66, 72))
    assert narrow != wide
    assert compared(narrow, narrow.replace("am\n16. März", "am 16. März")) == []
