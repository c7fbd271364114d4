"""What our mails are compared with: packages of npm, pinned by their hashes."""

import json
from pathlib import Path

import pytest

PEERS = Path(__file__).parent / "peers"


@pytest.mark.sqlite("reads a file")
def test_the_lock_of_the_peers_holds_hashes_and_no_address() -> None:
    written = (PEERS / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in written
    packages = {name: it for name, it in json.loads(written)["packages"].items() if name}
    without = [name for name, it in packages.items() if not it["integrity"].startswith("sha512-")]
    assert not without
    wanted = json.loads((PEERS / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert wanted == {name: packages[f"node_modules/{name}"]["version"] for name in wanted}
