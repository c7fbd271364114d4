"""How likely twins look at the terminal and as JSON."""

from collections.abc import Mapping

from newsletter.commands.context import say
from newsletter.language import _
from newsletter.likeness import WORDS
from newsletter.queue import LOOKED_AT, STATE_WORDS, Alike
from newsletter.submissions import Twin


def tell(alike: Alike) -> str | None:
    """Name each twin; the command that makes one of two, if they may become one."""
    for twin in alike.twins:
        said = _("Ähnlich wie {twin} von {origin} ({state}): {title} ({reasons})")
        state = _(STATE_WORDS[twin.state])
        facts = {"twin": twin.reference, "origin": twin.origin, "title": twin.title}
        say(said.format(state=state, reasons=_why(twin), **facts))
    return _merging(alike)


def tell_list(found: Mapping[str, Alike]) -> str | None:
    """Name each pair once, by whichever came in later; the command for the first pair."""
    merges = []
    for alike in found.values():
        older = [
            twin for twin in alike.twins if twin.reference not in found or _is_older(twin, alike)
        ]
        for twin in older:
            said = _("{reference} ähnlich wie {twin}: {reasons}")
            facts = {"reference": alike.reference, "twin": twin.reference}
            say(said.format(reasons=_why(twin), **facts))
        if older and older[0] is alike.twins[0]:
            merges.append(_merging(alike))
    if len(found) == LOOKED_AT:
        said = _("Ähnliche sind bei den {n} ältesten genannt, sonst bei: newsletter queue show")
        say(said.format(n=LOOKED_AT))
    return next(filter(None, merges), None)


def _is_older(twin: Twin, alike: Alike) -> bool:
    return twin.submission_id < int(alike.reference[1:])


def _why(twin: Twin) -> str:
    return ", ".join(_(WORDS[reason]) for reason in twin.likeness.reasons)


def _merging(alike: Alike) -> str | None:
    return "queue merge {} {}".format(*alike.merge) if alike.merge else None


def facts(alike: Alike | None) -> dict[str, object]:
    """``similar``; null where nobody looked."""
    if alike is None:
        return {"similar": None}
    return {
        "similar": [
            {
                "id": twin.reference,
                "title": twin.title,
                "origin": twin.origin,
                "state": twin.state.value,
                "score": twin.likeness.score,
                "reasons": [reason.value for reason in twin.likeness.reasons],
            }
            for twin in alike.twins
        ]
    }
