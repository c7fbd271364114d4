"""Numbers that contradict each other: „Sechs Mitglieder“ above, „die vier“ below."""

from collections.abc import Iterator, Sequence

from newsletter.content import Finding, Item, Level
from newsletter.language import _

from .counts import Count, all_numbers, counts, lists, stem, the_ones
from .facts import Facts
from .mends import edit
from .names import found


def numbers(item: Item, _facts: Facts) -> Iterator[Finding]:
    for one, other in _contradictions(item):
        wrong = _("Passt das zusammen? „{one}“ und „{other}“.").format(one=one, other=other)
        yield found("numbers", Level.HINT, item.reference, wrong, edit(item))


def _contradictions(item: Item) -> Iterator[tuple[str, str]]:
    below = f"{item.teaser}\n{item.body}"
    if titled := counts(item.title):
        told = counts(below)
        named = {each.number for each in told} | all_numbers(below)
        for count in titled:
            if count.number not in named and (other := _other(count, told, the_ones(below))):
                yield count.words, other
    for said, length in lists(item.body):
        if said.number != length:
            yield said.words, _("Liste mit {n} Punkten").format(n=length)


def _other(count: Count, told: Sequence[Count], the: Sequence[Count]) -> str | None:
    """How a text counts what the title counts: the same noun, or „die vier …“."""
    for each in told:
        if each.number != count.number and stem(each.noun) == stem(count.noun):
            return each.words
    for each in the:
        if each.number != count.number and each.number > 1:
            return each.words
    return None
