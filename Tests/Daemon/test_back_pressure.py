"""A slow reader slows its own source, holds bounded memory, and loses nothing."""

import contextlib
import threading

import pytest

from support import ways
from support.process import resident_bytes
from support.waiting import highest

STREAM_BYTES = 64 << 20
STALLED_BYTES = 1 << 20
"""What one client that reads nothing may cost us."""
HELD_BYTES = 24 << 20
"""Kernel buffers on both sides, libcurl's and ours; far below what is sent."""

over_both_ways = pytest.mark.parametrize("way", ways.BOTH, indirect=True)


def numbered(size: int) -> bytes:
    event = b"data: %08d " + b"x" * 1000 + b"\n\n"
    return b"".join(event % number for number in range(size // len(event % 0)))


@over_both_ways
def test_a_client_that_does_not_read_stops_the_upstream_and_loses_nothing(relay):
    data = numbered(STREAM_BYTES)
    with relay.client(receive_buffer=65536) as client:
        relay.post(client, stream=True)
        exchange = relay.upstream.take()
        exchange.head(200, [("Content-Type", "text/event-stream"), ("Content-Length", str(len(data)))])
        taken = exchange.pour(data)
        assert taken < HELD_BYTES, f"{taken} bytes were taken from the upstream for a client that reads none"

        rest = threading.Thread(target=exchange.send, args=(data[taken:],))
        rest.start()
        response = client.response()
        rest.join()
    assert response.body == data


@over_both_ways
@pytest.mark.measured
def test_clients_that_do_not_read_cost_bounded_memory(relay):
    relay.ask()
    before = resident_bytes(relay.daemon.pid)
    data = numbered(STREAM_BYTES)
    count = 16
    clients = [relay.client(receive_buffer=65536) for _ in range(count)]
    for client in clients:
        exchange = relay.open_stream(client)
        threading.Thread(target=pour_quietly, args=(exchange, data)).start()
    for client in clients:
        assert client.head().status == 200
    grown = highest(lambda: resident_bytes(relay.daemon.pid), seconds=2) - before
    print(f"{grown / count / 1024:.0f} KB a stalled stream")
    assert grown < count * STALLED_BYTES
    for client in clients:
        client.reset()


def pour_quietly(exchange, data: bytes) -> None:
    with contextlib.suppress(OSError):
        exchange.pour(b"%x\r\n%s\r\n" % (len(data), data), patience=3)


@over_both_ways
def test_a_stalled_stream_does_not_stall_the_others(relay):
    data = numbered(STREAM_BYTES)
    stalled = relay.client(receive_buffer=65536)
    exchange = relay.open_stream(stalled)
    exchange.pour(b"%x\r\n%s" % (len(data), data), patience=0.3)
    relay.upstream.answer(relay.reply)
    for _ in range(8):
        with relay.client() as client:
            relay.post(client)
            assert client.response().body == relay.protocol.reply
    stalled.reset()
    assert exchange.sees_close()


def test_a_client_that_pipelines_without_reading_is_not_read_from_further(relay):
    """Each answer is longer than its request, so the answers fill their buffers first."""
    requests = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n" * 1000
    with relay.client(receive_buffer=4096) as client:
        client.sock.settimeout(1)
        sent = 0
        with pytest.raises(TimeoutError):
            while sent < HELD_BYTES:
                sent += client.sock.send(requests)


@over_both_ways
def test_a_request_behind_a_running_one_waits_its_turn(relay):
    with relay.client() as client:
        relay.post(client)
        relay.post(client)
        first = relay.upstream.take()
        assert relay.upstream.waiting.empty()
        relay.reply(first)
        assert client.response().status == 200
        relay.reply(relay.upstream.take())
        assert client.response().status == 200
