"""Readers: sign-up, confirmation, goodbye, lists; the one caller of subscribers.lifecycle.

verbs     what people and editors do
tickets   the signed links in readers' mails
lists     a CSV file -> rows, or a sentence at its line
goodbyes  the journal beside the database: who has left has left, whatever is restored
views     what pages and commands show of a reader
preferences what a reader settles on their own page
relations what binds a person to a newsletter, now or at an earlier moment
"""

from subscribers.lifecycle import CONFIRM_WITHIN, Confirmation
from subscribers.models import EditionChoice

from .goodbyes import replay as replay_goodbyes
from .lists import Refusal, Sheet, read_csv
from .preferences import (
    Read,
    Settled,
    Wishes,
    ask_link,
    ask_link_again,
    edition_name,
    leave_some,
    resume_due,
    settle,
    wishes,
)
from .relations import Relation, relation
from .tickets import (
    BadLink,
    confirmation_in,
    form_served_at,
    form_token,
    goodbye_in,
    name_of,
    preferences_in,
    preferences_url,
    unsubscribe_url,
)
from .verbs import (
    Goodbye,
    Report,
    add,
    batches,
    checked,
    confirm,
    erase,
    expire_pending,
    import_csv,
    import_rows,
    known,
    record_import,
    sign_up,
    unsubscribe,
    unsubscribe_address,
)
from .views import (
    Awaited,
    Face,
    Standing,
    Waits,
    awaited,
    counts,
    face,
    find,
    listening,
    of_newsletter,
    standing,
)

__all__ = [
    "CONFIRM_WITHIN",
    "Awaited",
    "BadLink",
    "Confirmation",
    "EditionChoice",
    "Face",
    "Goodbye",
    "Read",
    "Refusal",
    "Relation",
    "Report",
    "Settled",
    "Sheet",
    "Standing",
    "Waits",
    "Wishes",
    "add",
    "ask_link",
    "ask_link_again",
    "awaited",
    "batches",
    "checked",
    "confirm",
    "confirmation_in",
    "counts",
    "edition_name",
    "erase",
    "expire_pending",
    "face",
    "find",
    "form_served_at",
    "form_token",
    "goodbye_in",
    "import_csv",
    "import_rows",
    "known",
    "leave_some",
    "listening",
    "name_of",
    "of_newsletter",
    "preferences_in",
    "preferences_url",
    "read_csv",
    "record_import",
    "relation",
    "replay_goodbyes",
    "resume_due",
    "settle",
    "sign_up",
    "standing",
    "unsubscribe",
    "unsubscribe_address",
    "unsubscribe_url",
    "wishes",
]
