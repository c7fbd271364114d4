"""Forms that anybody may send: where from, how fast, and how soon they are answered."""

import time
from datetime import datetime, timedelta

from fastapi import Request
from starlette.datastructures import FormData

from newsletter import readers
from newsletter.language import _
from newsletter.settings import Settings

from . import turnstile

FIELDS = ("form", "website")  # when the form was served, and the trap

# Hardly anybody fills the form in faster; an older one was kept by a machine (WB-08).
FASTEST, OLDEST = timedelta(seconds=2), timedelta(hours=24)
# An answer comes no sooner, in seconds: longer than any way through takes (8 ms measured), so
# that the time tells nobody whether an address is new, known or has a letter already (WB-07).
_NO_SOONER = 0.05


def renewed(settings: Settings, form: str, moment: datetime) -> tuple[datetime | None, str]:
    """When a form was served and its token; no moment and a fresh one, if it is too old."""
    served = readers.form_served_at(settings, form)
    if served is None or moment - served > OLDEST:
        return None, readers.form_token(settings, moment)
    return served, form


def too_fast(served: datetime | None, moment: datetime) -> str:
    """What to say to who was faster than a person, or kept the form; nothing to all others."""
    if served is None:
        return _("Bitte senden Sie das Formular noch einmal ab.")
    if moment - served < FASTEST:
        return _("Das ging so schnell wie bei einem Automaten. Bitte senden Sie noch einmal ab.")
    return ""


def carried(settings: Settings, sent: FormData, moment: datetime) -> str:
    """The token for the next page of a form: its time counts from when it was first opened."""
    form = sent.get(FIELDS[0])
    return renewed(settings, form if isinstance(form, str) else "", moment)[1]


def doubted(settings: Settings, sent: FormData, moment: datetime) -> tuple[str, str]:
    """What to say to who may be a machine behind a personal link, or nothing; and the form's
    token for another try.

    They are asked once more and not sent away with a friendly lie: nothing that a registered
    person has typed may vanish. On loopback nobody is too fast.
    """
    given = {name: value for name in FIELDS if isinstance(value := sent.get(name), str)}
    served, token = renewed(settings, given.get("form", ""), moment)
    if given.get("website"):
        said = _(
            "Ein Feld, das leer bleiben soll, war ausgefüllt. Bitte senden Sie noch einmal ab."
        )
        return said, token
    return ("" if settings.links.loopback else too_fast(served, moment)), token


def wait_since(began: float) -> None:
    """Answer no sooner than every other way through (``began``: of the monotonic clock)."""
    time.sleep(max(0.0, began + _NO_SOONER - time.monotonic()))


def network(request: Request) -> str | None:
    """Where a form comes from, to be counted; None for this machine itself."""
    return turnstile.network(request.scope) or None
