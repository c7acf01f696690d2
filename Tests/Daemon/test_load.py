"""Steady load while the daemon is reloaded, resized and its workers replaced: nothing fails, nothing is cut.

`LOAD_SECONDS` and `LOAD_RATE` make it longer and denser; `make deep` runs a minute at 200 requests a second.
"""

import asyncio
import contextlib
import hashlib
import os
import random
import resource
import signal
import time

import pytest

from support.process import descriptors, resident_bytes, thread_names
from support.protocols import MESSAGES
from support.waiting import eventually, highest

SECONDS = float(os.environ.get("LOAD_SECONDS", 6))
RATE = float(os.environ.get("LOAD_RATE", 40))
STREAM_SHARE = 0.25
PATIENCE = 60


def reply_of(number: int) -> bytes:
    """What the upstream says to request `number`: no two alike."""
    digest = hashlib.sha256(b"%d" % number).hexdigest().encode()
    return MESSAGES.reply.replace(b"msg_1", b"msg_" + digest)


def events_of(number: int, count: int) -> list[bytes]:
    digest = hashlib.sha256(b"%d" % number).hexdigest().encode()
    texts = [MESSAGES.event.replace(b"REPLY", b"%s %d" % (digest, n)) for n in range(count)]
    return [*texts, MESSAGES.last]


class AsyncUpstream:
    """Answers by the numbers in the question: `N COUNT PAUSE`, a stream of so many events so far apart."""

    async def start(self) -> int:
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        return self.server.sockets[0].getsockname()[1]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                words = body.partition(b"<<")[2].partition(b">>")[0].split()
                number, count, pause = int(words[0]), int(words[1]), float(words[2])
                if not count:
                    whole = reply_of(number)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(whole), whole))
                    await writer.drain()
                    continue
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n")
                writer.write(b"Transfer-Encoding: chunked\r\n\r\n")
                for event in events_of(number, count):
                    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                    await writer.drain()
                    await asyncio.sleep(pause)
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        writer.close()


class Book:
    """What was asked and what came of it."""

    def __init__(self):
        self.answered = 0
        self.streams = 0
        self.thoughts = 0
        """Requests on a connection that was kept while its client thought."""
        self.faults: list[str] = []


async def ask(reader, writer, number: int, count: int, pause: float, book: Book, keep: bool) -> None:
    """One exchange, every byte of its answer compared."""
    body = MESSAGES.body(stream=bool(count), prompt=f"<<{number} {count} {pause}>>")
    connection = b"" if keep else b"Connection: close\r\n"
    writer.write(
        b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"anthropic-version: 2023-06-01\r\n%sContent-Length: %d\r\n\r\n%s" % (connection, len(body), body)
    )
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200"), head
    if b"transfer-encoding: chunked" in head:
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            parts.append((await reader.readexactly(size + 2))[:-2])
        await reader.readexactly(2)
        answer = b"".join(parts)
    else:
        answer = await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
    expected = b"".join(events_of(number, count)) if count else reply_of(number)
    assert answer == expected, (number, len(answer), len(expected))
    book.answered += 1
    book.streams += bool(count)


async def once(address, number: int, count: int, pause: float, book: Book) -> None:
    try:
        async with asyncio.timeout(PATIENCE + count * pause):
            reader, writer = await asyncio.open_connection(*address)
            try:
                await ask(reader, writer, number, count, pause, book, keep=False)
            finally:
                writer.close()
    except Exception as fault:
        book.faults.append(f"request {number} ({count} events): {fault!r}")


async def thinking(address, number: int, thought: tuple[float, float], until: float, book: Book) -> None:
    """A client that keeps its connection and thinks between its requests; it is told when it may not."""
    dice = random.Random(number)
    asked = 0
    try:
        reader, writer = await asyncio.open_connection(*address)
        while True:
            await ask(reader, writer, number, 0, 0, book, keep=True)
            asked += 1
            pause = dice.uniform(*thought)
            # Once more at least: it is the second request that meets what happened meanwhile.
            if asked > 1 and time.monotonic() + pause > until:
                break
            await asyncio.sleep(pause)
        book.thoughts += asked - 1
        writer.close()
    except Exception as fault:
        book.faults.append(f"thinking client {number} ({thought[0]} s): {fault!r}")


