"""Letters to the editors: what came in, what was answered, what went out, what went wrong.

Each is posted in the transaction of its cause, so none is lost and none is for nothing. No
letter to editors ever causes another, and none holds a reader's address. Who wants which
stands at ``[[editors]]`` (``letters``).

``ssh_keys``  how colleagues come in over ssh: their keys, and the line that lets them in (pure)
"""

from typing import Any

from newsletter import letters
from newsletter.history import Act
from newsletter.language import _, speaking
from newsletter.models.issue import Issue, IssueState
from newsletter.settings import About, Settings


def addresses(settings: Settings, about: About) -> list[str]:
    """Who of the editors wants letters about this; each address once."""
    wanted = (each.email for each in settings.editors if about in each.letters)
    return list({address.casefold(): address for address in wanted}.values())


def tell(act: Act, about: About, name: str, newsletter: str | None = None, **facts: Any) -> None:
    """Post the letter ``name`` to each editor who wants letters about this."""
    known = newsletter if newsletter in act.settings.newsletters else None
    for address in addresses(act.settings, about):
        letters.post(act, name, address, newsletter=known, **facts)


def alarm(act: Act, issue: Issue, why: str) -> None:
    """Post that an issue stopped (as its state says by now), why, and what to do."""
    with speaking(act.settings.language):
        words = _(why)
    tell(
        act,
        "alarms",
        "issue_stopped",
        issue.newsletter,
        issue=issue,
        state=issue.state.value,
        why=words,
        command_words=_NEXT.get(issue.state, "issue status {id}").format(id=issue.id),
    )


_NEXT = {
    IssueState.DRAFT: "issue check {id}",
    IssueState.LATE: "issue schedule {id} now",
    IssueState.PAUSED: "issue resume {id}",
}
