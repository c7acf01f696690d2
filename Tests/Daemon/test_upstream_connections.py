"""Connections to upstreams: when one is used again, and what happens if it turns out to be dead."""

import queue

import pytest

from conftest import Relay
from support import protocols, ways
from support.upstream import Exchange
from support.waiting import DEADLINE

pytestmark = pytest.mark.parametrize("way", ways.ALL, indirect=True)

ENDS = {"close": Exchange.close, "reset": Exchange.reset}
ending = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
LARGE = "x" * 8_000_000
"""More than fits between the two ends."""


@pytest.fixture
def relay(relay_of):
    return relay_of(protocols.CHAT, GUNICORN_WORKERS="1", MAX_RETRIES="0", ENABLE_CIRCUIT_BREAKER="false")


def reply(relay, exchange: Exchange) -> None:
    """A whole answer, after which there may be more to say."""
    body = relay.protocol.reply
    exchange.head(200, [protocols.JSON, ("Content-Length", str(len(body)))])
    exchange.send(body)


def idle(relay) -> Exchange:
    """The last exchange of a connection that is idle now, at the daemon's end."""
    exchange, response = relay.ask(reply=lambda exchange: reply(relay, exchange))
    assert (response.status, response.body) == (200, relay.protocol.reply)
    return exchange


def is_answered(relay) -> None:
    _, response = relay.ask()
    assert (response.status, response.body, response.clean) == (200, relay.protocol.reply, True), response


@ending
def test_a_connection_that_ended_while_idle_is_not_used_again(relay, end):
    for number in range(1, 4):
        exchange = idle(relay)
        end(exchange)
        assert exchange.has_arrived()
        assert len(relay.upstream.requests) == len(relay.upstream.connections) == number
    is_answered(relay)
    assert len(relay.upstream.requests) == len(relay.upstream.connections) == 4


@ending
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_request_that_meets_the_end_of_a_used_connection_goes_out_once_more(relay, end, stream):
    idle(relay).finish()
    with relay.client() as client:
        relay.post(client, stream=stream)
        lost = relay.upstream.take()
        end(lost)
        again = relay.upstream.take()
        relay.reply(again)
        response = client.response()
    assert (response.status, response.body, response.clean) == (200, relay.protocol.reply, True)
    assert again.request.head.raw == lost.request.head.raw
    assert again.request.body == lost.request.body == relay.protocol.body(stream)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (3, 2)


@ending
def test_a_large_request_goes_out_whole_again(relay, end):
    idle(relay).finish()
    body = relay.protocol.body(prompt="x" * 2_000_000)
    with relay.client() as client:
        relay.post(client, body=body)
        end(relay.upstream.take())
        again = relay.upstream.take()
        relay.reply(again)
        assert client.response().status == 200
    assert again.request.body == body


@ending
def test_a_request_that_meets_the_end_of_a_new_connection_does_not_go_out_again(relay, end):
    with relay.client() as client:
        relay.post(client)
        end(relay.upstream.take())
        response = client.response()
    assert response.status == 502
    assert "the connection to the upstream broke" in relay.protocol.error(response)["message"]
    is_answered(relay)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (2, 2)


@ending
def test_a_request_goes_out_once_more_and_not_again(relay, end):
    idle(relay).finish()
    with relay.client() as client:
        relay.post(client)
        end(relay.upstream.take())
        end(relay.upstream.take())
        response = client.response()
    assert response.status == 502
    relay.protocol.error(response)
    is_answered(relay)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (4, 3)


BEGUN = {
    "the head's first line": b"HTTP/1.1 200 OK\r\n",
    "an interim answer": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "the head": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
}


@ending
@pytest.mark.parametrize("begun", BEGUN.values(), ids=BEGUN.keys())
def test_a_request_whose_answer_has_begun_does_not_go_out_again(relay, end, begun):
    idle(relay).finish()
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        exchange.send(begun)
        assert exchange.has_arrived()
        end(exchange)
        response = client.response()
    assert response.status == 502
    relay.protocol.error(response)
    is_answered(relay)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (3, 2)


@ending
def test_a_request_finds_its_way_past_several_connections_that_end(relay, end):
    clients = [relay.client() for _ in range(2)]
    for client in clients:
        relay.post(client)
    for exchange in [relay.upstream.take() for _ in clients]:
        relay.reply(exchange)
    for client in clients:
        assert client.response().status == 200
        client.close()
    old = list(relay.upstream.connections)

    def script(exchange: Exchange) -> None:
        end(exchange) if exchange.sock in old else relay.reply(exchange)

    relay.upstream.answer(script)
    with relay.client() as client:
        relay.post(client)
        assert client.response().status == 200
    assert len(relay.upstream.connections) == 3


