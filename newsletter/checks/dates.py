"""Dates that are over, contradict themselves, or bear a weekday that is not theirs."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from newsletter.content import Finding, IssueContent, Item, Level, When
from newsletter.language import _, dated, weekday
from newsletter.rhythm import in_words

from .facts import Facts
from .mends import correct, edit
from .names import found
from .parts import Texts, texts_of
from .spoken_days import Day, days_in, years_in

_SAID_AGO, _SAID_AHEAD = timedelta(days=183), timedelta(days=366)


def over(when: When, zone: ZoneInfo) -> datetime:
    """The moment at which a date is over; a whole day lasts to its midnight."""
    last = when.ends or when.starts
    if isinstance(last, datetime):
        return last
    return datetime.combine(last + timedelta(days=1), time(), zone)


def past_date(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.when is None:
        return
    end = over(item.when, facts.zone)
    if end <= facts.now:
        wrong = _("Der Termin ist seit {when} vorbei.").format(when=in_words(end, facts.zone))
        yield found("past-date", Level.ERROR, item.reference, wrong, correct(item, facts))
    elif end <= facts.leaves:
        # The rhythm may still be overruled by an earlier time.
        level = Level.ERROR if facts.fixed else Level.WARNING
        wrong = _("Der Termin endet am {end}, versendet wird erst am {leaves}.")
        leaves = in_words(facts.leaves, facts.zone)
        wrong = wrong.format(end=in_words(end, facts.zone), leaves=leaves)
        yield found("past-date", level, item.reference, wrong, correct(item, facts))


def order(item: Item, facts: Facts) -> Iterator[Finding]:
    when = item.when
    if when is None or when.ends is None:
        return
    if _moment(when.ends, facts.zone) < _moment(when.starts, facts.zone):
        wrong = _("Der Termin endet ({ends}), bevor er beginnt ({starts}).").format(
            ends=_said(when.ends, facts.zone), starts=_said(when.starts, facts.zone)
        )
        yield found("date-order", Level.ERROR, item.reference, wrong, edit(item))


def sequence(content: IssueContent, facts: Facts) -> Iterator[Finding]:
    """Of each section that holds only dates: whether one stands below a later one."""
    for section in content.sections:
        starts = [_moment(it.when.starts, facts.zone) for it in section.items if it.when]
        if len(starts) < len(section.items):
            continue
        for (late, this), (early, other) in pairwise(zip(starts, section.items, strict=True)):
            if early < late:
                wrong = _("{item} beginnt vor {other}, steht aber dahinter.")
                mend = _("Umstellen: newsletter issue move {issue} {item} --before {other}")
                names = {"item": other.reference, "other": this.reference}
                mend = mend.format(issue=content.issue_id, **names)
                yield found(
                    "date-sequence", Level.HINT, other.reference, wrong.format(**names), mend
                )


def registration(item: Item, facts: Facts) -> Iterator[Finding]:
    if item.register_by is None:
        return
    last = in_words(item.register_by, facts.zone)
    if item.register_by <= facts.leaves:
        wrong = _("Der Anmeldeschluss ({last}) ist beim Versand vorbei.").format(last=last)
        yield found("registration-over", Level.WARNING, item.reference, wrong, edit(item))
    if item.when and item.register_by > over(item.when, facts.zone):
        wrong = _("Der Anmeldeschluss ({last}) liegt nach dem Termin.").format(last=last)
        yield found("registration-late", Level.WARNING, item.reference, wrong, edit(item))


def title_date(item: Item, facts: Facts) -> Iterator[Finding]:
    """A title of last year, kept when the date was copied."""
    if item.when is None:
        return
    first, last = _span(item.when, facts.zone)
    named = days_in(item.title)
    if named and not any(_within(each, first, last) for each in named):
        wrong = _("Im Titel steht der {said}, der Termin ist aber am {real}.")
        wrong = wrong.format(said=named[0].words, real=dated(first))
        yield found("title-date", Level.WARNING, item.reference, wrong, edit(item))
    years = years_in(item.title)
    if years and not named and max(years) < first.year:
        wrong = _("Im Titel steht {said}, der Termin ist aber im Jahr {real}.")
        wrong = wrong.format(said=max(years), real=first.year)
        yield found("title-date", Level.HINT, item.reference, wrong, edit(item))


def weekdays(item: Item, facts: Facts) -> Iterator[Finding]:
    yield from weekdays_in(texts_of(item), item.reference, edit(item), facts)


def weekdays_in(texts: Texts, where: str, mend: str, facts: Facts) -> Iterator[Finding]:
    """Of each text: a weekday that does not fit the date behind it, a day that does not exist."""
    for field, text in texts:
        for named in days_in(text):
            if not any(named.possible(year) for year in _years(named, facts)):
                wrong = _("{field}: Den {said} gibt es nicht.")
                wrong = wrong.format(field=field, said=named.words)
                yield found("weekday", Level.WARNING, where, wrong, mend)
            elif named.weekday is not None and (real := _other_weekday(named, facts)):
                wrong = _("{field}: „{said}“ ist ein {weekday}.")
                wrong = wrong.format(field=field, said=named.words, weekday=weekday(real))
                yield found("weekday", Level.WARNING, where, wrong, mend)


def _other_weekday(named: Day, facts: Facts) -> date | None:
    """The day that is meant, unless the weekday said is that of one that may be meant."""
    likely = [day for year in _years(named, facts) if (day := named.in_year(year))]
    if any(day.weekday() == named.weekday for day in likely):
        return None
    return next((day for day in likely if day >= facts.leaves.date()), likely[0])


def _years(named: Day, facts: Facts) -> list[int]:
    """The year that is said, or those of half a year back to one ahead."""
    if named.year is not None:
        return [named.year]
    first, last = facts.leaves - _SAID_AGO, facts.leaves + _SAID_AHEAD
    return [
        year
        for year in range(first.year, last.year + 1)
        if not (day := named.in_year(year)) or first.date() <= day <= last.date()
    ]


def _within(named: Day, first: date, last: date) -> bool:
    years = [named.year] if named.year else range(first.year, last.year + 1)
    return any(first <= day <= last for year in years if (day := named.in_year(year)))


def _span(when: When, zone: ZoneInfo) -> tuple[date, date]:
    first = _moment(when.starts, zone).astimezone(zone).date()
    return first, max(first, _moment(when.ends or when.starts, zone).astimezone(zone).date())


def _moment(when: datetime | date, zone: ZoneInfo) -> datetime:
    return when if isinstance(when, datetime) else datetime.combine(when, time(), zone)


def _said(when: datetime | date, zone: ZoneInfo) -> str:
    return in_words(when, zone) if isinstance(when, datetime) else dated(when)
