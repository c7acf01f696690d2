"""A client that says exactly what a test wants and sees exactly what comes back."""

import dataclasses
import json
import socket

from . import secrets
from .fields import Fields, Head, spell
from .secrets import REPLY
from .wire import Body, Ended, Reader, connect, reset


@dataclasses.dataclass
class Response:
    head: Head
    body: bytes
    clean: bool

    @property
    def status(self) -> int:
        return self.head.status

    def get(self, name: str) -> str | None:
        return self.head.get(name)

    def json(self):
        return json.loads(self.body)


class Client:
    """One connection."""

    def __init__(self, address, receive_buffer: int | None = None):
        self.sock = connect(address, receive_buffer)
        self.reader = Reader(self.sock)
        self.asked = ""

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def request(self, method: str, target: str, fields: Fields = (), body: bytes | None = None) -> None:
        self.asked = f"{method} {target}"
        self.send(spell_request(method, target, fields, body))

    def head(self) -> Head:
        """The next response's head, past any interim ones."""
        head = self.reader.head()
        while head.status == 100:
            head = self.reader.head()
        return head

    def body(self, head: Head, method: str = "POST") -> Body:
        return Body(self.reader, head, empty=method == "HEAD" or head.status in (204, 304))

    def response(self, method: str = "POST") -> Response:
        head = self.head()
        body = self.body(head, method)
        response = Response(head, body.rest(), body.clean)
        if response.status >= 400 or not self.asked.startswith("POST"):
            # Equal protocols: what an upstream says in an error of its own is relayed as it stands.
            secrets.search(self.asked, (head.raw + response.body).replace(REPLY.encode(), b""))
        return response

    def ask(self, method: str, target: str, fields: Fields = (), body: bytes | None = None) -> Response:
        self.request(method, target, fields, body)
        return self.response(method)

    def sees_close(self) -> bool:
        """Waits for the other side's close; false if bytes come instead."""
        try:
            return not self.reader.buffer and not self.reader.fill()
        except ConnectionError:
            return True

    def half_close(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        reset(self.sock)


def spell_request(method: str, target: str, fields: Fields = (), body: bytes | None = None) -> bytes:
    fields = list(fields)
    names = {name.lower() for name, _ in fields}
    if "host" not in names:
        fields.insert(0, ("Host", "proxy.test"))
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        fields.append(("Content-Length", str(len(body))))
    return f"{method} {target} HTTP/1.1\r\n".encode() + spell(fields) + b"\r\n" + (body or b"")


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


__all__ = ["Client", "Ended", "Response", "chunked", "spell_request"]
