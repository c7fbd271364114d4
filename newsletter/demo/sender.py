"""The real sender, as long as the story needs it."""

import asyncio
import threading

from newsletter import loop, schedule

from .stage import Stage

_LOOK_SECONDS = 0.2  # how long Ctrl-C waits


def until_empty(stage: Stage) -> None:
    """Send everything that is due now. OutsideTrouble if the mail server is away."""
    sent = schedule.send_what_is_due(stage.engine, stage.settings)
    if sent.trouble:
        raise sent.trouble


def until(stage: Stage, stop: threading.Event) -> None:
    """Keep sending what visitors cause, until told to stop."""
    loop.run(_keep_sending(stage, stop))


async def _keep_sending(stage: Stage, stop: threading.Event) -> None:
    ended = asyncio.Event()
    sending = asyncio.create_task(schedule.keep_sending(stage.engine, stage.settings, ended))
    while not stop.is_set() and not sending.done():
        await asyncio.sleep(_LOOK_SECONDS)
    ended.set()
    await sending
