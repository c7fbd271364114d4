"""kill -9 at random moments under a mail server that lies: the accounts agree all the same.

The short form of ``make chaos`` (tests/chaos): a dozen lives, each ended by kill -9.
"""

from pathlib import Path

import pytest

from tests.chaos.judge import Account
from tests.chaos.ordeal import Ordeal, relay
from tests.chaos.plan import Trial, drawn
from tests.chaos.tempers import FATES, fate, stream, temper
from tests.chaos.worlds import ServerWorld, World, furnish

READERS, KILLS, SEED = 420, 11, 4
# test_commands_running has a second sender, which takes its time to start. On PostgreSQL the
# server is everybody's here; test_database_away restarts one of its own.
SPARED = {
    "sqlite": frozenset({Trial.SECOND}),
    "postgresql": frozenset({Trial.SECOND, Trial.RESTART, Trial.POWER}),
}


def test_whatever_happens_nobody_is_lost_and_nobody_gets_a_second_copy(
    home: Path, tmp_path: Path
) -> None:
    furnish(home, READERS)
    sqlite = (home / "newsletter.sqlite").exists()
    world = (World if sqlite else ServerWorld)(home)
    plan = drawn(SEED, READERS, KILLS, world.kind, SPARED[world.kind])
    told: list[str] = []
    with relay(tmp_path / "server.log", SEED) as server:
        ordeal = Ordeal(plan, world, server, told.append)
        ordeal.carry_out()
        account = Account.of(world, server.log, ordeal.suffered, READERS)
        world.close()
    findings = list(account.findings())
    assert not findings, "\n".join([*findings, *told, *account.report()])
    assert ordeal.suffered.kills >= 10, "\n".join(told)
    assert account.unanswered, "the server was too kind to prove anything"
    assert ordeal.suffered.gone


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_seed_draws_the_same_plan_again_and_another_seed_another(kind: str) -> None:
    plan = drawn(7, 20_000, 200, kind)
    assert plan == drawn(7, 20_000, 200, kind)
    assert plan != drawn(8, 20_000, 200, kind)
    assert len(plan.lives) == 200
    gone = [number for life in plan.lives for number in (*life.goodbyes, *life.erasures)]
    assert len(gone) == len(set(gone))


def test_the_mail_server_behaves_the_same_for_the_same_seed_and_does_all_it_can() -> None:
    def lived(seed: int) -> list[object]:
        chance = stream(seed, 1, 1)
        return [temper(chance), *(fate(chance) for _ in range(20_000))]

    assert lived(7) == lived(7) != lived(8)
    assert {each for _, each in FATES} <= set(lived(7))
