"""Drafts that are made by themselves, so many days before an issue leaves."""

from itertools import takewhile

from sqlalchemy.exc import IntegrityError

from newsletter import numbers, rhythm
from newsletter.history import Act, within
from newsletter.language import N_
from newsletter.rhythm import Dates
from newsletter.settings import NewsletterSettings

from .begin import make
from .reminding import in_use, tell

BY_RHYTHM = N_("nach dem Rhythmus")


def draft_due(act: Act) -> list[str]:
    """Begin the issues whose draft is due by the rhythm, each once; their ids. Editors hear of it.

    A number that anybody began, cancelled or left out is nobody's to begin again.
    """
    made = []
    for slug, it in act.settings.newsletters.items():
        known = numbers.of(act.session, slug)
        for dates in _due(act, it):
            if dates.number not in {*known.states, *known.left_out}:
                made += _made(act, slug, dates)
    return made


def _due(act: Act, it: NewsletterSettings) -> list[Dates]:
    almanac = act.settings.almanac
    ahead = rhythm.numbers_ahead(it.rhythm, act.now, almanac)
    dates = (found for number in ahead if (found := rhythm.dates(number, it, almanac)))
    return [*takewhile(lambda each: each.drafted is not None and each.drafted <= act.now, dates)]


def _made(act: Act, slug: str, dates: Dates) -> list[str]:
    try:
        with within(act) as part:
            issue = make(part, slug, dates.number, why=BY_RHYTHM)
            if in_use(part.session, slug):
                tell(part, slug, dates, what="drafted", state=issue.state.value)
            return [issue.id]
    except IntegrityError:  # another machine's clock was faster, or an editor
        return []
