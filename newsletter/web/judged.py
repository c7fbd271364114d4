"""A form as Submission JSON, with every problem at the field where it stands."""

from collections.abc import Iterator

from fastapi import Request

from newsletter import submissions
from newsletter.content import Kind
from newsletter.errors import Invalid, Problem
from newsletter.language import _, dated

from .pages import now, settings_of
from .posted import Upload
from .typed import Typed, shown_at

Days = list[dict[str, object]]


def judged(request: Request, typed: Typed, upload: Upload) -> tuple[Days, list[Problem]]:
    """The facts, of each day of a date; and all that is wrong, to be mended in one go."""
    image = upload.picture.key if upload.picture else None
    days = [typed.facts(settings_of(request).zone, image), *_further(request, typed, image)]
    if not typed.targets:  # programs are told the newsletters' short names
        typed.problems.append(Problem("targets", _("Bitte wählen Sie aus, wo es erscheinen soll.")))
    problems = [*typed.problems, *upload.problems]
    named = {problem.field for problem in problems}
    more = [shown_at(problem) for problem in _wrong(request, days[0])]
    return days, problems + [each for each in more if not _told(each.field, named)]


def _further(request: Request, typed: Typed, image: str | None) -> Iterator[dict[str, object]]:
    """The same date on its further days; what is wrong with one of those is told of it."""
    for day in typed.more_days() if typed.values.get("kind") == Kind.DATE else ():
        there = typed.on(day)
        facts = there.facts(settings_of(request).zone, image)
        problems = [*there.problems, *_wrong(request, facts)]
        of_days = [each for each in problems if each.field in {"starts_at", "starts_time"}]
        typed.problems += [
            Problem("more_days", f"{dated(day)}: {each.message}") for each in of_days[:1]
        ]
        yield facts


def _wrong(request: Request, facts: dict[str, object]) -> tuple[Problem, ...]:
    rules = submissions.rules_of(settings_of(request), now(request), contributed=True)
    try:
        submissions.understood(facts, rules)
    except Invalid as wrong:
        return tuple(wrong.problems)
    return ()


def _told(name: str, named: set[str]) -> bool:
    """A day that could not be read is missing in the facts: that is said once."""
    return name in named or f"{name.removesuffix('_on')}_time" in named
