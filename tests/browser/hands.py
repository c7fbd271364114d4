"""What people do with the form, field by field, by what the labels say."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.intake_situations import jpeg

NEWS = {
    "Titel": "Lichtwerk Havelbogen: Silber-Label erneut bestätigt",
    "Kurztext": "Das Clustermanagement ist zum dritten Mal ausgezeichnet worden.",
    "Text": "Hervorgehoben wurden:\n\n- die **Betreuung**,\n- die Strategie „Licht 2030“.",
    "Link": "https://www.lichtwerk.example/label",
}
DATE = NEWS | {
    "Titel": "Fachtagung „Licht & Messen“",
    "Ort": "Alte Schleiferei, Musterhavel",
}
STORY = NEWS | {
    "Titel": "Greifer aus dem Schieferland füllt Joghurt",
    "Herausforderung": "Glasbecher brechen.",
    "Lösung": "Ein Formgreifer mit Silikonfingern.",
    "Ergebnis": "Bruchquote von 2,7 % auf 0,2 % gesenkt.",
}
RIGHTS = "Wir haben die Rechte"
PUBLIC_NAME = "Clusterplattform Deutschland"
ALT = "Drei Personen halten eine Urkunde"
CREDIT = "Lichtwerk/Kim Beispiel"


def field(page: Page, label: str) -> Locator:
    """The field with exactly this label."""
    return page.get_by_label(re.compile(rf"^{re.escape(label)}( \(nötig\))?$"))


def moment(page: Page, group: str, day: str, clock: str) -> None:
    """Type a day and a time; what is folded away has been unfolded."""
    there = page.get_by_role("group", name=group)
    there.get_by_label("Tag").fill(day)
    there.get_by_label("Uhrzeit").fill(clock)


def unfold(page: Page) -> None:
    """Open whatever is folded away."""
    folded = page.locator("form details:not([open]) > summary")
    while folded.count():
        folded.first.click()


def type_in(page: Page, facts: dict[str, str]) -> None:
    for label, text in facts.items():
        field(page, label).fill(text)


def add_picture(page: Page, folder: Path, described: bool = True) -> None:
    (folder / "Urkunde.jpg").write_bytes(jpeg())
    unfold(page)
    page.locator("#image").set_input_files(folder / "Urkunde.jpg")
    if described:
        type_in(page, {"Bildbeschreibung": ALT, "Bildnachweis": CREDIT})


def agree(page: Page) -> None:
    page.get_by_label(PUBLIC_NAME).check()
    page.get_by_label(RIGHTS).check()


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="einreichen").click()


def has_focus(locator: Locator) -> bool:
    return bool(locator.evaluate("it => it === document.activeElement"))


def is_shown(picture: Locator) -> bool:
    """Whether a picture has come, waiting until it has; a broken one raises."""
    return bool(picture.evaluate("it => it.decode().then(() => it.naturalWidth > 0)"))
