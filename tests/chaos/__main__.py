"""The long form: see the package's words."""

import argparse
import os
import platform
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.databases import KINDS

from .judge import Account
from .ordeal import Ordeal, relay
from .plan import drawn
from .worlds import made


def stand(kind: str, readers: int, kills: int, seed: int, talkative: bool) -> bool:
    """One plan on one database; whether every account is right."""
    said = f"{kind}: {readers} readers, {kills} kills, seed {seed}"
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{said} ({datetime.now(UTC):%Y-%m-%d}, {machine})")
    began = time.monotonic()

    def tell(line: str) -> None:
        if talkative or not line.startswith("life") or line.split(":")[0].endswith("0"):
            print(f"  {time.monotonic() - began:6.1f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with made(kind, folder, readers) as world, relay(folder / "server.log", seed) as server:
            tell("the home is furnished")
            ordeal = Ordeal(drawn(seed, readers, kills, kind), world, server, tell)
            wrong = []

            def judged(when: str, *, resent: bool = False) -> Account:
                account = Account.of(world, server.log, ordeal.suffered, readers)
                wrong.extend(f"{when}: {each}" for each in account.findings(resent=resent))
                return account

            ordeal.carry_out()
            print(*(f"  {line}" for line in judged("in the end").report()), sep="\n")
            ordeal.copied_home()
            print("  a database from a backup:", judged("adopted").unclear())
            again = ordeal.resend_all()
            after = judged("sent again", resent=True)
            print(f"  a person had {again} sent again; then {after.in_words()}")
    print(*(f"  WRONG: {each}" for each in wrong), sep="\n", end="\n" if wrong else "")
    print(f"  {'failed' if wrong else 'all accounts agree'}, {time.monotonic() - began:.0f} s")
    return not wrong


def main() -> None:
    """Both databases, one after the other, or the one that is asked for."""
    asked = argparse.ArgumentParser(description="Kill the sender again and again, and count.")
    # a fast sender is through with 20,000 before the last kill
    asked.add_argument("--readers", type=int, default=24_000)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seed", type=int, default=None, help="draws the same plan again")
    asked.add_argument("--database", choices=KINDS, default=None)
    asked.add_argument("--talkative", action="store_true", help="a line for every life")
    given = asked.parse_args()
    seed = random.SystemRandom().randrange(10_000) if given.seed is None else given.seed
    kinds = [given.database] if given.database else KINDS
    good = [stand(kind, given.readers, given.kills, seed, given.talkative) for kind in kinds]
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
