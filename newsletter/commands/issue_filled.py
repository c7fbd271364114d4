"""What ``issue fill`` placed or would place, what it left, and why."""

from newsletter.commands.context import give, say, suggest
from newsletter.issues import Proposal
from newsletter.language import _


def tell(proposal: Proposal, *, dry_run: bool) -> None:
    """The proposal line by line and as JSON, and the next step."""
    for placed in proposal.placed:
        said = _("{reference} → {section} („{title}“): {why}")
        its = {"reference": placed.reference, "section": placed.section}
        say(said.format(**its, title=placed.title, why=placed.why))
    for left in proposal.left_out:
        said = _("{reference} bleibt draußen („{title}“): {why}")
        say(said.format(reference=left.reference, title=left.title, why=left.why))
    if proposal.left_out:
        said = _("Etwas davon doch hinein: newsletter issue add {issue} ID…")
        say(said.format(issue=proposal.issue_id))
    if not proposal.placed and not proposal.left_out:
        say(_("Es wartet kein angenommener Beitrag."))
    if dry_run:
        say(_("Das ist nur ein Vorschlag; geändert ist nichts."))
    verb = "fill" if dry_run and proposal.placed else "check"
    suggest(f"issue {verb} {proposal.issue_id}")
    give(
        {
            "id": proposal.issue_id,
            "placed": [
                {"id": p.reference, "section": p.section, "why": p.why} for p in proposal.placed
            ],
            "left_out": [{"id": p.reference, "why": p.why} for p in proposal.left_out],
        }
    )
