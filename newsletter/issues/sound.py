"""What keeps an issue from its next step: a step left out, or what the checks call an error."""

from collections.abc import Sequence

from newsletter.content import Finding
from newsletter.errors import Refused
from newsletter.language import N_
from newsletter.models.issue import Issue

from .contents import Built


class NotYet(Refused):
    """A step was left out, or made already."""

    sentence = N_("{issue} ist {state}. {mend}")


class HasErrors(Refused):
    sentence = N_(
        "{issue} hat Fehler:\n{findings}\nBitte beheben; ansehen: newsletter issue check {issue}"
    )


def listed(findings: Sequence[Finding]) -> str:
    """Findings as lines, each with the item it is about."""
    return "\n".join(f"  - {finding.where}: {finding.text}" for finding in findings)


def require_sound(issue: Issue, built: Built) -> None:
    """HasErrors if a check found one."""
    if built.errors:
        raise HasErrors(issue=issue.id, findings=listed(built.errors))
