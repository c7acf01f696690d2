"""What can go wrong with an upstream, and what the client sees of it."""

import time

import pytest

from support import protocols
from support.upstream import Exchange

PIECES = 3


def unreachable(relay, status: int) -> None:
    """Asks, and holds the answer to what is said of an upstream that gives none."""
    with relay.client() as client:
        relay.post(client, stream=True)
        response = client.response()
    assert response.status == status, response
    assert response.get("content-type").startswith("application/json")
    error = relay.protocol.error(response)
    assert error["type"] == TYPES[relay.protocol.name, status]
    assert "127.0.0.1" not in error["message"] and str(relay.upstream.port) not in error["message"]


TYPES = {
    ("messages", 502): "api_error",
    ("messages", 504): "timeout_error",
    ("chat", 502): "server_error",
    ("chat", 504): "server_error",
}


def test_a_refused_connection_is_502(relay):
    relay.upstream.vanish()
    unreachable(relay, 502)


def test_a_reset_before_the_head_is_502(relay):
    relay.upstream.answer(Exchange.reset)
    unreachable(relay, 502)


def test_a_close_before_the_head_is_502(relay):
    relay.upstream.answer(Exchange.close)
    unreachable(relay, 502)


def test_an_answer_that_is_not_http_is_502(relay):
    def nonsense(exchange: Exchange) -> None:
        exchange.send(b"220 mail.example ESMTP\r\n\r\n")
        exchange.close()

    relay.upstream.answer(nonsense)
    unreachable(relay, 502)


def test_no_first_byte_within_request_timeout_is_504(relay_of):
    for protocol in protocols.BOTH:
        relay = relay_of(protocol, REQUEST_TIMEOUT="1")
        started = time.monotonic()
        relay.upstream.answer(lambda exchange: None)
        unreachable(relay, 504)
        assert 0.9 < time.monotonic() - started < 10


def test_request_timeout_ends_with_the_first_byte(relay_of):
    """The stream is silent for longer than the time to its first byte may be."""
    relay = relay_of(protocols.MESSAGES, REQUEST_TIMEOUT="1")
    with relay.client() as client:
        exchange = relay.open_stream(client)
        body = client.body(client.head())
        assert not exchange.sees_close(1.5)
        exchange.piece(relay.protocol.events(1))
        exchange.end_stream()
        assert (body.rest(), body.clean) == (relay.protocol.events(1), True)


def stream_broken_by(relay, breaking) -> tuple[bytes, bool]:
    """What the client got of a stream of whole events, and whether it ended as if all were well."""
    with relay.client() as client:
        exchange = relay.open_stream(client)
        events = relay.protocol.events(PIECES).removesuffix(relay.protocol.last)
        exchange.piece(events)
        body = client.body(client.head())
        seen = b"".join(body.through(b"\n\n") for _ in range(PIECES))
        assert seen == events
        breaking(exchange)
        rest = body.rest()
        return rest, body.clean


BREAKING = {
    "close": lambda exchange: exchange.close(),
    "reset": lambda exchange: exchange.reset(),
    "bad chunk": lambda exchange: (exchange.send(b"nonsense\r\n"), exchange.close()),
}


@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING.keys())
def test_a_truncated_stream_ends_with_an_error_frame_and_never_cleanly(relay, breaking):
    rest, clean = stream_broken_by(relay, breaking)
    error = relay.protocol.error_frame(rest)
    assert not clean
    if relay.protocol.name == "chat":
        assert (error["type"], error["code"]) == ("server_error", "upstream_truncated")


def test_the_error_frame_of_a_stream_cut_within_an_event_stands_alone(relay):
    """The half event is not completed by ours: an empty line comes between."""
    with relay.client() as client:
        exchange = relay.open_stream(client)
        exchange.piece(relay.protocol.events(2)[:-7])
        body = client.body(client.head())
        exchange.close()
        rest = body.rest()
    relay.protocol.error_frame(rest)
    assert not body.clean


def test_a_silent_stream_ends_with_an_error_frame_after_stream_idle_timeout(relay_of):
    relay = relay_of(protocols.CHAT, STREAM_IDLE_TIMEOUT="1")
    with relay.client() as client:
        exchange = relay.open_stream(client)
        exchange.piece(relay.protocol.event)
        body = client.body(client.head())
        rest = body.rest()
    relay.protocol.error_frame(rest)
    assert not body.clean
    assert exchange.sees_close()


@pytest.mark.parametrize("breaking", [Exchange.close, Exchange.reset], ids=["close", "reset"])
def test_a_truncated_plain_reply_never_looks_whole(relay, breaking):
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        exchange.head(200, [protocols.JSON, ("Content-Length", "1000")])
        exchange.send(b'{"half":')
        breaking(exchange)
        response = client.response()
    assert not response.clean or response.status == 502


def test_retry_after_of_an_error_is_kept(relay):
    def busy(exchange: Exchange) -> None:
        exchange.reply(529, b'{"error":1}', [("retry-after", "31")])

    _, response = relay.ask(reply=busy)
    assert (response.status, response.get("retry-after")) == (529, "31")


def test_a_connection_the_upstream_has_closed_meanwhile_costs_no_request(relay):
    """The pooled connection is stale; no byte of the request was answered, so a new connection is tried."""
    for _ in range(5):
        exchange, response = relay.ask()
        assert response.status == 200
        exchange.sock.shutdown(2)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed_by_anybody(relay, status):
    """Passed on, it would make the client send its key to wherever it points."""
    elsewhere = relay.upstream.url("/elsewhere")
    _, response = relay.ask(reply=lambda exchange: exchange.reply(status, b"", [("Location", elsewhere)]))
    assert response.status == 502
    assert response.get("location") is None
    assert len(relay.upstream.requests) == 1


def test_interim_answers_of_an_upstream_are_passed_over(relay):
    def hinting(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
        relay.reply(exchange)

    _, response = relay.ask(reply=hinting)
    assert (response.status, response.body) == (200, relay.protocol.reply)
