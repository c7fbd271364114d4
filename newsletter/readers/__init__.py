"""Readers: sign-up, confirmation, goodbye, lists; the one caller of subscribers.lifecycle.

verbs     what people and editors do
tickets   the signed links in readers' mails
lists     a CSV file -> rows, or a sentence at its line
goodbyes  the journal beside the database: who has left has left, whatever is restored
views     what pages and commands show of a reader
relations what binds a person to a newsletter, now or at an earlier moment
"""

from subscribers.lifecycle import CONFIRM_WITHIN, Confirmation

from .goodbyes import replay as replay_goodbyes
from .lists import Refusal, Sheet, read_csv
from .relations import Relation, relation
from .tickets import (
    BadLink,
    confirmation_in,
    form_served_at,
    form_token,
    goodbye_in,
    name_of,
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
    "Face",
    "Goodbye",
    "Refusal",
    "Relation",
    "Report",
    "Sheet",
    "Standing",
    "Waits",
    "add",
    "awaited",
    "batches",
    "checked",
    "confirm",
    "confirmation_in",
    "counts",
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
    "listening",
    "name_of",
    "of_newsletter",
    "read_csv",
    "record_import",
    "relation",
    "replay_goodbyes",
    "sign_up",
    "standing",
    "unsubscribe",
    "unsubscribe_address",
    "unsubscribe_url",
]
