"""Take in what a contributor hands in: by form, JSON or an editor, through one verb."""

from .coming import Coming, Early, Issued, Warned, coming_issues, too_early
from .facts import Facts, Rules, understood
from .form import SubmissionForm
from .intake import Checked, Receipt, addressee, checked, receive, revise, rules_of
from .reading import (
    Decision,
    Status,
    Summary,
    by_reference,
    decisions_of,
    facts_of,
    item_of,
    items_of,
    own,
    revision_of,
    status_of,
)
from .rights import taken_back
from .talk import NothingAsked, Said, answer, is_status_token, new_status_url
from .twins import Twin, similar_to, traits_of

__all__ = [
    "Checked",
    "Coming",
    "Decision",
    "Early",
    "Facts",
    "Issued",
    "NothingAsked",
    "Receipt",
    "Rules",
    "Said",
    "Status",
    "SubmissionForm",
    "Summary",
    "Twin",
    "Warned",
    "addressee",
    "answer",
    "by_reference",
    "checked",
    "coming_issues",
    "decisions_of",
    "facts_of",
    "is_status_token",
    "item_of",
    "items_of",
    "new_status_url",
    "own",
    "receive",
    "revise",
    "revision_of",
    "rules_of",
    "similar_to",
    "status_of",
    "taken_back",
    "too_early",
    "traits_of",
    "understood",
]
