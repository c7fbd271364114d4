"""Imprint, privacy and accessibility: from the configuration, or in a home's own words."""

from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from newsletter import agenda, database
from newsletter.agenda import Facts
from newsletter.errors import BadConfiguration
from newsletter.settings import Settings, load
from tests.conftest import Clock
from tests.web_situations import browser

__all__ = ["browser"]

pytestmark = pytest.mark.sqlite("what is configured is no matter of the database")
PAGES = {
    "/imprint": "/impressum",
    "/privacy": "/datenschutz",
    "/accessibility": "/barrierefreiheit",
}


def said(browser: TestClient, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return " ".join(BeautifulSoup(answer.text, "html.parser").main.get_text(" ").split())


def configured(home: Path, before: str, after: str) -> Settings:
    file = home / "newsletter.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    return load(home, {})


@pytest.fixture
def asked(browser: TestClient, home: Path) -> Callable[..., str]:
    """A page after something was configured."""

    def ask(path: str, before: str = "", after: str = "") -> str:
        if before:
            browser.app.state.settings = configured(home, before, after)  # type: ignore[attr-defined]
        return said(browser, path)

    return ask


def test_every_page_leads_to_the_three_that_the_law_wants(browser: TestClient) -> None:
    for path in ("/", "/subscribe", "/archive/clusterplattform/", "/gibt-es-nicht", "/privacy"):
        page = BeautifulSoup(browser.get(path).text, "html.parser")
        links = {str(a["href"]) for a in page.select("footer a")}
        assert {f"http://127.0.0.1:8000{each}" for each in PAGES} <= links
        (tell,) = page.select("footer a[href*='subject=Barriere']")
        assert tell["href"].startswith("mailto:info@")
    for english, german in PAGES.items():
        assert said(browser, english) == said(browser, german)


def test_the_imprint_says_who_answers_for_each_newsletter(browser: TestClient) -> None:
    text = said(browser, "/imprint")
    for words in (
        "go-cluster Geschäftsstelle go-cluster",
        "Clusterplattform Deutschland Geschäftsstelle Clusterplattform Deutschland",
        "Musterstraße 1 10623 Berlin Vertreten durch: Erika Beispiel",
        "Telefon: +49 30 0000000",
        "Verantwortlich im Sinne des § 18 Abs. 2 MStV: Erika Beispiel",
    ):
        assert words in text


def test_the_privacy_page_says_what_article_13_wants(asked: Callable[..., str]) -> None:
    text = asked("/privacy")
    for words in (
        *("Geschäftsstelle go-cluster", "datenschutz@go-cluster.example", "Art. 77 DSGVO"),
        *("Art. 6 Abs. 1 Buchst. a DSGVO", "jederzeit", "§ 3 BDSG", "BfDI", "Art. 15 bis 18"),
        *("innerhalb von 48 Stunden", "Ende des 3. Jahres", "nach 180 Tagen", "keine Cookies"),
        *("nach spätestens 7 Tagen", "Ihre IP-Adresse speichern wir nicht"),
    ):
        assert words in text
    more = 'public_body = false\nevidence_years = 5\nlog_days = 0\nprocessors = ["Rechenzentrum"]'
    text = asked("/privacy", "[site]\n", f"[site]\n{more}\n")
    assert "Ende des 5. Jahres" in text
    assert "Art. 28 DSGVO" in text
    assert "Buchst. f DSGVO" in text
    assert "BDSG" not in text
    assert "Webserver" not in text


def test_the_statement_says_what_is_missing_and_whom_to_tell(asked: Callable[..., str]) -> None:
    text = asked("/accessibility")
    for words in (
        *("Eine Bewertung nach der BITV 2.0 steht noch aus.", "Schlichtungsstelle nach § 16 BGG"),
        *("info@go-cluster.example", "innerhalb eines Monats", "schlichtungsstelle-bgg.de"),
    ):
        assert words in text
    statement = """[site.accessibility]
assessed_on = 2026-11-02
assessed_by = "Prüfstelle Muster"
email = "barrierefrei@go-cluster.example"
easy_language_url = "https://www.go-cluster.example/leicht"
[[site.accessibility.gaps]]
what = "Alte Bilder haben keinen Alternativtext."
why = "Es sind zu viele."
instead = "Auf Anfrage beschreiben wir sie."
"""
    text = asked("/barrierefreiheit", "# [site.accessibility]\n", statement)
    for words in (
        *("teilweise vereinbar", "Alte Bilder haben keinen", "Warum: Es sind zu viele."),
        *("Stattdessen: Auf Anfrage", "Montag, 2. November 2026 durch Prüfstelle Muster"),
        *("barrierefrei@go-cluster.example", "Leichte Sprache"),
    ):
        assert words in text


def test_a_home_may_write_a_page_itself(browser: TestClient, home: Path) -> None:
    folder = home / "pages"
    folder.mkdir()
    own = (
        "# Unser Datenschutz\n\n## Zweck\n\nFür *alle* <script>x</script> [Mehr](https://a.example)"
    )
    (folder / "privacy.md").write_text(own, encoding="utf-8")
    page = BeautifulSoup(browser.get("/privacy").text, "html.parser").main
    assert [(h.name, h.get_text()) for h in page.select("h1, h2")] == [
        ("h1", "Unser Datenschutz"),
        ("h2", "Zweck"),
    ]
    assert not page.select("script")
    assert page.select_one("a")["href"] == "https://a.example"
    (folder / "imprint.md").write_bytes("Für die Geschäftsstelle".encode("cp1252"))
    assert said(browser, "/imprint") == "Impressum Für die Geschäftsstelle"
    (folder / "accessibility.md").write_text(" \n", encoding="utf-8")
    assert "Schlichtungsstelle" in said(browser, "/accessibility")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            '[site.accessibility]\nconformity = "full"\ngaps = [{ what = "Bilder", why = "alt" }]',
            "dazu passen keine gaps",
        ),
        ('[site]\nlicence = "http://a.example"', "die mit https:// beginnt"),
        ('[site.accessibility]\nassessed_on = "gestern"', "assessed_on"),
        ("[site]\nevidence_years = -1", "mindestens 0"),
    ],
)
def test_what_is_configured_wrong_is_said_with_its_line(
    home: Path, wrong: str, sentence: str
) -> None:
    place = "# [site.accessibility]\n" if "accessibility" in wrong else "[site]\n"
    with pytest.raises(BadConfiguration, match=sentence) as refused:
        configured(home, place, f"{wrong}\n")
    assert "Zeile" in str(refused.value)


