"""A name server on loopback that knows a few mail exchangers and texts, and says so by UDP."""

import socketserver
import threading
from collections.abc import Mapping, Sequence
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
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
        if question.question[0].rdtype == dns.rdatatype.TXT:
            self._texts(answer, domain)
            sock.sendto(answer.to_wire(), self.client_address)
            return
        hosts = self.server.exchangers.get(domain)
        if hosts is None:
            answer.set_rcode(dns.rcode.SERVFAIL if self.server.broken else dns.rcode.NXDOMAIN)
        else:
            lines = [f"{10 * place} {host}." for place, host in enumerate(hosts, 1)]
            answer.answer.append(dns.rrset.from_text(asked, 300, "IN", "MX", *lines))
        sock.sendto(answer.to_wire(), self.client_address)

    def _texts(self, answer: dns.message.Message, domain: str) -> None:
        """A name above one that there is exists, though it says nothing itself."""
        texts = self.server.texts
        if self.server.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not any(name == domain or name.endswith(f".{domain}") for name in texts):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif lines := [f'"{text}"' for text in texts.get(domain, ())]:
            answer.answer.append(dns.rrset.from_text(domain + ".", 300, "IN", "TXT", *lines))


class NameServer(socketserver.ThreadingUDPServer):
    """``with NameServer({"verein.example": ["mx.post.example"]}) as dns: dns.address``."""

    daemon_threads = True

    def __init__(
        self,
        exchangers: Mapping[str, Sequence[str]],
        texts: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.exchangers, self.texts = exchangers, texts or {}
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
