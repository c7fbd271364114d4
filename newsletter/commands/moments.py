"""Days and moments in tables and short lines: in figures, in the home's time zone."""

import re
from datetime import date, datetime

from newsletter.commands.context import invocation
from newsletter.errors import WrongUsage
from newsletter.language import _


def day(when: date) -> str:
    """„15.12.2026“, in English “15 Dec 2026”."""
    return _("{day:%d.%m.%Y}").format(day=when)


def moment(when: datetime) -> str:
    """„15.12.2026 10:00“, in English “15 Dec 2026 10:00”."""
    local = when.astimezone(invocation.settings.zone)
    return _("{moment:%d.%m.%Y %H:%M}").format(moment=local)


def day_in(typed: str | None, option: str) -> date | None:
    """A day as somebody types it, 2026-12-31 or 31.12.2026; None if they typed none. WrongUsage."""
    if typed is None:
        return None
    german = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", typed.strip())
    try:
        if german:
            return date(int(german[3]), int(german[2]), int(german[1]))
        return date.fromisoformat(typed.strip())
    except ValueError:
        why = _("{option}: „{typed}“ ist kein Tag (Form: 2026-12-31).")
        raise WrongUsage(why=why.format(option=option, typed=typed)) from None