def test_mails_and_pages_lead_elsewhere_where_that_is_configured(
    browser: TestClient, home: Path, settings: Settings
) -> None:
    assert settings.masthead("go-cluster").privacy_url == "http://127.0.0.1:8000/privacy"
    elsewhere = 'privacy_url = "https://www.go-cluster.example/datenschutz"'
    there = configured(home, f"# {elsewhere}", elsewhere)
    assert there.masthead("go-cluster").privacy_url == "https://www.go-cluster.example/datenschutz"
    assert there.masthead("go-cluster").accessibility_url.endswith(":8000/accessibility")


def test_the_agenda_reminds_of_the_yearly_assessment(clock: Clock) -> None:
    def lines(**facts: object) -> list[str]:
        found = agenda.entries(Facts(clock(), UTC, **facts))  # type: ignore[arg-type]
        return [it.text for it in found if it.kind == "accessibility-statement"]

    assert lines() == []
    assert "nennt noch keine Prüfung" in lines(to_assess=True)[0]
    (old,) = lines(to_assess=True, assessed_on=date(2025, 11, 1))
    assert "zuletzt am 01.11.2025 geprüft" in old


def test_the_assessment_is_asked_for_once_it_is_a_year_old_and_seen_by_others(
    home: Path, settings: Settings, engine: Engine, clock: Clock
) -> None:
    def due(where: Settings) -> bool:
        with database.reading(engine) as session:
            return agenda.fetch(session, where, clock()).to_assess

    assert not due(settings)  # on loopback nobody else sees it
    public = {"NEWSLETTER_BASE_URL": "https://newsletter.host.example"}
    assert due(load(home, public))
    for day, wanted in (("2025-11-20", True), ("2025-12-01", False)):
        said = f"[site.accessibility]\nassessed_on = {day}\n"
        configured(home, "# [site.accessibility]\n", said)
        assert due(load(home, public)) is wanted
        configured(home, said, "# [site.accessibility]\n")
    elsewhere = 'accessibility_url = "https://www.go-cluster.example/barrierefreiheit"'
    configured(home, f"# {elsewhere}", elsewhere)
    assert not due(load(home, public))
