"""The editors' queue: their own items, what waits, and the decision about each.

``own``      add, edit                  ``decide``  accept, decline, defer
``takeback`` withdraw                   ``undo``    the last decision
``ask``      a question by letter       ``merge``   several into one
``dates``    cancel, postpone           ``publish`` dates outside any issue
``digest``   new items, by letter to the editors
``listing``  list_, show                ``announced`` dates that everybody may see
``telling``  the letters about all this   ``later``     what is held over
``alike``    what is likely the same      ``by_mail``  items that came by mail
``by_contributor``  what they do themselves   ``changing``  what they want changed
``picture``  a picture for an item, by a link too   ``assigning``  whose item it is
``meeting``  two who edited one item        ``commenting``  what editors say about it
``concerning``  what one editor should hear   ``revising``  revisions, diff, restore
``presence``  who has a document open         ``cropping``  which part of a picture stays
``taking_down``  out of all that readers see
"""

from newsletter.invalidation import invalidate_issues

from .alike import LOOKED_AT, Alike, alike, alike_in
from .announced import (
    NoSuchCalendar,
    NoSuchDate,
    NoSuchLand,
    dates_changed_at,
    dates_in,
    members_dates,
    public_date,
    public_dates,
)
from .ask import Asked, ask
from .assigning import Assigned, assign, assigned_by_name, assigned_to, named
from .by_contributor import change_own_date, withdraw_own
from .by_mail import Filed, FiledAlready, Mail, add_mail
from .by_mail import read as read_mail
from .changing import Wanted, ask_own_change, decline_change, take_over, wanted_of
from .commenting import Commented, comment, comments_of
from .cropping import PLACES, SHAPES, box_of, comes_out, crop_of, cut_out
from .dates import EVENT_WORDS, DateChanged, cancel_date
from .decide import CLEARANCE_WORDS, STATE_WORDS, Decision, accept, decline, defer
from .digest import digest_due, post_digest
from .listing import Entry, Shown, history_keys, late_for, list_, show
from .lookup import without_rights
from .meeting import BothEdited, Met
from .merge import Merged, merge
from .own import Edited, add, edit
from .picture import (
    Shows,
    Upload,
    Words,
    crop,
    keep_uploaded,
    picture_of,
    set_picture,
    upload,
    upload_link,
    uploaded,
    uploading,
)
from .presence import begin_typing, end_typing, typing_on
from .publish import Published, publish
from .revising import Difference, Version, diff, restore, revisions
from .takeback import Withdrawn, withdraw
from .taking_down import TakenDown, picture_taken_down, remove_files, take_down, taken_down
from .telling import keep_true
from .undo import Undone, last_decided, nothing_to_undo, undo

__all__ = [
    "CLEARANCE_WORDS",
    "EVENT_WORDS",
    "LOOKED_AT",
    "PLACES",
    "SHAPES",
    "STATE_WORDS",
    "Alike",
    "Asked",
    "Assigned",
    "BothEdited",
    "Commented",
    "DateChanged",
    "Decision",
    "Difference",
    "Edited",
    "Entry",
    "Filed",
    "FiledAlready",
    "Mail",
    "Merged",
    "Met",
    "NoSuchCalendar",
    "NoSuchDate",
    "NoSuchLand",
    "Published",
    "Shown",
    "Shows",
    "TakenDown",
    "Undone",
    "Upload",
    "Version",
    "Wanted",
    "Withdrawn",
    "Words",
    "accept",
    "add",
    "add_mail",
    "alike",
    "alike_in",
    "ask",
    "ask_own_change",
    "assign",
    "assigned_by_name",
    "assigned_to",
    "begin_typing",
    "box_of",
    "cancel_date",
    "change_own_date",
    "comes_out",
    "comment",
    "comments_of",
    "crop",
    "crop_of",
    "cut_out",
    "dates_changed_at",
    "dates_in",
    "decline",
    "decline_change",
    "defer",
    "diff",
    "digest_due",
    "edit",
    "end_typing",
    "history_keys",
    "invalidate_issues",
    "keep_true",
    "keep_uploaded",
    "last_decided",
    "late_for",
    "list_",
    "members_dates",
    "merge",
    "named",
    "nothing_to_undo",
    "picture_of",
    "picture_taken_down",
    "post_digest",
    "public_date",
    "public_dates",
    "publish",
    "read_mail",
    "remove_files",
    "restore",
    "revisions",
    "set_picture",
    "show",
    "take_down",
    "take_over",
    "taken_down",
    "typing_on",
    "undo",
    "upload",
    "upload_link",
    "uploaded",
    "uploading",
    "wanted_of",
    "withdraw",
    "withdraw_own",
    "without_rights",
]
