"""Days and moments in tables and short lines: in figures, in the home's time zone."""

from datetime import date, datetime

from newsletter.commands.context import invocation
from newsletter.language import _


def day(when: date) -> str:
    """„15.12.2026“, in English “15 Dec 2026”."""
    return _("{day:%d.%m.%Y}").format(day=when)


def moment(when: datetime) -> str:
    """„15.12.2026 10:00“, in English “15 Dec 2026 10:00”."""
    local = when.astimezone(invocation.settings.zone)
    return _("{moment:%d.%m.%Y %H:%M}").format(moment=local)
