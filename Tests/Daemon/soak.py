"""Ten minutes of everything at once, then the books are checked. `SOAK_SECONDS` makes it another length."""

import os
import random
import signal
import threading
import time

from support import protocols
from support.process import descriptors, resident_bytes, thread_names
from support.secrets import REPLY
from support.waiting import eventually

SECONDS = float(os.environ.get("SOAK_SECONDS", 600))
CLIENTS = 24
GROWTH_BYTES = 4_000_000


def pieces(protocol) -> list[bytes]:
    return [protocol.event] * 4 + [protocol.events(200)]


def plain(relay, dice) -> None:
    with relay.client() as client:
        for _ in range(dice.randrange(1, 20)):
            relay.post(client)
            response = client.response()
            assert response.status == 200
            if relay.protocol is protocols.MESSAGES:
                assert response.body == relay.protocol.reply
            else:
                assert response.json()["content"] == [{"type": "text", "text": REPLY}]


def streamed(relay, dice) -> None:
    with relay.client() as client:
        relay.post(client, stream=True)
        response = client.response()
        assert response.clean
        if relay.protocol is protocols.MESSAGES:
            assert response.body == b"".join(pieces(protocols.MESSAGES))
        else:
            assert response.body.count(b"text_delta") == 204
            assert response.body.endswith(protocols.MESSAGES.last)


def left(relay, dice) -> None:
    client = relay.client()
    relay.post(client, stream=True)
    if dice.random() < 0.7:
        client.body(client.head()).piece()
    client.reset() if dice.random() < 0.5 else client.close()


def stalled(relay, dice) -> None:
    with relay.client(receive_buffer=4096) as client:
        relay.post(client, stream=True)
        client.head()
        time.sleep(dice.random())
        assert client.sock.recv(1000)


def malformed(relay, dice) -> None:
    with relay.client() as client:
        client.send(dice.randbytes(200) + b"\r\n\r\n")
        assert client.response().status >= 400


DEEDS = [plain, streamed, left, stalled, malformed]


def answer(exchange) -> None:
    speaks = protocols.CHAT if exchange.request.target.endswith("completions") else protocols.MESSAGES
    if b'"stream":' not in exchange.request.body:
        return exchange.reply(200, speaks.reply, [protocols.JSON])
    exchange.start_stream()
    for piece in pieces(speaks):
        exchange.piece(piece)
    exchange.end_stream()


def work(relay, seed: int, until: float, faults: list[BaseException]) -> None:
    dice = random.Random(seed)
    while time.monotonic() < until and not faults:
        try:
            dice.choice(DEEDS)(relay, dice)
        except BaseException as fault:
            faults.append(fault)
            raise


def settled(relays) -> None:
    """A last reload closes what old workers keep for their upstreams; then only the newest are there."""
    for relay in relays:
        lines = len(relay.daemon.log)
        relay.daemon.signal(signal.SIGHUP)
        relay.daemon.wait_for_log("reloaded", after=lines)
        pid = relay.daemon.pid
        assert eventually(lambda pid=pid: sum(name.startswith("worker") for name in thread_names(pid)) == 2)


def load(relays, seconds: float) -> list[list[int]]:
    """Runs all clients, and reloads now and then. Says what was resident in each daemon meanwhile."""
    faults: list[BaseException] = []
    begun = time.monotonic()
    until = begun + seconds
    clients = [
        threading.Thread(target=work, args=(relays[seed % len(relays)], seed, until, faults), daemon=True)
        for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    lines: list[list[int]] = [[] for _ in relays]
    while time.monotonic() < until and not faults:
        time.sleep(min(5, seconds / 4))
        for relay, line in zip(relays, lines, strict=True):
            line.append(resident_bytes(relay.daemon.pid))
            relay.daemon.signal(signal.SIGHUP)
    for client in clients:
        client.join()
    assert not faults
    return lines


def means(line: list[int]) -> list[float]:
    """The line's tenths, in MB."""
    count = max(1, len(line) // 10)
    tenths = [line[at : at + count] for at in range(0, len(line), count)]
    return [sum(tenth) / len(tenth) / 1e6 for tenth in tenths]


def test_a_long_mixed_load_leaves_nothing_behind(relay_of):
    """Through one daemon answers pass as they come; the other translates them for the same clients."""
    # A busy machine may let a client not run for longer than the default of two seconds.
    pair = [protocols.MESSAGES, protocols.MESSAGES_OVER_CHAT]
    relays = [relay_of(protocol, GUNICORN_KEEPALIVE="75") for protocol in pair]
    for relay in relays:
        relay.upstream.answer(answer)
        relay.daemon.wait_for_log("ready:")
    threads = [len(thread_names(relay.daemon.pid)) for relay in relays]
    load(relays, SECONDS / 10)
    settled(relays)
    before = [(len(descriptors(relay.daemon.pid)), resident_bytes(relay.daemon.pid)) for relay in relays]
    lines = load(relays, SECONDS)
    settled(relays)
    for relay, most, (count, memory), line in zip(relays, threads, before, lines, strict=True):
        pid = relay.daemon.pid
        assert eventually(lambda pid=pid, most=most: len(thread_names(pid)) <= most), thread_names(pid)
        assert eventually(lambda pid=pid, count=count: len(descriptors(pid)) <= count), descriptors(pid)
        grown = resident_bytes(pid) - memory
        print(f"{relay.protocol.upstream_url}: {memory / 1e6:.1f} MB, then {grown / 1e6:+.1f}; meanwhile")
        print("  " + " ".join(f"{mean:.1f}" for mean in means(line)))
        assert grown < GROWTH_BYTES
