"""Ten minutes of everything at once, then the books are checked. `SOAK_SECONDS` makes it another length."""

import os
import random
import signal
import threading
import time

from support import protocols
from support.process import descriptors, resident_bytes, thread_names
from support.waiting import eventually

SECONDS = float(os.environ.get("SOAK_SECONDS", 600))
CLIENTS = 24
PIECES = [protocols.MESSAGES.event] * 4 + [protocols.MESSAGES.events(200)]
GROWTH_BYTES = 8_000_000


def plain(relay, dice) -> None:
    with relay.client() as client:
        for _ in range(dice.randrange(1, 20)):
            relay.post(client)
            response = client.response()
            assert (response.status, response.body) == (200, relay.protocol.reply)


def streamed(relay, dice) -> None:
    with relay.client() as client:
        relay.post(client, stream=True)
        response = client.response()
        assert response.clean and response.body == b"".join(PIECES)


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
    if b'"stream"' not in exchange.request.body:
        return exchange.reply(200, protocols.MESSAGES.reply, [protocols.JSON])
    exchange.start_stream()
    for piece in PIECES:
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


def load(relay, seconds: float) -> None:
    """Runs all clients, and reloads now and then."""
    faults: list[BaseException] = []
    until = time.monotonic() + seconds
    clients = [
        threading.Thread(target=work, args=(relay, seed, until, faults), daemon=True)
        for seed in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    while time.monotonic() < until and not faults:
        time.sleep(min(5, seconds / 4))
        relay.daemon.signal(signal.SIGHUP)
    for client in clients:
        client.join()
    assert not faults


def test_a_long_mixed_load_leaves_nothing_behind(relay_of):
    relay = relay_of(protocols.MESSAGES)
    relay.upstream.answer(answer)
    relay.daemon.wait_for_log("ready:")
    threads = len(thread_names(relay.daemon.pid))
    load(relay, SECONDS / 10)
    count, memory = len(descriptors(relay.daemon.pid)), resident_bytes(relay.daemon.pid)
    load(relay, SECONDS)
    assert eventually(lambda: len(thread_names(relay.daemon.pid)) <= threads), thread_names(relay.daemon.pid)
    assert eventually(lambda: len(descriptors(relay.daemon.pid)) <= count + 8), descriptors(relay.daemon.pid)
    grown = resident_bytes(relay.daemon.pid) - memory
    print(f"resident {memory / 1e6:.1f} MB, then {grown / 1e6:+.1f} MB")
    assert grown < GROWTH_BYTES
