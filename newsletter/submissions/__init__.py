"""Take in what a contributor hands in: by form, JSON or an editor, through one verb."""

from .again import Yearly, yearly
from .changes import Line, NoMoreChanges, ask_change, difference, differences, open_change, wished
from .coming import Coming, Early, Issued, Warned, coming_issues, too_early
from .edits import edits_of, words_of
from .facts import Facts, Rules, understood
from .form import SubmissionForm
from .intake import Receipt, receive, revise
from .preparing import Addressee, Checked, Ready, addressee, checked, ready, rules_of
from .reading import (
    Status,
    Summary,
    by_reference,
    facts_of,
    item_of,
    items_of,
    own,
    revision_of,
    status_of,
)
from .record import Entry, extent_of, is_in_record, record_of
from .rights import lacking as lacking_rights
from .rights import taken_back
from .road import Decision, Place, decisions_of, place_in, published
from .series import Day, further_days, ready_days, receive_days
from .talk import (
    NothingAsked,
    Said,
    answer,
    by_status_token,
    is_status_token,
    status_url,
    token_of,
)
from .twins import Twin, similar_to, traits_of

__all__ = [
    "Addressee",
    "Checked",
    "Coming",
    "Day",
    "Decision",
    "Early",
    "Entry",
    "Facts",
    "Issued",
    "Line",
    "NoMoreChanges",
    "NothingAsked",
    "Place",
    "Ready",
    "Receipt",
    "Rules",
    "Said",
    "Status",
    "SubmissionForm",
    "Summary",
    "Twin",
    "Warned",
    "Yearly",
    "addressee",
    "answer",
    "ask_change",
    "by_reference",
    "by_status_token",
    "checked",
    "coming_issues",
    "decisions_of",
    "difference",
    "differences",
    "edits_of",
    "extent_of",
    "facts_of",
    "further_days",
    "is_in_record",
    "is_status_token",
    "item_of",
    "items_of",
    "lacking_rights",
    "open_change",
    "own",
    "place_in",
    "published",
    "ready",
    "ready_days",
    "receive",
    "receive_days",
    "record_of",
    "revise",
    "revision_of",
    "rules_of",
    "similar_to",
    "status_of",
    "status_url",
    "taken_back",
    "token_of",
    "too_early",
    "traits_of",
    "understood",
    "wished",
    "words_of",
    "yearly",
]
