"""Messages as a spam filter sees them: SpamAssassin's local rules, where it is installed.

Nobody is asked over the net, nothing is learnt, no file is written. It takes a second or two,
so only somebody who waits at a terminal has it asked.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from email import message_from_bytes

from newsletter.checks.spam import Spam

_PROGRAM = "spamassassin"
_OPTIONS = (
    *("--local", "--mbox", "--nocreate-prefs", f"--prefspath={os.devnull}"),
    *("--cf=use_bayes 0", "--cf=use_auto_whitelist 0"),
    "--cf=add_header all Scores _TESTSSCORES(,)_",
)
_FROM = b"From newsletter@localhost Thu Jan  1 00:00:00 1970\n"
_RULE = re.compile(r"(\w+)=(-?\d+(?:\.\d+)?)")


def installed() -> bool:
    """Whether this machine has one."""
    return shutil.which(_PROGRAM) is not None


def judged(messages: Sequence[bytes], seconds: float = 20) -> dict[str, Spam]:
    """What it says of each message, by Message-ID; one process for all of them.

    None that is missing was judged: no filter is here, it failed, or took longer.
    """
    box = b"".join(_FROM + _in_a_box(each) + b"\n\n" for each in messages)
    try:
        done = subprocess.run(  # noqa: S603 - always the same words
            [_PROGRAM, *_OPTIONS],
            input=box,
            capture_output=True,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    parts = re.split(rb"(?m)^From .*\n", done.stdout)[1:]
    found = (message_from_bytes(each) for each in parts)
    return {str(each["Message-ID"]).strip(): _spam(str(each["X-Spam-Scores"])) for each in found}


def _in_a_box(message: bytes) -> bytes:
    return re.sub(rb"(?m)^(?=>*From )", b">", message.replace(b"\r\n", b"\n"))


def _spam(scores: str) -> Spam:
    return Spam({name: float(points) for name, points in _RULE.findall(scores)})
