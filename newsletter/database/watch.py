"""Has somebody committed meanwhile? For pages that show a change by themselves."""

from sqlalchemy import Connection, Engine

from .trouble import answering

_ASKED = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT pg_current_snapshot()::text",
}


class Mark:
    """Tells whether somebody has committed since it was read last; cheap, for watching.

    It holds a connection of its own until it is closed.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def read(self) -> object:
        """Something that differs after others' commit, or even without one. DatabaseAway."""
        try:
            with answering(self._engine):
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    asked = _ASKED[self._engine.dialect.name]
                    return self._connection.exec_driver_sql(asked).scalar()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
