"""Reading HTTP/1.1 from a socket, for the client's side and the upstream's alike."""

import socket

from .fields import Head
from .waiting import DEADLINE

READ_SIZE = 1 << 16


class Ended(Exception):
    """The peer closed, or reset, where more had to come."""


class Reader:
    """Buffered reading with a deadline on each read."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.buffer = b""

    def fill(self) -> bool:
        """Waits for more bytes; false at the end of the stream."""
        more = self.sock.recv(READ_SIZE)
        self.buffer += more
        return bool(more)

    def need(self) -> None:
        if not self.fill():
            raise Ended(f"closed after {self.buffer[:200]!r}")

    def through(self, token: bytes) -> bytes:
        start = 0
        while (at := self.buffer.find(token, start)) < 0:
            start = max(0, len(self.buffer) - len(token) + 1)
            self.need()
        at += len(token)
        taken, self.buffer = self.buffer[:at], self.buffer[at:]
        return taken

    def exactly(self, count: int) -> bytes:
        parts = []
        while count > len(self.buffer):
            parts.append(self.buffer)
            count -= len(self.buffer)
            self.buffer = b""
            self.need()
        parts.append(self.buffer[:count])
        self.buffer = self.buffer[count:]
        return b"".join(parts)

    def head(self) -> Head:
        return Head.parse(self.through(b"\r\n\r\n"))


class Body:
    """A body as it arrives. `clean` tells whether it came to its own end."""

    def __init__(self, reader: Reader, head: Head, empty: bool = False):
        self.reader = reader
        self.clean = False
        self.pending = b""
        self.chunked = not empty and "chunked" in (head.get("transfer-encoding") or "")
        length = head.get("content-length")
        self.left = 0 if empty else None if self.chunked or length is None else int(length)
        if self.left == 0:
            self.clean = True

    def piece(self) -> bytes:
        """The next bytes, as few as there are; b"" at the end, which may be clean or not."""
        if self.pending:
            taken, self.pending = self.pending, b""
            return taken
        if self.clean:
            return b""
        try:
            return self._chunk() if self.chunked else self._plain()
        except (Ended, ConnectionError):
            return b""

    def _chunk(self) -> bytes:
        size = int(self.reader.through(b"\r\n").split(b";")[0], 16)
        if size == 0:
            while self.reader.through(b"\r\n") != b"\r\n":
                pass
            self.clean = True
            return b""
        data = self.reader.exactly(size)
        if self.reader.exactly(2) != b"\r\n":
            raise AssertionError("a chunk does not end with CRLF")
        return data

    def _plain(self) -> bytes:
        if not self.reader.buffer and not self.reader.fill():
            self.clean = self.left is None
            return b""
        take = len(self.reader.buffer) if self.left is None else min(self.left, len(self.reader.buffer))
        data = self.reader.exactly(take)
        if self.left is not None:
            self.left -= take
            self.clean = self.left == 0
        return data

    def through(self, token: bytes) -> bytes:
        """All up to and including `token`; what came after it stays for the next call."""
        data = b""
        while (at := data.find(token)) < 0:
            piece = self.piece()
            if not piece:
                raise Ended(f"the body ended before {token!r}: {data[-200:]!r}")
            data += piece
        at += len(token)
        self.pending = data[at:] + self.pending
        return data[:at]

    def rest(self) -> bytes:
        return b"".join(iter(self.piece, b""))


def family(address: tuple[str, int] | str) -> socket.AddressFamily:
    if isinstance(address, str):
        return socket.AF_UNIX
    return socket.AF_INET6 if ":" in address[0] else socket.AF_INET


def connect(address: tuple[str, int] | str, receive_buffer: int | None = None) -> socket.socket:
    """A TCP connection to (host, port), or a unix one to a path."""
    sock = socket.socket(family(address))
    sock.settimeout(DEADLINE)
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect(address)
    if not isinstance(address, str):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def reset(sock: socket.socket) -> None:
    """Closes with a reset instead of a FIN."""
    if sock.family == socket.AF_INET:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
    sock.close()
