"""The member register and its access links."""

from .access import (
    Access,
    LinkOver,
    UnknownLink,
    add_person,
    by_key,
    by_link,
    deactivate,
    key,
    link,
    people_of,
    remove_person,
    send_link,
)
from .facts import UnreadableFile
from .members import NoSuchCluster, all_, find, get, origin_of
from .register import Imported, add, import_file, import_rows

__all__ = [
    "Access",
    "Imported",
    "LinkOver",
    "NoSuchCluster",
    "UnknownLink",
    "UnreadableFile",
    "add",
    "add_person",
    "all_",
    "by_key",
    "by_link",
    "deactivate",
    "find",
    "get",
    "import_file",
    "import_rows",
    "key",
    "link",
    "origin_of",
    "people_of",
    "remove_person",
    "send_link",
]
