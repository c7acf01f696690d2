"""Upstreams that break in every way, in both protocols, streaming or not: no clean end, no socket stays."""

import contextlib

import pytest

from support import protocols, ways
from support.upstream import Exchange
from support.waiting import eventually

CLOSED_WITHIN = 1.0


over_all_ways = pytest.mark.parametrize("way", ways.ALL, indirect=True)
over_both_ways = pytest.mark.parametrize("way", ways.BOTH, indirect=True)


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request) -> bool:
    return request.param


@pytest.fixture
def relay(relay_of, request, protocol):
    return relay_of(protocol, STREAM_IDLE_TIMEOUT="1", REQUEST_TIMEOUT="2", MAX_RETRIES="0")


@pytest.fixture(params=protocols.BOTH, ids=protocols.named)
def protocol(request):
    return request.param


def begin(exchange: Exchange, stream: bool, *fields: tuple[str, str]) -> None:
    if stream:
        exchange.start_stream(list(fields))
    else:
        exchange.head(200, [protocols.JSON, ("Transfer-Encoding", "chunked"), *fields])


def whole(relay, stream: bool) -> bytes:
    return relay.protocol.events(3) if stream else relay.protocol.reply


@pytest.fixture(
    params=[protocols.MESSAGES_OVER_CHAT, protocols.CHAT_OVER_MESSAGES], ids=["to chat", "to messages"]
)
def translating(relay_of, request):
    return relay_of(request.param, STREAM_IDLE_TIMEOUT="1", REQUEST_TIMEOUT="2", MAX_RETRIES="0")


def half(relay) -> bytes:
    """Some events of a stream in the upstream's protocol, which does not end."""
    if relay.protocol is protocols.CHAT_OVER_MESSAGES:
        return protocols.MESSAGES.opening + protocols.MESSAGES.event * 3
    return protocols.CHAT.event * 3


MIDWAY = {
    "reset": lambda exchange: exchange.reset(),
    "close": lambda exchange: exchange.close(),
    "bad chunk": lambda exchange: (exchange.send(b"zz\r\n"), exchange.close()),
    "half an event": lambda exchange: (exchange.piece(b'data: {"type":"content_bl'), exchange.close()),
}


def ask(relay, stream: bool, script) -> tuple:
    """What the client sees of an exchange that `script` answers."""
    with relay.client() as client:
        relay.post(client, stream=stream)
        exchange = relay.upstream.take()
        with contextlib.suppress(OSError):
            script(exchange)
        response = client.response()
    return exchange, response


def is_told(relay, response, stream: bool) -> None:
    """An error with a status, or in a stream that has begun an error frame; never a clean end."""
    if stream and response.status == 200:
        assert not response.clean
        relay.protocol.error_frame(response.body)
    else:
        assert response.status in (502, 504), response
        relay.protocol.error(response)


def has_let_go(relay) -> bool:
    return eventually(lambda: relay.upstream.open_connections() == 0, CLOSED_WITHIN)


BREAKING = {
    "reset after the head": lambda exchange, stream: (begin(exchange, stream), exchange.reset()),
    "close after the head": lambda exchange, stream: (begin(exchange, stream), exchange.close()),
    "bad chunk size": lambda exchange, stream: (begin(exchange, stream), exchange.send(b"zz\r\n{}\r\n")),
    "chunk without its end": lambda exchange, stream: (
        begin(exchange, stream),
        exchange.send(b"2\r\n{}xx0\r\n\r\n"),
        exchange.close(),
    ),
    "chunk size that overflows": lambda exchange, stream: (
        begin(exchange, stream),
        exchange.send(b"fffffffffffffffff\r\n{}\r\n"),
        exchange.close(),
    ),
    "wrong length": lambda exchange, stream: (
        exchange.head(
            200,
            [
                ("Content-Type", "text/event-stream" if stream else "application/json"),
                ("Content-Length", "100000"),
            ],
        ),
        exchange.send(b'{"half":'),
        exchange.close(),
    ),
    "a head that never ends": lambda exchange, stream: (
        exchange.send(b"HTTP/1.1 200 OK\r\n"),
        exchange.pour(b"X-Field: %s\r\n" % (b"y" * 1000) * 2000),
    ),
    "a header line that never ends": lambda exchange, stream: (
        exchange.send(b"HTTP/1.1 200 OK\r\nX-Field: "),
        exchange.pour(b"y" * 4_000_000),
    ),
    "two lengths": lambda exchange, stream: (
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}    "),
        exchange.close(),
    ),
}
SILENT = {
    "stall after the head": lambda exchange, stream: begin(exchange, stream),
    "an interim answer without end": lambda exchange, stream: exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n"),
}
"""What only the clock ends; over TLS too, but not for each kind of client."""


