"""A client that leaves takes its upstream request with it, and nothing of either stays behind."""

import os
import random
import select
import time

import pytest

from support import protocols, ways
from support.process import descriptors, resident_bytes
from support.waiting import eventually

CANCEL_SECONDS = 0.250

over_both_ways = pytest.mark.parametrize("way", ways.BOTH, indirect=True)

LEAVING = {"close": lambda client: client.close(), "reset": lambda client: client.reset()}


@pytest.fixture(params=LEAVING.values(), ids=LEAVING.keys())
def leave(request):
    return request.param


@over_both_ways
def test_leaving_before_the_head_cancels_the_upstream(relay, leave):
    client = relay.client()
    relay.post(client, stream=True)
    exchange = relay.upstream.take()
    leave(client)
    assert exchange.sees_close(CANCEL_SECONDS)


@over_both_ways
def test_leaving_in_mid_stream_cancels_the_upstream(relay, leave):
    client = relay.client()
    exchange = relay.open_stream(client)
    exchange.piece(relay.protocol.events(1))
    client.body(client.head()).through(b"\n\n")
    leave(client)
    assert exchange.sees_close(CANCEL_SECONDS)


@over_both_ways
def test_leaving_during_a_plain_reply_cancels_the_upstream(relay, leave):
    client = relay.client()
    relay.post(client)
    exchange = relay.upstream.take()
    exchange.head(200, [protocols.JSON, ("Content-Length", "100000")])
    exchange.send(b"[" + b" " * 50_000)
    leave(client)
    assert exchange.sees_close(CANCEL_SECONDS)


def test_leaving_in_the_middle_of_the_body_asks_no_upstream(relay, leave):
    client = relay.client()
    client.send(b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{" % relay.protocol.path.encode())
    leave(client)
    relay.upstream.answer(relay.reply)
    with relay.client() as other:
        relay.post(other)
        assert other.response().status == 200
    assert len(relay.upstream.requests) == 1


@over_both_ways
def test_the_others_streams_go_on(relay):
    staying, leaving = relay.client(), relay.client()
    stream = relay.open_stream(staying)
    gone = relay.open_stream(leaving)
    leaving.reset()
    assert gone.sees_close(CANCEL_SECONDS)
    stream.piece(relay.protocol.events(1))
    stream.end_stream()
    assert staying.response().body == relay.protocol.events(1)


def abort_streams(relay, count: int, at_once: int = 50) -> None:
    """`count` streams, each left at another place of its life."""
    for start in range(0, count, at_once):
        clients = [relay.client() for _ in range(min(at_once, count - start))]
        for client in clients:
            relay.post(client, stream=True)
        exchanges = [relay.upstream.take() for _ in clients]
        for number, exchange in enumerate(exchanges):
            if number % 3:
                exchange.start_stream()
            if number % 3 == 2:
                exchange.piece(relay.protocol.events(20))
        for number, client in enumerate(clients):
            client.reset() if number % 2 else client.close()
        for exchange in exchanges:
            assert exchange.sees_close(), "the upstream was not cancelled"
            exchange.close()


@over_both_ways
def test_500_aborted_streams_leave_no_descriptor_and_no_transfer_behind(relay):
    abort_streams(relay, 20)
    before = len(descriptors(relay.daemon.pid))
    abort_streams(relay, 500)
    assert relay.upstream.has_no_connections()
    assert eventually(lambda: len(descriptors(relay.daemon.pid)) <= before), descriptors(relay.daemon.pid)


@over_both_ways
@pytest.mark.measured
def test_500_aborted_streams_leave_no_memory_behind(relay):
    abort_streams(relay, 500)
    before = resident_bytes(relay.daemon.pid)
    abort_streams(relay, 500)
    after = resident_bytes(relay.daemon.pid)
    print(f"resident {before / 1e6:.1f} MB, then {after / 1e6:.1f} MB")
    assert after < before + 2_000_000


@over_both_ways
def test_clients_that_leave_while_they_wait_for_a_worker_leave_no_descriptor_behind(relay_of):
    relay = relay_of(protocols.MESSAGES, GUNICORN_WORKERS="1", GUNICORN_WORKER_CLASS="sync")
    with relay.client() as client:
        exchange = relay.open_stream(client)
        before = len(descriptors(relay.daemon.pid))
        waiting = [relay.client() for _ in range(100)]
        for one in waiting:
            relay.post(one)
        # Some may be in the listener's queue: a full worker is given no more.
        assert eventually(lambda: len(descriptors(relay.daemon.pid)) > before)
        for one in waiting:
            one.reset()
        assert eventually(lambda: len(descriptors(relay.daemon.pid)) <= before), descriptors(relay.daemon.pid)
        exchange.end_stream()
        assert client.response().clean


ABORTS = int(os.environ.get("ABORTS", 100))


@over_both_ways
@pytest.mark.measured
def test_the_upstream_is_let_go_within_250_ms_of_a_client_that_leaves_at_random(relay):
    dice = random.Random(11)
    took = []
    for _ in range(ABORTS):
        client = relay.client()
        relay.post(client, stream=True)
        exchange = relay.upstream.take()
        poll = select.poll()
        poll.register(exchange.sock, select.POLLRDHUP)
        stage = dice.randrange(3)
        if stage:
            exchange.start_stream()
        if stage == 2:
            exchange.piece(relay.protocol.events(dice.randrange(1, 50)).removesuffix(relay.protocol.last))
            client.body(client.head()).piece()
        started = time.monotonic()
        client.reset() if dice.random() < 0.5 else client.close()
        assert poll.poll(20_000), "the upstream was never let go"
        took.append(time.monotonic() - started)
        exchange.close()
    took.sort()
    worst = took[max(0, len(took) * 99 // 100 - 1)]
    print(f"{len(took)} aborts: median {took[len(took) // 2] * 1e3:.1f} ms, 99th {worst * 1e3:.1f} ms")
    assert worst < CANCEL_SECONDS
    assert relay.upstream.has_no_connections()
