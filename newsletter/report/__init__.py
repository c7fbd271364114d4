"""Numbers for the ministry: what appeared in a year, a quarter or a month, for whom, how fast.

``period``  „2026-Q4“ -> from when until when (pure)
``counting``  figures kept of issues -> counts and durations (pure)
``fetching``  reads the issues of a period, in one transaction
``page``  the report as a page: plots with a table beside each       ``sheet``  as CSV
"""

from .counting import Count, Phase, Report, Sent
from .fetching import fetch
from .page import page
from .period import Period, period
from .sheet import sheet

__all__ = ["Count", "Period", "Phase", "Report", "Sent", "fetch", "page", "period", "sheet"]
