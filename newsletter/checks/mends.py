"""How a finding is mended: the sentence with the command."""

from newsletter.content import IssueContent, Item
from newsletter.language import _

from .facts import Facts


def edit(item: Item) -> str:
    return _("Bitte ändern: newsletter queue edit {item}").format(item=item.reference)


def edit_issue(content: IssueContent) -> str:
    return _("Bitte ändern: newsletter issue edit {issue}").format(issue=content.issue_id)


def take_out(item: Item, facts: Facts) -> str:
    """Nothing for an item that stands in no issue."""
    if not facts.issue_id:
        return ""
    mend = _("Bitte herausnehmen: newsletter issue remove {issue} {item}")
    return mend.format(issue=facts.issue_id, item=item.reference)


def correct(item: Item, facts: Facts) -> str:
    mend = _("Bitte berichtigen: newsletter queue edit {item}")
    if facts.issue_id:
        mend = _(
            "Bitte herausnehmen: newsletter issue remove {issue} {item}"
            " (oder berichtigen: newsletter queue edit {item})"
        )
    return mend.format(issue=facts.issue_id, item=item.reference)


def in_template(content: IssueContent) -> str:
    mend = _("Bitte die Vorlage berichtigen: templates/{folder}/")
    return mend.format(folder=content.masthead.template)
