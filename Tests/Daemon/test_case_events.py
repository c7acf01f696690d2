"""Cases that are no single exchange: time, silence, clients that leave, what the upstream publishes."""

import json
import re
import statistics
import time

import pytest

from support import protocols
from support.process import descriptors, resident_bytes
from support.protocols import CHAT, MESSAGES
from support.secrets import CLIENT_KEY, REPLY, SERVER_KEY
from support.upstream import Exchange
from support.vendors import (
    SPELLINGS,
    ChatSpelling,
    Turn,
    anthropic_vendor,
    openai_vendor,
    says_words,
)
from support.waiting import eventually

KEY = ("x-api-key", CLIENT_KEY)


@pytest.fixture(params=[MESSAGES, CHAT], ids=["messages", "chat"])
def crossed(request, start):
    """A daemon whose upstream speaks the other protocol."""
    vendor = openai_vendor() if request.param is MESSAGES else anthropic_vendor()
    names = ("OPENAI_BASE_URL", "OPENAI_API_KEY", "/v1")
    if request.param is CHAT:
        names = ("UPSTREAM_API_URL", "UPSTREAM_API_KEY", "/v1/messages")
    url, key, path = names
    settings = {url: vendor.url(path), key: SERVER_KEY, "ALLOWED_API_KEYS": CLIENT_KEY, "PING_INTERVAL": "1"}
    yield Crossed(start(settings), vendor, request.param)
    vendor.close()


class Crossed:
    def __init__(self, daemon, vendor, protocol):
        self.daemon, self.vendor, self.protocol = daemon, vendor, protocol

    def open_stream(self, client) -> Exchange:
        """A stream that has said its first words, on both sides."""
        exchanges = []
        self.vendor.says(self.begin(exchanges))
        client.request("POST", self.protocol.path, self.protocol.fields(KEY), self.protocol.body(stream=True))
        head = client.head()
        assert head.status == 200
        client.streamed = client.body(head)
        client.streamed.through(b"first")
        return exchanges[0]

    def begin(self, exchanges: list):
        def answer(exchange: Exchange, _: dict) -> None:
            exchanges.append(exchange)
            exchange.start_stream()
            for piece in self.first():
                exchange.piece(piece)

        return answer

    def first(self) -> list[bytes]:
        pieces = SPELLINGS[self.vendor.protocol].stream(Turn("first and last"))
        at = next(number for number, piece in enumerate(pieces) if says_words(piece))
        return pieces[: at + 1]


@pytest.mark.measured
def test_t52_health_answers_at_once_beside_twenty_streams(crossed):
    clients = [crossed.daemon.client() for _ in range(20)]
    for client in clients:
        crossed.open_stream(client)
    took = []
    for _ in range(10):
        begun = time.monotonic()
        assert crossed.daemon.ask("GET", "/health").status == 200
        took.append(time.monotonic() - begun)
    assert min(took) < 0.1
    for client in clients:
        client.reset()


def test_t111_silence_is_filled_with_pings(crossed):
    ping = b'event: ping\ndata: {"type":"ping"}\n\n' if crossed.protocol is MESSAGES else b": ping\n\n"
    with crossed.daemon.client() as client:
        exchange = crossed.open_stream(client)
        client.streamed.through(ping)
        client.streamed.through(ping)
        exchange.close()


@pytest.mark.measured
def test_t112_a_client_that_leaves_cancels_the_upstream(crossed):
    def leave(count: int, at_once: int = 50) -> list[float]:
        took = []
        for _ in range(0, count, at_once):
            clients = [crossed.daemon.client() for _ in range(at_once)]
            exchanges = [crossed.open_stream(client) for client in clients]
            begun = time.monotonic()
            for client in clients:
                client.reset()
            for exchange in exchanges:
                assert exchange.sees_close()
                took.append(time.monotonic() - begun)
                exchange.close()
        return took

    leave(100)
    before, held = resident_bytes(crossed.daemon.pid), len(descriptors(crossed.daemon.pid))
    took = leave(1000)
    assert statistics.median(took) < 1
    assert eventually(lambda: len(descriptors(crossed.daemon.pid)) <= held)
    assert resident_bytes(crossed.daemon.pid) < before + 8_000_000


# What the upstream publishes.


