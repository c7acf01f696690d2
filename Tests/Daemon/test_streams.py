"""Streams through the relay: whole, unchanged, at once."""

import random
import statistics
import threading
import time

import pytest

from support import protocols, ways

PROMPT_SECONDS = 0.050
"""What a delta may take from the upstream's write to the client's read."""

over_both_ways = pytest.mark.parametrize("way", ways.BOTH, indirect=True)


def odd_cuts(data: bytes, longest: int = 3000) -> list[bytes]:
    dice = random.Random(11)
    cuts, at = [], 0
    while at < len(data):
        size = dice.choice([1, 2, 7, 64, dice.randrange(1, longest)])
        cuts.append(data[at : at + size])
        at += size
    return cuts


def unusual(data: bytes) -> bytes:
    """The same events with CRLF here and there, comments, unknown fields and events."""
    frames = data.split(b"\n\n")
    frames[3] = frames[3].replace(b"\n", b"\r\n")
    frames.insert(5, b": a comment, as a keep-alive")
    frames.insert(6, b"id: 17\nretry: 3000\nevent: future_event\ndata: {\ndata: }")
    return b"\n\n".join(frames)


def relayed(relay, pieces: list[bytes]) -> tuple[bytes, bool]:
    with relay.client() as client:
        exchange = relay.open_stream(client)

        def play():
            for piece in pieces:
                exchange.piece(piece)
            exchange.end_stream()

        player = threading.Thread(target=play)
        player.start()
        body = client.body(client.head())
        data = body.rest()
        player.join()
        return data, body.clean


@over_both_ways
def test_ten_thousand_events_are_relayed_byte_for_byte(relay):
    events = relay.protocol.events(10_000)
    data, clean = relayed(relay, odd_cuts(events))
    assert data == events
    assert clean


@over_both_ways
def test_line_ends_comments_and_unknown_events_are_relayed_as_they_are(relay):
    events = unusual(relay.protocol.events(50))
    assert relayed(relay, odd_cuts(events, 40)) == (events, True)


@over_both_ways
def test_a_stream_that_comes_in_one_piece_is_relayed_in_order(relay):
    events = relay.protocol.events(2_000)
    assert relayed(relay, [events]) == (events, True)


@over_both_ways
def test_a_stream_without_chunks_that_ends_with_its_connection_is_relayed_whole(relay):
    events = relay.protocol.events(200)
    with relay.client() as client:
        relay.post(client, stream=True)
        exchange = relay.upstream.take()
        exchange.head(200, [("Content-Type", "text/event-stream")])
        exchange.send(events)
        exchange.close()
        assert client.response().body == events


@over_both_ways
def test_the_next_request_of_the_connection_follows_a_stream(relay):
    with relay.client() as client:
        for _ in range(3):
            exchange = relay.open_stream(client)
            exchange.piece(relay.protocol.events(3))
            exchange.end_stream()
            response = client.response()
            assert (response.body, response.clean) == (relay.protocol.events(3), True)


def test_a_stream_forbids_buffering_and_caching_on_the_way(relay):
    with relay.client() as client:
        exchange = relay.open_stream(client)
        head = client.head()
        exchange.end_stream()
    assert head.get("content-type").startswith("text/event-stream")
    assert "no-cache" in head.get("cache-control")
    assert head.get("x-accel-buffering") == "no"
    assert head.get("content-encoding") is None


@over_both_ways
def test_the_head_of_a_stream_does_not_wait_for_its_first_event(relay):
    with relay.client() as client:
        exchange = relay.open_stream(client)
        assert client.head().status == 200
        exchange.end_stream()


@over_both_ways
@pytest.mark.parametrize("status", [400, 529])
def test_a_refused_stream_is_a_plain_error(relay, status):
    with relay.client() as client:
        relay.post(client, stream=True)
        relay.upstream.take().reply(status, b'{"error":1}', [protocols.JSON])
        response = client.response()
        assert (response.status, response.body) == (status, b'{"error":1}')


@pytest.mark.measured
def test_a_delta_is_with_the_client_within_50_ms(relay):
    """Each delta is written alone and read before the next one is written. The median is held to a tenth."""
    delays = []
    with relay.client() as client:
        exchange = relay.open_stream(client)
        body = client.body(client.head())
        for number in range(200):
            event = relay.protocol.event.replace(b"REPLY", b"%d" % number)
            written = time.monotonic()
            exchange.piece(event)
            assert body.through(b"\n\n") == event
            delays.append(time.monotonic() - written)
        exchange.end_stream()
    print(f"median {statistics.median(delays) * 1e3:.2f} ms, worst {max(delays) * 1e3:.2f} ms")
    assert max(delays) < PROMPT_SECONDS
    assert statistics.median(delays) < PROMPT_SECONDS / 10


@over_both_ways
def test_many_streams_at_once_do_not_mix(relay):
    count = 60
    clients = [relay.client() for _ in range(count)]
    exchanges = []
    for number, client in enumerate(clients):
        relay.post(client, body=relay.protocol.body(stream=True, prompt=f"stream {number}"))
    for _ in range(count):
        exchange = relay.upstream.take()
        exchange.start_stream()
        exchanges.append(exchange)
    for turn in range(5):
        for exchange in exchanges:
            number = exchange.request.body.split(b"stream ", 1)[1].split(b'"')[0]
            exchange.piece(b"data: %s turn %d\n\n" % (number, turn))
    for exchange in exchanges:
        exchange.end_stream()
    for number, client in enumerate(clients):
        expected = b"".join(b"data: %d turn %d\n\n" % (number, turn) for turn in range(5))
        assert client.response().body == expected
        client.close()
