"""Clients that bring their own keys: nothing of one is ever another's."""

import concurrent.futures
import dataclasses

import pytest

from support.protocols import BACKEND, CHAT, MESSAGES
from support.secrets import MARK, OTHER_KEY

LISTED = ("x-api-key", OTHER_KEY)


def key_of(number: int) -> str:
    return f"sk-{MARK}-{number}"


@pytest.fixture(params=[CHAT, BACKEND], ids=["dynamic", "forward"])
def relay(request, relay_of):
    own = dataclasses.replace(request.param, upstream_key=None)
    return relay_of(own, ALLOWED_API_KEYS=OTHER_KEY, GUNICORN_WORKERS="4")


@pytest.fixture(params=[CHAT, MESSAGES], ids=["relayed", "translated"])
def client_protocol(request):
    return request.param


def counters(relay) -> dict:
    return relay.daemon.ask("GET", "/metrics?format=json", [LISTED]).json()


def ask(relay, protocol, number: int):
    fields = protocol.fields(("authorization", f"Bearer {key_of(number)}"))
    return relay.daemon.ask("POST", protocol.path, fields, protocol.body())


def echoing(exchange) -> None:
    """An upstream that answers each key with its own error, words and cookie."""
    key = exchange.request.head.get("authorization").removeprefix("Bearer ")
    number = int(key.rpartition("-")[2])
    cookie = ("Set-Cookie", f"session={key}")
    if number % 3 == 0:
        error = {
            "message": f"refused {number}.",
            "type": "invalid_request_error",
            "param": None,
            "code": None,
        }
        body = b'{"error":' + str(error).replace("'", '"').replace("None", "null").encode() + b"}"
        return exchange.reply(400, body, [("Content-Type", "application/json"), cookie])
    body = CHAT.reply.replace(f"and the {MARK} was answered".encode(), f"answered {number}.".encode())
    return exchange.reply(200, body, [("Content-Type", "application/json"), cookie])


def test_sixty_keys_at_once_lose_nothing_and_see_nothing_of_each_other(relay, client_protocol):
    relay.upstream.answer(echoing)
    with concurrent.futures.ThreadPoolExecutor(60) as pool:
        responses = list(pool.map(lambda number: ask(relay, client_protocol, number), range(1, 61)))
    for number, response in zip(range(1, 61), responses, strict=True):
        word = f"refused {number}." if number % 3 == 0 else f"answered {number}."
        assert response.status == (400 if number % 3 == 0 else 200)
        assert word.encode() in response.body
        assert response.get("set-cookie") is None and MARK.encode() not in response.body
    sent = sorted(request.head.get("authorization") for request in relay.upstream.requests)
    assert sent == sorted(f"Bearer {key_of(number)}" for number in range(1, 61))
    assert all(request.head.get("cookie") is None for request in relay.upstream.requests)
    counted = counters(relay)
    assert counted["clients_created"] == 60 and counted["cached_clients"] == 50
    assert counted["clients_evicted"] == 10 and counted["clients_in_use"] == 0


def test_a_stream_outlives_fifty_other_keys(relay, client_protocol):
    with relay.client() as client:
        fields = client_protocol.fields(("authorization", f"Bearer {key_of(0)}"))
        client.request("POST", client_protocol.path, fields, client_protocol.body(stream=True))
        exchange = relay.upstream.take()
        exchange.start_stream()
        exchange.piece(CHAT.event)
        head = client.head()
        relay.upstream.answer(
            lambda other: other.reply(200, CHAT.reply, [("Content-Type", "application/json")])
        )
        for number in range(1, 52):
            assert ask(relay, client_protocol, number).status == 200
        counted = counters(relay)
        assert counted["cached_clients"] == 50 and counted["clients_evicted"] == 2
        assert counted["clients_in_use"] == 1
        exchange.piece(CHAT.event.replace(b"REPLY", b"the end of it"))
        exchange.piece(CHAT.last)
        exchange.end_stream()
        assert b"the end of it" in client.body(head).rest()
    assert counters(relay)["clients_evicted"] == 2


def test_a_key_that_the_upstream_refuses_makes_no_record(relay, client_protocol):
    relay.upstream.answer(
        lambda exchange: exchange.reply(
            401, b'{"error":{"message":"no"}}', [("Content-Type", "application/json")]
        )
    )
    for number in range(1, 5):
        assert ask(relay, client_protocol, number).status == 401
    counted = counters(relay)
    assert counted["clients_created"] == 0 and counted["cached_clients"] == 0
    assert counted["cache_misses"] == 4


def test_a_key_that_comes_again_is_a_hit(relay, client_protocol):
    relay.upstream.answer(lambda other: other.reply(200, CHAT.reply, [("Content-Type", "application/json")]))
    for _ in range(4):
        assert ask(relay, client_protocol, 7).status == 200
    counted = counters(relay)
    assert (counted["cache_misses"], counted["cache_hits"], counted["clients_created"]) == (1, 3, 1)
