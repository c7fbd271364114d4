"""Assemble, approve, schedule: the verbs of an issue.

``begin``     new, open_draft              ``contents``  content_of, build, check
``assemble``  add, remove, move, swap, edit ``filling``   fill, propose: what waits (``waiting``),
``shares``    shares of the clusters                 chosen by the rules (``choosing``)
``reusing``   use: from stock
``approval``  request, approve         ``timing``    schedule, unschedule, cancel
``requesting`` request; ``approval`` approve ``timing``    schedule, unschedule, cancel
``awaiting``  schedule_when_approved   ``accepting`` accept: why a warning is in order
``guard``     ready_to_send            ``register``  find, list_, status
``several``   siblings, decide_all: issues behind one link
``recording`` record_of: the Freigabevermerk
``by_approver`` approve what they changed  ``rewording`` the sentences they may change
``by_link``   asked, decide, lapse     ``trial``     post_test
``previewing`` preview, only_open      ``calling``   call, call_due
``beforehand`` what is wrong with items
``appearing`` tell_contributors        ``objecting`` tell_edited: so it will appear
``commenting`` comment                 ``meeting``   two who edited one issue
``versions``  how an issue stood before     restore
``verifying`` verify: the stored bytes, and built anew   ``made_with`` what they were made with
``notes``     annotate, take_note_back: in the archive alone
``correcting`` correct                 ``comparing`` since_first: what a correction changes
``drafting``  draft_due                ``reminding`` remind_due: letters on an issue's way
``leaving_out`` skip, unskip
``stake``     at_stake: what a change undoes   ``restoring`` put_back: as it stood before
"""

from newsletter.evidence import LARGEST_EVIDENCE, Evidence

from .accepting import accept, as_kept, reasons_of
from .appearing import social_text, tell_contributors
from .approval import (
    approve,
    approve_by_evidence,
    second_person,
    take_back_in_part,
)
from .asking import Answer
from .assemble import Addition, add, edit, move, remove, swap
from .awaiting import lapse_plans, schedule_when_approved
from .begin import Words, new, open_draft
from .by_approver import NotAsShown, Reworded
from .by_link import (
    Asked,
    AskedOneself,
    LinkIsOver,
    Standing,
    UnknownLink,
    VersionGone,
    asked,
    decide,
    keep_unsaved,
    lapse,
    reword,
)
from .calling import Call, call, call_due, planned_call
from .change import STATE_WORDS, MovedMeanwhile, require_as_seen
from .commenting import comment, comments_of
from .comparing import since_first, since_yes
from .contents import Built, Placed, build, check, content_of, objections, placed
from .correcting import (
    Begun,
    correct,
    corrections,
    may_be_corrected,
    require_uncorrected,
)
from .drafting import draft_due
from .filling import LeftOut, Proposal, Taken, fill, propose
from .guard import as_approved, as_edition, editions_of, hold_back, ready_to_send
from .leaving_out import skip, unskip
from .looking_around import Around, look_around
from .meeting import BothChanged
from .notes import Noted, annotate, take_note_back
from .nudging import remind_approvers
from .objecting import tell_edited
from .plan import Plan
from .previewing import Preview, only_open, preview
from .recording import Record, Yes, record_of, record_page
from .register import OVER, Line, Reason, Wish, find, list_, reasons, status, wishes
from .reminding import remind_due, stock
from .requesting import Request, request, request_together
from .restoring import PUT_BACK, put_back
from .reusing import Used, use
from .rewording import Sentence, is_key, sentences_of, touched
from .several import NotAllOpen, Sibling, decide_all, hashes, may_approve_all, siblings
from .shared import Shared, shared_with
from .shares import Share, shares
from .sound import HasErrors, NotYet, listed
from .stake import at_stake, at_stake_with
from .timing import cancel, moment_of, plan_of, schedule, unschedule
from .trial import post_test
from .verifying import Difference, Verified, verify
from .versions import Version, restore, versions

__all__ = [
    "LARGEST_EVIDENCE",
    "OVER",
    "PUT_BACK",
    "STATE_WORDS",
    "Addition",
    "Answer",
    "Around",
    "Asked",
    "AskedOneself",
    "Begun",
    "BothChanged",
    "Built",
    "Call",
    "Difference",
    "Evidence",
    "HasErrors",
    "LeftOut",
    "Line",
    "LinkIsOver",
    "MovedMeanwhile",
    "NotAllOpen",
    "NotAsShown",
    "NotYet",
    "Noted",
    "Placed",
    "Plan",
    "Preview",
    "Proposal",
    "Reason",
    "Record",
    "Request",
    "Reworded",
    "Sentence",
    "Share",
    "Shared",
    "Sibling",
    "Standing",
    "Taken",
    "UnknownLink",
    "Used",
    "Verified",
    "Version",
    "VersionGone",
    "Wish",
    "Words",
    "Yes",
    "accept",
    "add",
    "annotate",
    "approve",
    "approve_by_evidence",
    "as_approved",
    "as_edition",
    "as_kept",
    "asked",
    "at_stake",
    "at_stake_with",
    "build",
    "call",
    "call_due",
    "cancel",
    "check",
    "comment",
    "comments_of",
    "content_of",
    "correct",
    "corrections",
    "decide",
    "decide_all",
    "draft_due",
    "edit",
    "editions_of",
    "fill",
    "find",
    "hashes",
    "hold_back",
    "is_key",
    "keep_unsaved",
    "lapse",
    "lapse_plans",
    "list_",
    "listed",
    "look_around",
    "may_approve_all",
    "may_be_corrected",
    "moment_of",
    "move",
    "new",
    "objections",
    "only_open",
    "open_draft",
    "placed",
    "plan_of",
    "planned_call",
    "post_test",
    "preview",
    "propose",
    "put_back",
    "ready_to_send",
    "reasons",
    "reasons_of",
    "record_of",
    "record_page",
    "remind_approvers",
    "remind_due",
    "remove",
    "request",
    "request_together",
    "require_as_seen",
    "require_uncorrected",
    "restore",
    "reword",
    "schedule",
    "schedule_when_approved",
    "second_person",
    "sentences_of",
    "shared_with",
    "shares",
    "siblings",
    "since_first",
    "since_yes",
    "skip",
    "social_text",
    "status",
    "stock",
    "swap",
    "take_back_in_part",
    "take_note_back",
    "tell_contributors",
    "tell_edited",
    "touched",
    "unschedule",
    "unskip",
    "use",
    "verify",
    "versions",
    "wishes",
]