async def disturb(daemon, until: float) -> dict[str, int]:
    """Twenty reloads and five changes of the number of workers, spread over the time."""
    done = {"reloads": 0, "resizings": 0}
    steps = 25
    pause = max(0.1, (until - time.monotonic()) / steps)
    for step in range(steps):
        await asyncio.sleep(pause)
        if step % 5 == 4:
            daemon.signal(signal.SIGTTIN if step % 10 == 4 else signal.SIGTTOU)
            done["resizings"] += 1
        else:
            daemon.signal(signal.SIGHUP)
            done["reloads"] += 1
    return done


async def load(daemon, address, seconds: float, rate: float, book: Book, numbers) -> dict[str, int]:
    dice = random.Random(7)
    begun = time.monotonic()
    until = begun + seconds
    shortest, longest = seconds / 2, seconds
    tasks = [asyncio.create_task(disturb(daemon, until))]
    thoughts = [(1.9, 2.1)] * 8 + ([(59.0, 61.0)] * 8 if seconds >= 60 else [])
    for thought in thoughts:
        tasks.append(asyncio.create_task(thinking(address, next(numbers), thought, until, book)))
    asked, due = 0, begun
    while due < until:
        count = 0
        pause = 0.0
        if dice.random() < STREAM_SHARE:
            length = dice.uniform(shortest, longest)
            pause = length / 20
            count = 20
        tasks.append(asyncio.create_task(once(address, next(numbers), count, pause, book)))
        asked += 1
        # By the clock, so that a busy moment does not thin the load out.
        due += dice.expovariate(rate)
        await asyncio.sleep(max(0, due - time.monotonic()))
    print(f"{asked} requests asked in {time.monotonic() - begun:.0f} s")
    results = await asyncio.gather(*tasks)
    return results[0]


def lowest(pid: int) -> int:
    """What is resident when a burst is over, which the daemon finds out within a second."""
    return -int(highest(lambda: -resident_bytes(pid), 2))


def workers(pid: int) -> int:
    return sum(name.startswith("worker") for name in thread_names(pid))


@pytest.mark.measured
def test_reloads_resizings_and_replacements_cut_nothing(start):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    book = Book()

    async def main() -> None:
        upstream = AsyncUpstream()
        port = await upstream.start()
        settings = {
            "UPSTREAM_API_URL": f"http://127.0.0.1:{port}/v1/messages",
            "UPSTREAM_API_KEY": "sk-" + "c" * 20,
            "GUNICORN_KEEPALIVE": "75",
            "GUNICORN_GRACEFUL_TIMEOUT": str(int(SECONDS) + 30),
            "GUNICORN_MAX_REQUESTS": str(max(3, int(RATE * SECONDS / 200))),
        }
        daemon = await asyncio.to_thread(start, settings)
        address = await asyncio.to_thread(lambda: daemon.address)
        numbers = iter(range(1, 1_000_000))
        # The first round fills pools and arenas; the second is held to it.
        await load(daemon, address, SECONDS, RATE, book, numbers)
        await settled(daemon)
        count, memory = len(descriptors(daemon.pid)), await asyncio.to_thread(lowest, daemon.pid)
        done = await load(daemon, address, SECONDS, RATE, book, numbers)
        await settled(daemon)
        after = len(descriptors(daemon.pid)), await asyncio.to_thread(lowest, daemon.pid)
        replaced = daemon.text.count("has served its share")
        print(
            f"{book.answered} answered, {book.streams} of them streams, {book.thoughts} after a thought;"
            f" {done}; {replaced} replacements"
        )
        print(
            f"descriptors {count}, then {after[0]}; resident {memory / 1e6:.1f} MB, then {after[1] / 1e6:.1f}"
        )
        assert not book.faults, f"{len(book.faults)} failed: {book.faults[:5]}"
        assert done == {"reloads": 20, "resizings": 5}
        assert replaced >= 2
        assert after[0] == count
        # What the first round has not filled yet counts in a short run.
        assert after[1] < memory + (2_000_000 if SECONDS >= 60 else 4_000_000)

    async def settled(daemon) -> None:
        """A last reload closes what old workers keep for their upstreams; then only the newest are there."""
        lines = len(daemon.log)
        daemon.signal(signal.SIGHUP)
        await asyncio.to_thread(daemon.wait_for_log, "reloaded", after=lines)
        assert await asyncio.to_thread(eventually, lambda: workers(daemon.pid) == 2)

    asyncio.run(main())
    assert book.streams >= book.answered / 5
