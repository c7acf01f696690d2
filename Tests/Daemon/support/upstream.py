"""A scripted upstream on raw sockets, or on TLS over them.

It records each request byte for byte and hands it to the test as an `Exchange`, which the test then answers
piece by piece (`take`), or answers by itself with a script (`answer`). Questions for its list of models,
which the daemon asks on its own, are answered aside (`catalogue`) and disturb no count.
"""

import contextlib
import dataclasses
import fcntl
import queue
import select
import socket
import ssl
import termios
import threading
from collections.abc import Callable

from . import sockets
from .fields import Fields, Head, spell
from .waiting import DEADLINE, eventually
from .ways import Way
from .wire import Body, Ended, Reader, reset

ESTABLISHED = 1
FIN_WAIT1 = 4
"""We have closed, which the other side's kernel has not yet confirmed."""
CLOSED = 7
"""After a reset, for one; what was never confirmed is counted even then."""


@dataclasses.dataclass
class Request:
    head: Head
    body: bytes

    @property
    def method(self) -> str:
        return self.head.first.split(" ")[0]

    @property
    def target(self) -> str:
        return self.head.first.split(" ")[1]


class Exchange:
    """One recorded request, and the means to answer it. All is to be said before the answer is `finish`ed."""

    def __init__(self, sock: socket.socket, request: Request, says_goodbye: bool = False):
        self.sock = sock
        self.request = request
        self.says_goodbye = says_goodbye
        self.finished = threading.Event()
        self.keep = True

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def head(self, status: int, fields: Fields) -> None:
        self.send(f"HTTP/1.1 {status} Scripted\r\n".encode() + spell(fields) + b"\r\n")

    def reply(self, status: int, body: bytes, fields: Fields = ()) -> None:
        """A whole answer, after which the connection stays open."""
        length = [("Content-Length", str(len(body)))]
        head = f"HTTP/1.1 {status} Scripted\r\n".encode() + spell([*fields, *length]) + b"\r\n"
        self.send(head + body)
        self.finish()

    def start_stream(self, fields: Fields = ()) -> None:
        self.head(
            200,
            [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked"), *fields],
        )

    def piece(self, data: bytes) -> None:
        self.send(b"%x\r\n%s\r\n" % (len(data), data))

    def end_stream(self) -> None:
        self.send(b"0\r\n\r\n")
        self.finish()

    def finish(self) -> None:
        """The answer is complete; the connection serves the next request."""
        self.finished.set()

    def close(self) -> None:
        """An orderly end of the connection, wherever the answer stands."""
        self.keep = False
        self.half_close()
        self.finish()

    def half_close(self) -> None:
        if self.says_goodbye:
            say_goodbye(self.sock)
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        self.keep = False
        reset(self.sock)
        self.finish()

    def sees_close(self, deadline: float = DEADLINE) -> bool:
        """Waits until the other side has closed or reset the connection; false if it did not in time."""
        poll = select.poll()
        poll.register(self.sock, select.POLLRDHUP)
        return bool(poll.poll(deadline * 1000))

    def is_left(self) -> bool:
        """Reads what still comes, of which there may be megabytes, until the other side has closed."""
        with contextlib.suppress(OSError):
            self.sock.settimeout(DEADLINE)
            while self.sock.recv(1 << 20):
                pass
        return not is_open(self.sock)

    def pour(self, data: bytes, patience: float = 1.0) -> int:
        """Sends until the other side takes nothing for `patience` seconds; says how much it took."""
        poll = select.poll()
        poll.register(self.sock, select.POLLOUT | select.POLLRDHUP)
        sent = 0
        view = memoryview(data)
        with not_waiting(self.sock):
            while sent < len(data) and poll.poll(patience * 1000):
                with contextlib.suppress(BlockingIOError, ssl.SSLWantWriteError):
                    sent += self.sock.send(view[sent : sent + 65536])
        return sent

    def has_arrived(self) -> bool:
        """Waits until the other side's kernel has all that was sent, the end of the connection included."""
        return eventually(lambda: not is_under_way(self.sock))


Script = Callable[[Exchange], None]


def no_catalogue(exchange: Exchange) -> None:
    exchange.reply(404, b'{"error":{"message":"no list"}}', [("Content-Type", "application/json")])


class Upstream:
    """The listener, its connections and what they have received."""

    def __init__(self, way: Way | None = None):
        self.way = way or Way("plain")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.accepted: list[socket.socket] = []
        self.requests: list[Request] = []
        self.connections: list[socket.socket] = []
        """Those that have brought a request."""
        self.catalogue: Script = no_catalogue
        self.catalogue_requests: list[Request] = []
        self.waiting: queue.Queue[Exchange] = queue.Queue()
        self.script: Script | None = None
        self.on_head: Script | None = None
        """Is shown each request before its body is read; the answer may be complete after it."""
        self.place: socket.socket | None = None
        self.is_closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, path: str) -> str:
        scheme = "https" if self.way.context else "http"
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def answer(self, script: Script) -> None:
        """From now on each request is answered by `script`."""
        self.script = script

    def take(self, deadline: float = DEADLINE) -> Exchange:
        """The next request; the test answers it."""
        return self.waiting.get(timeout=deadline)

    def open_connections(self) -> int:
        return sum(1 for sock in self.connections if is_open(sock))

    def has_no_connections(self, deadline: float = DEADLINE) -> bool:
        return eventually(lambda: self.open_connections() == 0, deadline)

    def vanish(self) -> None:
        """From now on connections are refused; the port stays taken until the end of the test."""
        self.close()
        self.place = sockets.refusing(self.port)

    def close(self) -> None:
        self.is_closing = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self.accepted:
            sock.close()
        if self.place:
            self.place.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                if self.is_closing:
                    return
                raise
            sock.settimeout(DEADLINE * 10)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        if self.way.context:
            with contextlib.suppress(OSError):
                self._talk(self._shake_hands(sock))
        else:
            self._talk(sock)

    def _shake_hands(self, sock: socket.socket) -> ssl.SSLSocket:
        secure = self.way.context.wrap_socket(sock, server_side=True)
        self.accepted.append(secure)
        return secure

    def _talk(self, sock: socket.socket) -> None:
        reader = Reader(sock)
        with contextlib.suppress(OSError, Ended):
            while self._serve_one(sock, reader):
                pass
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        # Whoever runs for hours needs the descriptor again.
        sock.close()

    def _serve_one(self, sock: socket.socket, reader: Reader) -> bool:
        """Whether the connection goes on."""
        head = reader.head()
        if head.get("expect"):
            sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        exchange = Exchange(sock, Request(head, b""), self.way.says_goodbye)
        if self.on_head and not is_for_catalogue(exchange.request):
            self._count(exchange)
            self.on_head(exchange)
            exchange.finished.wait()
            return exchange.keep
        empty = not head.get("content-length") and not head.get("transfer-encoding")
        exchange.request.body = Body(reader, head, empty).rest()
        self._hand_out(exchange)
        exchange.finished.wait()
        return exchange.keep

    def _count(self, exchange: Exchange) -> None:
        self.requests.append(exchange.request)
        if exchange.sock not in self.connections:
            self.connections.append(exchange.sock)

    def _hand_out(self, exchange: Exchange) -> None:
        request = exchange.request
        if is_for_catalogue(request):
            self.catalogue_requests.append(request)
            self.catalogue(exchange)
            return
        self._count(exchange)
        if self.script:
            self.script(exchange)
        else:
            self.waiting.put(exchange)


def is_for_catalogue(request: Request) -> bool:
    return request.method == "GET" and request.target.partition("?")[0].endswith("/models")


def say_goodbye(sock: ssl.SSLSocket) -> None:
    """Sends close_notify, unless that has been done, and awaits none."""
    with contextlib.suppress(OSError, ValueError), not_waiting(sock):
        sock.unwrap()


@contextlib.contextmanager
def not_waiting(sock: socket.socket):
    patience = sock.gettimeout()
    sock.settimeout(0)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            sock.settimeout(patience)


def is_under_way(sock: socket.socket) -> bool:
    """Whether something that was sent has not arrived yet."""
    try:
        if state(sock) == CLOSED:
            return False
        unconfirmed = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
        return unconfirmed != b"\0\0\0\0" or state(sock) == FIN_WAIT1
    except (OSError, ValueError):
        return False


def is_open(sock: socket.socket) -> bool:
    """Whether the other side still holds its end."""
    try:
        return state(sock) == ESTABLISHED
    except OSError:
        return False


def state(sock: socket.socket) -> int:
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