class Published:
    def __init__(self, start, upstream, *names: str, **settings: str):
        listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
        upstream.catalogue = lambda exchange: exchange.reply(
            200, json.dumps(listed).encode(), [protocols.JSON]
        )
        self.upstream = upstream
        backend = {"BACKEND_URL": upstream.url("/v1/chat/completions"), "OPENAI_API_KEY": SERVER_KEY}
        self.daemon = start({**backend, "ALLOWED_API_KEYS": CLIENT_KEY, **settings})
        assert eventually(lambda: set(names) <= set(self.known())), self.known()

    def known(self) -> list[str]:
        models = self.daemon.ask("GET", "/v1/models", [KEY]).json()
        return [model["id"] for model in models["data"]]

    def ask(self, model: str, stream: bool = False):
        body = MESSAGES.body(stream=stream, model=model)
        return self.daemon.ask("POST", "/v1/messages", MESSAGES.fields(KEY), body)


def test_t82_a_published_model_is_named_as_published(start, upstream):
    published = Published(start, upstream, "Org/Model-X")
    whole = json.dumps(ChatSpelling.whole(Turn(REPLY))).encode()
    upstream.answer(lambda exchange: exchange.reply(200, whole, [protocols.JSON]))
    response = published.ask("org/model-x")
    assert response.status == 200 and response.json()["model"] == "org/model-x"
    (request,) = upstream.requests
    assert json.loads(request.body)["model"] == "Org/Model-X"


NAMES = ["alpha/b", "Zeta/a", "alpha/c", "beta"]
COLUMNS = [["alpha/c", "alpha/b"], ["beta", "Zeta/a"]]
"""By the part before the slash, then by the part after it backwards; the first half stands on the left."""


def columns(listing: str) -> list[list[str]]:
    rows = [re.findall(r"SUB +(\S+)", line) for line in listing.splitlines()]
    return [list(column) for column in zip(*(row for row in rows if row), strict=True)]


def unknown(exchange: Exchange) -> None:
    exchange.reply(
        404, b'{"error":{"message":"no such model","type":"x","code":"model_not_found"}}', [protocols.JSON]
    )


def test_t131_a_model_nobody_has_is_404_with_those_there_are(start, upstream):
    published = Published(start, upstream, *NAMES)
    upstream.answer(unknown)
    response = published.ask("nobodys")
    assert response.status == 404
    error = MESSAGES.error(response)
    assert error["type"] == "not_found_error" and columns(error["message"]) == COLUMNS, error


def test_t131_the_listing_may_be_a_message(start, upstream):
    published = Published(start, upstream, *NAMES, MODEL_404_AS_MESSAGE="true")
    upstream.answer(unknown)
    response = published.ask("nobodys", stream=True)
    assert response.status == 200 and response.get("content-type").startswith("text/event-stream")
    frames = [
        json.loads(line[6:]) for line in response.body.decode().splitlines() if line.startswith("data: ")
    ]
    deltas = [frame["delta"]["text"] for frame in frames if frame["type"] == "content_block_delta"]
    assert columns("".join(deltas)) == COLUMNS
    assert frames[-1]["type"] == "message_stop"


@pytest.mark.measured
def test_t134_a_backend_that_is_down_delays_nothing(start, upstream):
    upstream.vanish()
    settings = {"BACKEND_URL": upstream.url("/v1/chat/completions"), "OPENAI_API_KEY": SERVER_KEY}
    started, answered = [], []
    for _ in range(3):
        daemon = start(settings)
        daemon.wait_for_log("listening on")
        started.append(time.monotonic() - daemon.started_at)
        begun = time.monotonic()
        assert daemon.ask("GET", "/health").status == 200
        answered.append(time.monotonic() - begun)
    assert min(started) < 1 and min(answered) < 0.1


def test_t142_a_bad_number_is_told_and_empty_ones_are_unset(start):
    daemon = start("UPSTREAM=demo\nPORT=abc\n", env={"PORT": ""})
    assert daemon.wait() == 1
    assert "PORT" in daemon.text and "abc" in daemon.text
    daemon = start({"UPSTREAM": "demo", "MAX_TOKENS_LIMIT": "", "LOG_LEVEL": ""})
    assert daemon.ask("GET", "/livez").status == 200
