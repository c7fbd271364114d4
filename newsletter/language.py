"""What people read, in their language: German stands in the code, English in a catalogue.

    _("Die Ausgabe {id} ist freigegeben.").format(id=…)     said now, in the language spoken now
    n_("{n} Einreichung", "{n} Einreichungen", n).format(n=n)
    N_("angenommen")                                          marked here, said elsewhere by _

A sentence is marked whole, with its facts as ``{names}``: word order is the translator's. The
language spoken is the one of the home (``language`` in newsletter.toml); a letter or an issue
may speak another for as long as it is written. ``make catalogues`` collects what is marked.
"""

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from pathlib import Path

SOURCE = "de"
LANGUAGES = ("de", "en")
TRANSLATIONS = Path(__file__).resolve().parent / "translations"

_spoken: ContextVar[str] = ContextVar("language", default=SOURCE)


def N_(message: str) -> str:  # noqa: N802  (gettext's own name)
    """Mark a message that is translated where it is said."""
    return message


WEEKDAYS = (
    *(N_("Montag"), N_("Dienstag"), N_("Mittwoch"), N_("Donnerstag")),
    *(N_("Freitag"), N_("Samstag"), N_("Sonntag")),
)
MONTHS = (
    *(N_("Januar"), N_("Februar"), N_("März"), N_("April"), N_("Mai"), N_("Juni")),
    *(N_("Juli"), N_("August"), N_("September"), N_("Oktober"), N_("November"), N_("Dezember")),
)


@lru_cache(maxsize=4)
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == SOURCE:
        return gettext.NullTranslations()
    return gettext.translation("newsletter", TRANSLATIONS, [language])


def _(message: str) -> str:
    """The message in the language spoken now."""
    return _catalogue(_spoken.get()).gettext(message) if message else message


def n_(one: str, many: str, n: int) -> str:
    """The message for ``n`` things."""
    return _catalogue(_spoken.get()).ngettext(one, many, n)


def spoken() -> str:
    """The language spoken now, "de" or "en"."""
    return _spoken.get()


def choose(language: str) -> None:
    """Speak this language from here on, in this thread or task and those it starts."""
    _spoken.set(known(language))


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language inside the block."""
    before = _spoken.set(known(language))
    try:
        yield
    finally:
        _spoken.reset(before)


def known(language: str | None) -> str:
    """The language to use for somebody who wants ``language``: theirs, or German."""
    return language if language in LANGUAGES else SOURCE


def weekday(day: date) -> str:
    """„Dienstag“."""
    return _(WEEKDAYS[day.weekday()])


def dated(day: date) -> str:
    """„15.12.2026“, “15 December 2026”: digits alone are read in two ways in English."""
    if spoken() == SOURCE:
        return f"{day:%d.%m.%Y}"
    return f"{day.day} {month(day.month)} {day.year}"


def month(number: int) -> str:
    """„Dezember“ for 12."""
    return _(MONTHS[number - 1])
