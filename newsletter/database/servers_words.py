"""What a PostgreSQL server says at the door, in the languages that we expect of it.

A connection that was never made carries no SQLSTATE, only words: the driver's, or the
server's in its own language (English and German; of others we say that it refuses).
"""

import re

_KINDS = (
    (r"database .* does not exist|Datenbank .* existiert nicht", "no_database"),
    (
        r"password|Passwort|pg_hba|[Aa]uthenti|role .* does not exist|Rolle .* existiert nicht"
        r"|permission denied for database|not permitted to log in",
        "login",
    ),
    (r"invalid .*(option|value)|unrecognized|could not parse", "address"),
    (r"FATAL|too many|starting up|shutting down|recovery", "busy"),
)


def kind_of(said: str) -> str:
    """no_database, login, address, busy; or away, if no server answered at all."""
    return next((kind for words, kind in _KINDS if re.search(words, said)), "away")
