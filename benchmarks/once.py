"""One dispatch in a process of its own, measured from its first statement to its last.

    python -m benchmarks.once HOME RELAY

prints a line of JSON: seconds, CPU seconds of the process, peak memory, messages.
"""

import json
import resource
import sys
import threading
import time
from pathlib import Path

from newsletter import database, schedule

from .homes import settings_of


def _memory() -> int:
    """Octets in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


def _watch(seen: list[tuple[float, int]], done: threading.Event, start: float) -> None:
    while not done.wait(1.0):
        seen.append((round(time.perf_counter() - start, 1), _memory()))


def main() -> None:
    """Send what is due."""
    home, relay = Path(sys.argv[1]), sys.argv[2]
    settings = settings_of(home, relay)
    engine = database.connect(settings.database_url)
    before, cpu, start = _memory(), time.process_time(), time.perf_counter()
    seen: list[tuple[float, int]] = []
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(seen, done, start), daemon=True)
    watcher.start()
    began: list[float] = []  # when the audience was fixed

    def tell(_sentence: str) -> None:
        began.append(time.perf_counter() - start)

    sent = schedule.send_what_is_due(engine, settings, tell=tell)
    took = {
        "seconds": time.perf_counter() - start,
        "audience": began[1] if len(began) > 1 else 0.0,
        "cpu": time.process_time() - cpu,
        "before": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "messages": sent.copies,
        "trouble": str(sent.trouble or ""),
    }
    done.set()
    watcher.join()
    print(json.dumps({**took, "memory": seen}))


if __name__ == "__main__":
    main()
