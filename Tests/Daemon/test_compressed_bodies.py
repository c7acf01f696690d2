"""Request bodies in gzip and zstd: decoded here, bounded by what they decode to."""

import gzip
import select
import time
import zlib

import pytest

from support.client import chunked
from support.process import resident_bytes
from support.protocols import BOTH, CHAT, MESSAGES, named

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def zstd(data: bytes) -> bytes:
    """A frame of raw blocks, as RFC 8878 3.1.1 spells it."""
    blocks = [data[at : at + 65536] for at in range(0, len(data), 65536)] or [b""]
    frame = ZSTD_MAGIC + b"\xa0" + len(data).to_bytes(4, "little")
    for number, block in enumerate(blocks):
        last = number == len(blocks) - 1
        frame += (len(block) << 3 | last).to_bytes(3, "little") + block
    return frame


def zstd_bomb(size: int) -> bytes:
    """One repeated byte: four bytes of a frame for each 128 KiB."""
    frame = ZSTD_MAGIC + b"\x80\x68" + size.to_bytes(4, "little")
    whole, rest = divmod(size, 1 << 17)
    sizes = [1 << 17] * whole + ([rest] if rest else [])
    for number, count in enumerate(sizes):
        frame += (count << 3 | 1 << 1 | (number == len(sizes) - 1)).to_bytes(3, "little") + b" "
    return frame


ENCODERS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "zstd": zstd, "GZIP": gzip.compress}


@pytest.mark.parametrize("protocol", BOTH, ids=named)
@pytest.mark.parametrize("coding", ENCODERS)
def test_a_compressed_body_reaches_the_upstream_plain(relay_of, protocol, coding):
    relay = relay_of(protocol)
    plain = protocol.body(prompt="x" * 100_000)
    exchange, response = relay.ask(("Content-Encoding", coding), body=ENCODERS[coding](plain))
    assert response.status == 200
    assert exchange.request.body == plain
    assert exchange.request.head.get("content-encoding") is None
    assert exchange.request.head.get("content-length") == str(len(plain))


def test_in_chunks_of_one_byte_too(relay_of):
    relay = relay_of(MESSAGES)
    body = gzip.compress(MESSAGES.body())
    pieces = [body[at : at + 1] for at in range(len(body))]
    with relay.client() as client:
        fields = MESSAGES.fields(("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"))
        client.request("POST", MESSAGES.path, fields, chunked(*pieces))
        exchange = relay.upstream.take()
        assert exchange.request.body == MESSAGES.body()
        relay.reply(exchange)
        assert client.response().status == 200


@pytest.mark.parametrize("protocol", BOTH, ids=named)
@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, zstd", "compress", "gzip, gzip"])
def test_another_coding_is_400_in_the_clients_envelope(relay_of, protocol, coding):
    relay = relay_of(protocol)
    with relay.client() as client:
        relay.post(client, ("Content-Encoding", coding), body=b"abc")
        response = client.response()
    assert response.status == 400
    assert "Content-Encoding" in protocol.error(response)["message"]
    assert relay.upstream.requests == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        gzip.compress(MESSAGES.body())[:-1],
        gzip.compress(MESSAGES.body()) + b"x",
        zlib.compress(MESSAGES.body()),
        ZSTD_MAGIC,
    ],
    ids=["plain", "cut short", "something behind", "zlib", "zstd"],
)
def test_what_is_not_gzip_is_400(relay_of, body):
    relay = relay_of(CHAT)
    with relay.client() as client:
        relay.post(client, ("Content-Encoding", "gzip"), body=body)
        response = client.response()
    assert response.status == 400
    assert CHAT.error(response)["code"] == "invalid_content_encoding"
    assert relay.upstream.requests == []


def body_of(size: int) -> bytes:
    return MESSAGES.body(prompt="x" * (size - len(MESSAGES.body(prompt=""))))


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_the_limit_counts_decoded_bytes(relay_of, coding):
    relay = relay_of(MESSAGES, MAX_BODY_BYTES="200000")
    exchange, response = relay.ask(("Content-Encoding", coding), body=ENCODERS[coding](body_of(190_000)))
    assert (len(exchange.request.body), response.status) == (190_000, 200)
    with relay.client() as client:
        relay.post(client, ("Content-Encoding", coding), body=gzip_or_bomb(coding, 200_001))
        response = client.response()
    assert response.status == 413
    assert MESSAGES.error(response)["type"] == "request_too_large"
    assert len(relay.upstream.requests) == 1