@over_all_ways
@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING.keys())
def test_a_broken_upstream_is_told_and_its_socket_closed(relay, stream, breaking):
    _, response = ask(relay, stream, lambda exchange: breaking(exchange, stream))
    is_told(relay, response, stream)
    assert has_let_go(relay), "a socket to the upstream stayed open"


@over_all_ways
@pytest.mark.parametrize("breaking", BREAKING.values(), ids=BREAKING.keys())
def test_so_it_is_where_answers_are_translated(translating, stream, breaking):
    _, response = ask(translating, stream, lambda exchange: breaking(exchange, stream))
    is_told(translating, response, stream)
    assert has_let_go(translating), "a socket to the upstream stayed open"


@over_both_ways
@pytest.mark.parametrize("silence", SILENT.values(), ids=SILENT.keys())
def test_a_silent_upstream_is_told_and_its_socket_closed(relay, stream, silence):
    test_a_broken_upstream_is_told_and_its_socket_closed(relay, stream, silence)


@pytest.mark.parametrize("silence", SILENT.values(), ids=SILENT.keys())
def test_so_it_is_where_silent_answers_are_translated(translating, stream, silence):
    test_so_it_is_where_answers_are_translated(translating, stream, silence)


def test_a_translated_stream_that_stalls_midway_ends_with_the_clients_own_error(translating):
    breaks_midway(translating, lambda exchange: None)


@over_all_ways
@pytest.mark.parametrize("breaking", MIDWAY.values(), ids=MIDWAY.keys())
def test_a_translated_stream_that_breaks_midway_ends_with_the_clients_own_error(translating, breaking):
    breaks_midway(translating, breaking)


def breaks_midway(translating, breaking) -> None:
    def script(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.piece(half(translating))
        breaking(exchange)

    _, response = ask(translating, True, script)
    assert response.status == 200
    is_told(translating, response, True)
    assert has_let_go(translating), "a socket to the upstream stayed open"


@over_both_ways
def test_one_byte_a_packet_is_only_slow(relay, stream):
    def trickle(exchange: Exchange) -> None:
        begin(exchange, stream)
        for byte in whole(relay, stream):
            exchange.piece(bytes([byte]))
        exchange.end_stream()

    _, response = ask(relay, stream, trickle)
    assert (response.status, response.body, response.clean) == (200, whole(relay, stream), True)


@over_both_ways
def test_a_line_of_64_kb_arrives_whole(relay, stream):
    text = b"w" * 65536

    def wide(exchange: Exchange) -> None:
        begin(exchange, stream)
        exchange.piece(whole(relay, stream).replace(b"REPLY", text))
        exchange.end_stream()

    _, response = ask(relay, stream, wide)
    assert (response.status, response.clean) == (200, True)
    assert response.body == whole(relay, stream).replace(b"REPLY", text)


@over_both_ways
def test_a_flood_arrives_whole(relay, stream):
    body = relay.protocol.events(50_000) if stream else b'{"a":"%s"}' % (b"f" * 8_000_000)

    def flood(exchange: Exchange) -> None:
        begin(exchange, stream)
        for at in range(0, len(body), 1 << 16):
            exchange.piece(body[at : at + (1 << 16)])
        exchange.end_stream()

    _, response = ask_reading(relay, stream, flood)
    assert (response.status, response.clean, response.body == body) == (200, True, True)


def ask_reading(relay, stream: bool, script) -> tuple:
    """As `ask`, for answers that do not fit into what lies between the two ends."""
    relay.upstream.answer(script)
    with relay.client() as client:
        relay.post(client, stream=stream)
        return None, client.response()


@over_both_ways
@pytest.mark.parametrize("status", [429, 503, 529])
def test_a_busy_upstream_s_answer_and_retry_after_pass(relay, stream, status):
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"busy"}}'

    def busy(exchange: Exchange) -> None:
        exchange.reply(status, body, [protocols.JSON, ("retry-after", "31")])

    _, response = ask(relay, stream, busy)
    assert (response.status, response.get("retry-after"), response.body) == (status, "31", body)
