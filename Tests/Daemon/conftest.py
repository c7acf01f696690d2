"""Fixtures: the real binary, a scripted upstream, and a relay made of both."""

import contextlib
import pathlib
import socket
from collections.abc import Sequence

import pytest

from support import protocols, ways
from support.client import Client, Response
from support.daemon import BINARY, Daemon
from support.fields import Fields
from support.notify import NotifySocket
from support.upstream import Exchange, Upstream


def pytest_sessionstart():
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is not built; `make build`, or name one in CLAUDE_PROXY_BINARY")


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> ways.Authority:
    authority = ways.Authority(tmp_path_factory.mktemp("authority"))
    authority.sign("good")
    return authority


@pytest.fixture
def way(request) -> ways.Way:
    """How the upstream is reached: without TLS, unless a test is `over` more ways."""
    name = getattr(request, "param", ways.PLAIN)
    return ways.named(name, lambda: request.getfixturevalue("authority"))


@pytest.fixture
def upstream(way):
    upstream = Upstream(way)
    yield upstream
    upstream.close()


@pytest.fixture
def folder(tmp_path_factory) -> pathlib.Path:
    """Short enough for the path of a unix socket."""
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def start(folder):
    """Starts daemons and ends them with the test. Settings go into its file, `env` into its environment."""
    with starting(folder) as start:
        yield start


@contextlib.contextmanager
def starting(folder: pathlib.Path):
    running: list[Daemon] = []

    def start(
        settings: dict[str, str] | str = "",
        env: dict[str, str] | None = None,
        sockets: dict[str, socket.socket] | None = None,
        notify: NotifySocket | None = None,
        inherited: Sequence[socket.socket] = (),
        through: Sequence[str] = (),
    ) -> Daemon:
        config = folder / f"claude-proxy-{len(running)}.env"
        place = {} if sockets else {"HOST": "127.0.0.1", "PORT": "0"}
        daemon = Daemon(config, settings, {**place, **(env or {})}, sockets, notify, inherited, through)
        running.append(daemon)
        return daemon

    with contextlib.ExitStack() as ends:
        yield start
        for daemon in running:
            ends.callback(daemon.end)


@pytest.fixture
def notify(folder) -> NotifySocket:
    return NotifySocket(folder / "notify")


class Relay:
    """A daemon in front of a scripted upstream of one protocol."""

    def __init__(self, protocol: protocols.Protocol, daemon: Daemon, upstream: Upstream):
        self.protocol = protocol
        self.daemon = daemon
        self.upstream = upstream

    def client(self, **options) -> Client:
        return self.daemon.client(**options)

    def post(self, client: Client, *fields: tuple[str, str], body: bytes | None = None, stream=False) -> None:
        body = self.protocol.body(stream) if body is None else body
        client.request("POST", self.protocol.path, self.protocol.fields(*fields), body)

    def ask(
        self, *fields: tuple[str, str], body: bytes | None = None, reply=None
    ) -> tuple[Exchange, Response]:
        """One whole exchange; `reply` answers it, by default with the protocol's plain reply."""
        with self.client() as client:
            self.post(client, *fields, body=body)
            exchange = self.upstream.take()
            (reply or self.reply)(exchange)
            return exchange, client.response()

    def reply(self, exchange: Exchange, status: int = 200, fields: Fields = ()) -> None:
        exchange.reply(status, self.protocol.reply, [protocols.JSON, *fields])

    def open_stream(self, client: Client, *fields: tuple[str, str]) -> Exchange:
        """A stream whose head the upstream has sent."""
        self.post(client, *fields, stream=True)
        exchange = self.upstream.take()
        exchange.start_stream()
        return exchange


@pytest.fixture
def relay_of(start, upstream):
    """Builds a relay of one protocol, with more settings if need be."""

    def relay_of(protocol: protocols.Protocol, notify: NotifySocket | None = None, **settings: str) -> Relay:
        settings = {**protocol.settings(upstream), **upstream.way.settings, **settings}
        daemon = start(settings, notify=notify)
        return Relay(protocol, daemon, upstream)

    return relay_of


@pytest.fixture(params=protocols.BOTH, ids=protocols.named)
def relay(request, relay_of) -> Relay:
    return relay_of(request.param)
