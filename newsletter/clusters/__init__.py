"""The member register and its access links."""

from .access import (
    Access,
    LinkOver,
    UnknownLink,
    add_person,
    by_key,
    by_link,
    deactivate,
    hand_over,
    key,
    link,
    people_of,
    remove_person,
    revoke,
    send_link,
    want_calls,
)
from .facts import UnreadableFile
from .members import NoSuchCluster, all_, find, get, origin_of
from .register import Imported, add, import_file, import_rows
from .ways_in import Wish, decline, grant, request_access, requests, send_links, understood_wish

__all__ = [
    "Access",
    "Imported",
    "LinkOver",
    "NoSuchCluster",
    "UnknownLink",
    "UnreadableFile",
    "Wish",
    "add",
    "add_person",
    "all_",
    "by_key",
    "by_link",
    "deactivate",
    "decline",
    "find",
    "get",
    "grant",
    "hand_over",
    "import_file",
    "import_rows",
    "key",
    "link",
    "origin_of",
    "people_of",
    "remove_person",
    "request_access",
    "requests",
    "revoke",
    "send_link",
    "send_links",
    "understood_wish",
    "want_calls",
]
