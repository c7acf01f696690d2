"""A network of its own, and what clients do in it."""

import contextlib
import ctypes
import pathlib
import socket

from .web import Connection, Reply

Address = int | str
"""A port of its loopback, or the path of a unix socket in the file system of its first process."""

CLONE_NEWNET = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


class Network:
    """The network that a process lives in."""

    def __init__(self, leader: int):
        self.leader = leader

    def file(self, path: str) -> pathlib.Path:
        """A file of its first process, seen from here."""
        return pathlib.Path(f"/proc/{self.leader}/root{path}")

    def connect(self, address: Address, source: str = "127.0.0.1") -> socket.socket:
        """`source` is any address of its loopback, and has no say for a unix socket."""
        if isinstance(address, str):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(str(self.file(address)))
            return sock
        with self.inside_network():
            sock = socket.socket(socket.AF_INET)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", address))
        return sock

    @contextlib.contextmanager
    def inside_network(self):
        """A socket belongs to the network its thread was in when it was made."""
        with open("/proc/thread-self/ns/net") as home, open(f"/proc/{self.leader}/ns/net") as there:
            enter(there.fileno())
            try:
                yield
            finally:
                enter(home.fileno())

    def open(
        self, method: str, path: str, body: object = None, at: Address = 5000, **fields: str
    ) -> Connection:
        return Connection(self.connect(at), method, path, body, fields)

    def ask(self, method: str, path: str, body: object = None, at: Address = 5000, **fields: str) -> Reply:
        with self.open(method, path, body, at, **fields) as connection:
            return connection.reply()


def enter(namespace: int) -> None:
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
