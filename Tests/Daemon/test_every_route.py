"""Every route, with no key and with a wrong one, on TCP, on nginx's socket and on the admin's."""

import dataclasses
import re

import pytest

from support import sockets
from support.client import Client, Response
from support.daemon import ROOT
from support.protocols import CHAT, MESSAGES, Protocol
from support.secrets import CLIENT_KEY, SERVER_KEY, WRONG_KEY

KEYS = {
    "none": [],
    "wrong": [("x-api-key", WRONG_KEY)],
    "wrong bearer": [("Authorization", f"Bearer {WRONG_KEY}")],
    "forwarded": [("X-Forwarded-For", "127.0.0.1"), ("X-Real-IP", "127.0.0.1"), ("Host", "localhost")],
}
LISTENERS = ["tcp", "nginx", "admin"]


@dataclasses.dataclass(frozen=True)
class Way:
    """A route, and who may use it without a valid key: nobody, the admin, anybody."""

    method: str
    path: str
    open_to: str
    protocol: Protocol = CHAT
    elsewhere: int = 401
    """The status where it is not open."""

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def is_open_on(self, listener: str) -> bool:
        return self.open_to == "anybody" or self.open_to == listener


WAYS = [
    Way("POST", "/v1/chat/completions", "nobody"),
    Way("POST", "/openai/v1/chat/completions", "nobody"),
    Way("POST", "/openai/deployments/m/chat/completions?api-version=1", "nobody"),
    Way("POST", "/v1/messages", "nobody", MESSAGES),
    Way("POST", "/v1/messages?beta=true", "nobody", MESSAGES),
    Way("POST", "/v1/messages/count_tokens", "nobody", MESSAGES),
    Way("POST", "/v1/messages/count_tokens?beta=true", "nobody", MESSAGES),
    Way("GET", "/v1/models", "nobody"),
    Way("GET", "/v1/models/some-model", "nobody"),
    Way("GET", "/test-connection", "nobody"),
    Way("GET", "/metrics", "admin"),
    Way("GET", "/metrics?format=json", "admin"),
    Way("POST", "/admin/reload", "admin", elsewhere=404),
    Way("GET", "/health", "anybody"),
    Way("GET", "/livez", "anybody"),
    Way("GET", "/readyz", "anybody"),
    Way("GET", "/", "anybody"),
    Way("HEAD", "/", "anybody"),
    Way("HEAD", "/api/hello", "anybody"),
]


@pytest.fixture
def passed(folder):
    return {
        "claude-proxy.socket/0": sockets.tcp(),
        "claude-proxy.socket/1": sockets.unix(folder / "nginx.sock"),
        "admin": sockets.unix(folder / "admin.sock"),
    }


@pytest.fixture
def daemon(start, upstream, passed):
    settings = {
        **MESSAGES.settings(upstream),
        **CHAT.settings(upstream),
        "ALLOWED_API_KEYS": CLIENT_KEY,
        "UPSTREAM_API_KEY": SERVER_KEY,
    }
    return start(settings, sockets=passed)


@pytest.fixture(params=LISTENERS)
def listener(request, passed, daemon):
    socket = dict(zip(LISTENERS, passed.values(), strict=True))[request.param]
    return request.param, socket.getsockname()


def go(way: Way, address, fields) -> Response:
    body = way.protocol.body() if way.method == "POST" else None
    with Client(address) as client:
        return client.ask(way.method, way.path, [*way.protocol.fields(), *fields], body)


@pytest.mark.parametrize("key", KEYS)
def test_no_route_opens_without_a_valid_key_but_those_that_are_open(listener, upstream, key):
    name, address = listener
    for way in WAYS:
        response = go(way, address, KEYS[key])
        if way.is_open_on(name):
            assert response.status == 200, (way, response)
            continue
        assert response.status == way.elsewhere, (way, response)
        error = way.protocol.error_in(response.json(), request_id=way.protocol is MESSAGES)
        if way.elsewhere == 401:
            wanted = "authentication_error" if way.protocol is MESSAGES else "invalid_request_error"
            assert error["type"] == wanted, way
    assert upstream.requests == []


def test_what_health_shows_depends_on_the_listener_and_the_key_alone(passed, daemon):
    addresses = [listener.getsockname() for listener in passed.values()]
    way = Way("GET", "/health", "anybody")
    for address in addresses[:2]:
        for fields in KEYS.values():
            assert set(go(way, address, fields).json()) == {"status", "version"}
        assert len(go(way, address, [("x-api-key", CLIENT_KEY)]).json()) > 2
    assert len(go(way, addresses[2], []).json()) > 2


def test_the_walk_knows_every_path_of_the_routing_table():
    text = "".join(path.read_text() for path in sorted((ROOT / "Sources/Gateway").rglob("Route*.swift")))
    known = {way.path.partition("?")[0] for way in WAYS}
    paths = {path for path in re.findall(r'"(/[a-z0-9_/-]*)"', text) if not path.endswith("/") or path == "/"}
    assert len(paths) > 5
    assert paths <= known, paths - known
