"""What stands at the other end: Postfix's test programs, and a Postfix that queues."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

TLS = Path(__file__).resolve().parent.parent / "tests" / "tls"


class Missing(Exception):
    """Something of the system is not there; the message says what."""


def program(name: str) -> str:
    """Where one of Postfix's programs lies."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} was not found. Debian: sudo apt-get install postfix")
    return found


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait until somebody listens at a port."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process is not None and process.poll() is not None:
            break
        time.sleep(0.05)
    raise Missing(f"nothing answers at 127.0.0.1:{port}")


@contextmanager
def sink() -> Iterator[int]:
    """``smtp-sink``, which throws away what it gets; its port."""
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    words = [program("smtp-sink"), *user, f"127.0.0.1:{port}", "1000"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            answers(port, process)
            yield port
        finally:
            process.terminate()


def source(port: int, messages: int, octets: int, sessions: int = 8) -> float:
    """Seconds that ``smtp-source -d`` takes for so many messages of this size."""
    words = [program("smtp-source"), "-d", "-s", str(sessions), "-l", str(octets)]
    words += ["-m", str(messages), "-f", "weg@cluster.example", "-t", "leser@kunde.example"]
    start = time.perf_counter()
    subprocess.run([*words, f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - start


_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {commands}
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {tls}/relay.pem
smtpd_tls_key_file = {tls}/relay.pem
smtpd_tls_security_level = may
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def queueing_postfix() -> Iterator[int]:
    """A Postfix of our own that queues each message to the disk and then discards it; its port.

    Missing unless we are root: its parts want users of their own. The system's is not touched.
    """
    if os.geteuid() != 0:
        raise Missing("a queueing Postfix can only be started by root")
    daemons = Path("/usr/lib/postfix/sbin")
    if not daemons.is_dir():
        raise Missing("/usr/lib/postfix/sbin was not found. Debian: apt-get install postfix")
    port = free_port()
    with TemporaryDirectory(prefix="newsletter-postfix-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for part in ("etc", "queue", "data", "log"):
            (folder / part).mkdir()
        facts = {"folder": folder, "commands": Path(program("postfix")).parent, "port": port}
        facts |= {"daemons": daemons, "tls": TLS}
        (folder / "etc" / "main.cf").write_text(_MAIN.format(**facts))
        (folder / "etc" / "master.cf").write_text(_MASTER.format(**facts))
        shutil.chown(folder / "data", "postfix")
        postfix = [program("postfix"), "-c", str(folder / "etc")]
        subprocess.run([*postfix, "start"], check=True, stderr=subprocess.DEVNULL)
        try:
            answers(port)
            yield port
        finally:
            subprocess.run([*postfix, "stop"], check=False, stderr=subprocess.DEVNULL)
