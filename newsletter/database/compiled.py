"""A statement written with SQLAlchemy, as a driver takes it: text, and values in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Executable

Processor = Callable[[Any], Any] | None
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement for one kind of database; it may have no IN that expands.

    ``order``: its parameters by place; None if they have names. ``fixed`` are ready, ``open``
    wait for values.
    """

    sql: str
    order: Sequence[str] | None
    fixed: dict[str, Any]
    open: dict[str, Processor]

    @classmethod
    def of(
        cls, statement: Executable, dialect: Dialect, columns: Sequence[str] | None = None
    ) -> "Compiled":
        """``columns``: those that an INSERT fills; any other has a constant default, or none."""
        compiled: Any = statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        sql = str(compiled)
        if "POSTCOMPILE" in sql:
            raise AssertionError("what is compiled once cannot have an IN that expands")
        defaults = {each.key: each.default.arg for each in compiled.insert_prefetch or ()}
        fixed: dict[str, Any] = {}
        open_: dict[str, Processor] = {}
        for bind, name in compiled.bind_names.items():
            processor = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                open_[name] = processor
            else:
                value = defaults.get(name, bind.value)
                fixed[name] = processor(value) if processor else value
        return cls(sql, compiled.positiontup, fixed, open_)

    def bound(self, values: Values) -> list[Any] | dict[str, Any]:
        """As the driver takes them; KeyError if one is missing."""
        found = self.fixed | {
            name: processor(values[name]) if processor else values[name]
            for name, processor in self.open.items()
        }
        return found if self.order is None else [found[name] for name in self.order]
