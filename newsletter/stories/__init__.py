"""The stock: items that may be shown again, above all success stories, for quieter months.

``keeping``  keep, drop: with terms, and the company's yes to exactly this text
``finding``  search, show: by words, cluster, Land, field, kind
``reuse``    may it be shown on that day? (pure)   ``standing``  what issues must know of it
"""

from .finding import Query, Stocked, search, show
from .keeping import NoneInStock, Terms, drop, keep
from .reuse import why_not
from .standing import in_stock, refusals

__all__ = [
    "NoneInStock",
    "Query",
    "Stocked",
    "Terms",
    "drop",
    "in_stock",
    "keep",
    "refusals",
    "search",
    "show",
    "why_not",
]
