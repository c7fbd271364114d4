"""A name server on loopback that knows a few mail exchangers, and says so by UDP."""

import socketserver
import threading
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class _Answers(socketserver.BaseRequestHandler):
    server: "NameServer"

    def handle(self) -> None:
        data, sock = self.request
        question = dns.message.from_wire(data)
        asked = question.question[0].name
        domain = asked.to_text(omit_final_dot=True).lower()
        self.server.asked.append(domain)
        if self.server.silent:
            return
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA
        hosts = self.server.exchangers.get(domain)
        if hosts is None:
            answer.set_rcode(dns.rcode.SERVFAIL if self.server.broken else dns.rcode.NXDOMAIN)
        else:
            lines = [f"{10 * place} {host}." for place, host in enumerate(hosts, 1)]
            answer.answer.append(dns.rrset.from_text(asked, 300, "IN", "MX", *lines))
        sock.sendto(answer.to_wire(), self.client_address)


class NameServer(socketserver.ThreadingUDPServer):
    """``with NameServer({"verein.example": ["mx.post.example"]}) as dns: dns.address``."""

    daemon_threads = True

    def __init__(self, exchangers: Mapping[str, Sequence[str]]) -> None:
        self.exchangers = exchangers
        self.asked: list[str] = []
        self.silent = self.broken = False
        super().__init__(("127.0.0.1", 0), _Answers)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
