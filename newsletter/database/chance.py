"""Randomness that the database draws itself, for rows that it makes by the thousand."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class RandomHex(FunctionElement[str]):
    """32 hexadecimal digits, drawn anew for each row; at least 122 bits of them are random."""

    type = String()
    inherit_cache = True


@compiles(RandomHex, "sqlite")
def _sqlite(_element: RandomHex, _compiler: Any, **_: Any) -> str:
    return "hex(randomblob(16))"


@compiles(RandomHex, "postgresql")
def _postgresql(_element: RandomHex, _compiler: Any, **_: Any) -> str:
    return "replace(CAST(gen_random_uuid() AS text), '-', '')"
