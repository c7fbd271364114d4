"""Whether somebody else's page is there: asked for its head only, many at once, in bounded time."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from enum import StrEnum
from urllib.parse import urlsplit

from . import guard
from .errors import NotOpened, NotReached

ALTOGETHER = 12.0  # seconds for all pages
_ONE = 6.0  # seconds for one, redirects included
_AT_ONCE, _PER_HOST = 8, 2
_HOPS = 4
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})

# What a server says to a method: its status, and where else the page is said to be.
Answer = tuple[int, str]
Ask = Callable[[guard.Target, str], Awaitable[Answer]]


class Reach(StrEnum):
    """What became of asking for a page."""

    THERE = "there"  # also where a server lets no program in: it knows the page
    GONE = "gone"  # its own server says so
    BROKEN = "broken"  # its server fails, or sends on for ever
    SILENT = "silent"  # nobody answers from here, there is no such host, its certificate is wrong


async def all_of(urls: Iterable[str], ask: Ask, seconds: float = ALTOGETHER) -> dict[str, Reach]:
    """What became of each page; of those we do not open, or had no time for, nothing is said."""
    gate = asyncio.Semaphore(_AT_ONCE)
    hosts: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_HOST))
    found: dict[str, Reach] = {}

    async def one(url: str) -> None:
        async with hosts[urlsplit(url).hostname or ""], gate:
            reach = await _reached(url, ask)
        if reach is not None:
            found[url] = reach

    tasks = [asyncio.create_task(one(url)) for url in dict.fromkeys(urls)]
    if tasks:
        __, late = await asyncio.wait(tasks, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return found


async def _reached(url: str, ask: Ask) -> Reach | None:
    try:
        async with asyncio.timeout(_ONE):
            return await _followed(url, ask)
    except NotOpened:
        return None
    except (NotReached, TimeoutError):
        return Reach.SILENT


async def _followed(url: str, ask: Ask) -> Reach:
    at = guard.target(url)
    for __ in range(_HOPS):
        status, elsewhere = await ask(at, "HEAD")
        if status >= 400:  # some servers answer nothing but GET
            status, elsewhere = await ask(at, "GET")
        if status in _ELSEWHERE and elsewhere:
            at = guard.target(elsewhere, at.url)
            continue
        if status in _GONE:
            return Reach.GONE
        return Reach.BROKEN if status >= 500 else Reach.THERE
    return Reach.BROKEN