def spelled(body: bytes) -> bytes:
    """The frame of a zstd encoder that finds repetitions of one byte."""
    letter = b"x"
    frame = ZSTD_MAGIC + b"\x80\x68" + len(body).to_bytes(4, "little")
    head, tail = body[: body.index(letter * 100)], body[body.rindex(letter * 100) + 100 :]
    run = len(body) - len(head) - len(tail)
    sizes = [1 << 17] * (run >> 17) + ([run & 0x1FFFF] if run & 0x1FFFF else [])
    frame += (len(head) << 3).to_bytes(3, "little") + head
    for size in sizes:
        frame += (size << 3 | 1 << 1).to_bytes(3, "little") + letter
    return frame + (len(tail) << 3 | 1).to_bytes(3, "little") + tail


WHOLE = 33_554_432
LARGE = {"gzip": lambda body: gzip.compress(body), "zstd": spelled}


@pytest.mark.parametrize("coding", LARGE)
def test_a_body_of_32_mib_in_a_few_kilobytes_is_whole(relay_of, coding):
    relay = relay_of(MESSAGES)
    exchange, response = relay.ask(("Content-Encoding", coding), body=LARGE[coding](body_of(WHOLE)))
    assert response.status == 200
    assert exchange.request.body == body_of(WHOLE)


@pytest.mark.measured
@pytest.mark.parametrize("coding", LARGE)
def test_a_body_of_32_mib_in_a_few_kilobytes_holds_up_nobody(relay_of, coding):
    """One worker's loop serves both: its time for `/livez` is how long a turn can be."""
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1")
    relay.upstream.answer(relay.reply)
    # What is decoded is no JSON, so that only the decoding is measured.
    body = LARGE[coding](b"{" + b"x" * (WHOLE - 2) + b"}")
    assert len(body) < 70_000
    shares = []
    for _ in range(3):
        took = []
        begun = time.monotonic()
        with relay.client() as slow, relay.client() as probe:
            relay.post(slow, ("Content-Encoding", coding), body=body)
            while not select.select([slow.sock], [], [], 0)[0]:
                started = time.monotonic()
                assert probe.ask("GET", "/livez").status == 200
                took.append(time.monotonic() - started)
            assert slow.response().status == 400
        assert len(took) >= 5
        print(f"{coding}: {len(took)} answers meanwhile, the slowest after {max(took) * 1e3:.1f} ms")
        shares.append(max(took) / (time.monotonic() - begun))
    # In one turn it would be all of the time.
    assert min(shares) < 0.5


def gzip_or_bomb(coding: str, size: int) -> bytes:
    return gzip.compress(b" " * size) if coding == "gzip" else zstd_bomb(size)


@pytest.mark.measured
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_bomb_costs_no_more_than_the_limit(relay_of, coding):
    relay = relay_of(MESSAGES, MAX_BODY_BYTES="1000000")
    bomb = gzip_or_bomb(coding, 900_000_000) if coding == "zstd" else gzip.compress(b" " * 200_000_000)
    before = resident_bytes(relay.daemon.pid)
    for _ in range(5):
        with relay.client() as client:
            relay.post(client, ("Content-Encoding", coding), body=bomb[:1_000_000])
            assert client.response().status == 413
    grown = resident_bytes(relay.daemon.pid) - before
    print(f"{coding}: resident memory grew by {grown / 1e6:.1f} MB")
    # A decoder has a window of up to 8 MiB, and the allocator keeps the pages of one for each worker.
    assert grown < 40_000_000


def test_a_key_is_asked_for_before_anything_is_decoded(relay_of):
    relay = relay_of(MESSAGES, ALLOWED_API_KEYS="sk-" + "a" * 20)
    with relay.client() as client:
        relay.post(client, ("Content-Encoding", "gzip"), body=b"not gzip")
        assert client.response().status == 401
