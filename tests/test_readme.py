"""The README's ten commands, exactly as they stand there, against a separate SMTP server."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """The first code block after a sentence."""
    return README.partition(after)[2].split("```")[1].strip()


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """The README's mail server on a free port, as a process of its own; what it prints."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = block("it prints what it is handed:").replace("1025", str(port)).split()
    assert command[0] == ".venv/bin/python"
    printed = tmp_path / "printed"
    with (
        printed.open("wb") as out,
        subprocess.Popen(
            [sys.executable, *command[1:]],
            stdout=out,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        ) as server,
    ):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, printed
        server.terminate()


def test_the_ten_commands_send_an_issue(mail_server: tuple[int, Path], tmp_path: Path) -> None:
    port, printed = mail_server
    commands = block("Then, in the checkout, after `make setup`:").replace("1025", str(port))
    assert len(re.findall(r"^newsletter ", commands, re.MULTILINE)) == 10
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "examples").symlink_to(CHECKOUT / "examples")
    (checkout / ".venv").symlink_to(Path(sys.executable).parent.parent)
    clean = {name: value for name, value in os.environ.items() if "NEWSLETTER" not in name}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=checkout,
        env=clean,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 übergeben" in done.stdout
    mails = printed.read_text(encoding="utf-8", errors="replace")
    assert mails.count("List-Unsubscribe-Post: ") == 40
    assert mails.count("---------- MESSAGE FOLLOWS ----------") == 40 + 2  # the editors' account
    assert mails.count("Leitfaden zur Zusammenarbeit") >= 40
