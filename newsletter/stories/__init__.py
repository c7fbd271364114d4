"""The stock: items that may be shown again, above all success stories, for quieter months.

``keeping``  keep, drop, put_back, forget: with terms, and the company's yes to exactly this text
``finding``  search, show: by words, cluster, Land, field, kind
``reuse``    may it be shown on that day? (pure)   ``standing``  what issues must know of it
"""

from .finding import Query, Stocked, search, show
from .keeping import NoneInStock, Terms, drop, forget, keep, put_back
from .reuse import STATE_WORDS, why_not
from .standing import agreed, in_stock, refusals

__all__ = [
    "STATE_WORDS",
    "NoneInStock",
    "Query",
    "Stocked",
    "Terms",
    "agreed",
    "drop",
    "forget",
    "in_stock",
    "keep",
    "put_back",
    "refusals",
    "search",
    "show",
    "why_not",
]