def test_as_many_connections_as_requests_at_once_and_no_more(relay):
    count = 5
    for _ in range(3):
        clients = [relay.client() for _ in range(count)]
        for client in clients:
            relay.post(client)
        for exchange in [relay.upstream.take() for _ in clients]:
            relay.reply(exchange)
        for client in clients:
            assert client.response().status == 200
            client.close()
    assert len(relay.upstream.connections) == count


EARLY = {
    "its connection stays": lambda exchange: None,
    "its connection ends": Exchange.half_close,
}


@pytest.mark.parametrize("then", EARLY.values(), ids=EARLY.keys())
@pytest.mark.parametrize("status", [413, 529])
def test_an_error_that_comes_before_the_request_was_read_reaches_the_client(relay, then, status):
    """The upstream reads no byte of the body, so that it is never sent to its end."""
    refused = b'{"error":{"message":"not this one"}}'
    refusals: queue.Queue[Exchange] = queue.Queue()

    def refuse(exchange: Exchange) -> None:
        length = ("Content-Length", str(len(refused)))
        exchange.head(status, [protocols.JSON, length, ("Connection", "close")])
        exchange.send(refused)
        then(exchange)
        refusals.put(exchange)

    relay.upstream.on_head = refuse
    with relay.client() as client:
        relay.post(client, body=relay.protocol.body(prompt=LARGE))
        response = client.response()
    assert (response.status, response.body) == (status, refused)
    refusal = refusals.get(timeout=DEADLINE)
    assert refusal.is_left()
    refusal.finish()
    relay.upstream.on_head = None
    is_answered(relay)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (2, 2)


def framed(relay, body: bytes) -> list:
    def measured(exchange: Exchange) -> None:
        exchange.head(200, [protocols.JSON, ("Content-Length", str(len(body)))])
        exchange.send(body)
        exchange.finish()

    def in_chunks(exchange: Exchange) -> None:
        exchange.head(200, [protocols.JSON, ("Transfer-Encoding", "chunked")])
        for at in range(0, len(body), 70_000):
            exchange.piece(body[at : at + 70_000])
        exchange.end_stream()

    def until_close(exchange: Exchange) -> None:
        exchange.head(200, [protocols.JSON])
        exchange.send(body)
        exchange.close()

    return [measured, in_chunks, until_close]


def test_a_reader_that_is_slow_gets_5_mb_whole_however_they_end(relay):
    body = b'{"a":"%s"}' % (b"slowly" * 850_000)
    for script in framed(relay, body):
        relay.upstream.answer(script)
        with relay.client(receive_buffer=4096) as client:
            relay.post(client)
            head = client.head()
            # Another one's answer passes it by.
            relay.upstream.answer(relay.reply)
            with relay.client() as other:
                relay.post(other)
                assert other.response().body == relay.protocol.reply
            data = client.body(head)
            assert data.rest() == body
            assert data.clean


def test_an_end_that_comes_after_the_clients_own_is_awaited(relay):
    """A translated stream is over with its last event. Its connection is used again once that is over too."""
    other = Relay(protocols.MESSAGES_OVER_CHAT, relay.daemon, relay.upstream)
    with relay.client() as client:
        other.post(client, stream=True)
        exchange = relay.upstream.take()
        exchange.start_stream()
        exchange.piece(relay.protocol.told("all", stream=True))
        response = client.response()
        assert (response.status, response.clean) == (200, True)
    exchange.end_stream()
    assert exchange.has_arrived()
    is_answered(relay)
    assert len(relay.upstream.connections) == 1


def test_a_head_that_begins_with_a_folded_line_harms_nobody(relay):
    """libcurl before 8.1 writes where the field before it once was, be it another answer's."""
    for _ in range(10):
        is_answered(relay)
        exchange, response = relay.ask(
            reply=lambda exchange: exchange.send(b"HTTP/1.1 200 OK\r\n X: y\r\nContent-Length: 2\r\n\r\n{}")
        )
        assert response.status == 502
        assert "no valid HTTP" in relay.protocol.error(response)["message"]
        exchange.close()
