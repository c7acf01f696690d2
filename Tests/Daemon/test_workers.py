"""The pool of worker threads."""

import pathlib

import pytest

from support.process import thread_names
from support.protocols import CHAT, MESSAGES
from support.waiting import eventually


def workers(daemon) -> list[str]:
    return [name for name in thread_names(daemon.pid) if name.startswith("worker")]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_gunicorn_workers_is_the_number_of_worker_threads(start, count):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_WORKERS": str(count)})
    daemon.wait_for_log("ready:")
    assert len(workers(daemon)) == count


def test_web_concurrency_is_the_fallback(start):
    daemon = start({"UPSTREAM": "demo"}, env={"WEB_CONCURRENCY": "3"})
    daemon.wait_for_log("ready:")
    assert len(workers(daemon)) == 3


def test_held_connections_are_spread_over_the_workers(relay_of):
    """Each worker's own count is not shown; its open streams' share of the work is: all workers burn CPU."""
    relay = relay_of(CHAT, GUNICORN_WORKERS="4")
    clients = [relay.client() for _ in range(40)]
    exchanges = [relay.open_stream(client) for client in clients]
    before = cpu_by_worker(relay.daemon.pid)
    payload = relay.protocol.events(20_000)
    for client, exchange in zip(clients, exchanges, strict=True):
        exchange.piece(payload)
        exchange.end_stream()
        assert client.response().body == payload
    after = cpu_by_worker(relay.daemon.pid)
    assert len(before) == 4
    assert all(after[task] > before[task] for task in before), (before, after)


def cpu_by_worker(pid: int) -> dict[str, int]:
    """Nanoseconds run by each worker thread."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return {
        task.name: int((task / "schedstat").read_text().split()[0])
        for task in tasks
        if (task / "comm").read_text().startswith("worker")
    }


def test_class_sync_holds_one_request_a_worker_and_the_next_one_waits(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1", GUNICORN_WORKER_CLASS="sync")
    with relay.client() as first, relay.client() as second:
        relay.post(first)
        exchange = relay.upstream.take()
        relay.post(second)
        assert not eventually(lambda: len(relay.upstream.requests) > 1, deadline=0.3)
        relay.reply(exchange)
        assert first.response().status == 200
        relay.reply(relay.upstream.take())
        assert second.response().status == 200


def test_class_async_holds_many_requests_in_one_worker(relay_of):
    relay = relay_of(MESSAGES, GUNICORN_WORKERS="1")
    clients = [relay.client() for _ in range(100)]
    for client in clients:
        relay.post(client)
    exchanges = [relay.upstream.take() for _ in clients]
    for exchange in reversed(exchanges):
        relay.reply(exchange)
    for client in clients:
        assert client.response().status == 200
        client.close()
