"""The programs of tests/peers, one process for all that a test asks of them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PEERS = Path(__file__).parent / "peers"
INSTALLED = Path(__file__).parents[1] / ".venv" / "peers" / "node_modules"


def asked(script: str, *arguments: str, of: Any = None) -> Any:
    """What a script of tests/peers answers, as JSON."""
    assert INSTALLED.is_dir(), "make peers installs what the mails are compared with"
    done = subprocess.run(
        [str(Path(sys.executable).with_name("node")), str(PEERS / script), *arguments],
        input=json.dumps(of),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
