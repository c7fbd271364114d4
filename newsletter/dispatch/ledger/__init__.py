"""The ledger: one row per message, made before anything is sent; the only writer of these rows.

The road of a row (DESIGN §3 has every arrow)
    open_issue, fill_audience, start_sending    one row per reader, queued
    wake        what became due again, expired, or was stopped
    claim       takes a few rows, letters first; durable before anything is done with them
    intend      says "sending", committed; only what it returns may go out
    settle      writes what came of it, under the row's own claim
    put_back    until a moment of its own (a provider's limit)
    release, recover    give rows back that were claimed and not sent, or whose sender died
    finished, close     the sums of an issue, kept
    unclear, resend, leave      a person decides about rows that may have arrived

At worst one message per open connection is ``unknown`` when our process dies: its final dot
may have gone out, and the answer was never read. A person decides; a letter is sent once more
by itself. Machine death: at worst the rows that were claimed.
"""

from .audience import fill_audience, listening, open_issue, opening, recipients_of, start_sending
from .claims import Claim, claim, fail, intend, intend_all, release, sendable, skip
from .closing import by_reason, close, finished, reopen, skipped_why, sums
from .deciding import SILENT_FOR, Unclear, first_silent, leave, resend, unclear, undecided
from .due import REPEAT_LETTER_AFTER, Due, lately, next_due, skip_stopped, wake
from .measuring import Measured, by_domain, listening_by_domain, measured, rate
from .moments import (
    accepted_since,
    keep_throttles,
    lately_to,
    next_moment,
    next_try,
    put_back,
    throttles,
)
from .people import Copy, copies, copy_of
from .quick import Quick
from .refusals import BRAKE, began, refusals
from .rows import AT_ONCE, MADE_AT_ONCE, InHand, Keys, Row, key_of
from .settling import Settled, adopt, recover, settle, settle_all

__all__ = [
    "AT_ONCE",
    "BRAKE",
    "MADE_AT_ONCE",
    "REPEAT_LETTER_AFTER",
    "SILENT_FOR",
    "Claim",
    "Copy",
    "Due",
    "InHand",
    "Keys",
    "Measured",
    "Quick",
    "Row",
    "Settled",
    "Unclear",
    "accepted_since",
    "adopt",
    "began",
    "by_domain",
    "by_reason",
    "claim",
    "close",
    "copies",
    "copy_of",
    "fail",
    "fill_audience",
    "finished",
    "first_silent",
    "intend",
    "intend_all",
    "keep_throttles",
    "key_of",
    "lately",
    "lately_to",
    "leave",
    "listening",
    "listening_by_domain",
    "measured",
    "next_due",
    "next_moment",
    "next_try",
    "open_issue",
    "opening",
    "put_back",
    "rate",
    "recipients_of",
    "recover",
    "refusals",
    "release",
    "reopen",
    "resend",
    "sendable",
    "settle",
    "settle_all",
    "skip",
    "skip_stopped",
    "skipped_why",
    "start_sending",
    "sums",
    "throttles",
    "unclear",
    "undecided",
    "wake",
]
