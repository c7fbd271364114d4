"""What is to be expected of an issue before it starts, from the settings and the lists."""

from sqlmodel import Session

from newsletter.settings import Settings

from . import ledger, pace, progress
from .progress import Estimate


def estimate(session: Session, settings: Settings, newsletter: str, count: int) -> Estimate | None:
    """How long so many addresses of a newsletter will take; None if nobody can know."""
    sending = settings.sending
    limits = pace.limits_over(sending, settings.relays)
    slowest = None
    if sending.providers:
        domains = ledger.listening_by_domain(session, newsletter)
        slowest = progress.slowest_provider(domains, sending.providers)
    unlimited = not limits and slowest is None
    measured = ledger.measured(session) if unlimited else None
    return progress.estimate(count, limits, measured, slowest)
