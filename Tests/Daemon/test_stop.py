"""SIGTERM drains, a second one shortens, SIGINT is quick."""

import signal
import threading
import time

import pytest

from support import protocols, sockets
from support.client import Client
from support.protocols import MESSAGES
from support.waiting import eventually
from support.wire import Ended

QUICK_SECONDS = 2.0


@pytest.fixture
def relay(relay_of, notify):
    """With one worker, so that what one connection shows of the drain holds for all."""
    relay = relay_of(MESSAGES, notify=notify, GUNICORN_WORKERS="1")
    notify.wait_for("READY=1")
    return relay


def stopping(relay, number: int = signal.SIGTERM) -> None:
    """Sends the signal and waits until the worker acts on it: it closes a connection that is idle."""
    with relay.client() as idle:
        assert idle.ask("GET", "/livez").status == 200
        relay.daemon.signal(number)
        relay.daemon.notify.wait_for("STOPPING=1")
        assert idle.sees_close()


def test_an_idle_daemon_ends_at_once_with_status_0(relay):
    started = time.monotonic()
    relay.daemon.signal(signal.SIGTERM)
    assert relay.daemon.wait() == 0
    assert time.monotonic() - started < QUICK_SECONDS


def test_a_stream_in_flight_finishes(relay):
    with relay.client() as client:
        exchange = relay.open_stream(client)
        body = client.body(client.head())
        stopping(relay)
        for _ in range(3):
            exchange.piece(relay.protocol.event)
            assert body.through(b"\n\n") == relay.protocol.event
        exchange.piece(relay.protocol.last)
        exchange.end_stream()
        assert (body.rest(), body.clean) == (relay.protocol.last, True)
        assert client.sees_close()
    assert relay.daemon.wait() == 0


def test_a_request_without_an_answer_yet_finishes(relay):
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        stopping(relay)
        relay.reply(exchange)
        response = client.response()
    assert (response.status, response.get("connection")) == (200, "close")
    assert relay.daemon.wait() == 0


def test_new_work_is_turned_away_while_draining(relay):
    address = relay.daemon.address
    with relay.client() as client, relay.client() as idle:
        assert idle.ask("GET", "/livez").status == 200
        exchange = relay.open_stream(client)
        stopping(relay)
        try:
            with Client(address) as late:
                relay.post(late)
                assert late.response().status == 503
        except (ConnectionError, Ended):
            pass
        exchange.end_stream()
        assert client.response().clean
    assert len(relay.upstream.requests) == 1
    assert relay.daemon.wait() == 0


def test_an_idle_connection_is_closed_when_draining_begins(relay):
    with relay.client() as client, relay.client() as busy:
        assert client.ask("GET", "/livez").status == 200
        exchange = relay.open_stream(busy)
        stopping(relay)
        assert client.sees_close()
        exchange.end_stream()
    assert relay.daemon.wait() == 0


def test_graceful_timeout_bounds_the_drain_and_the_stream_ends_with_an_error(relay_of, notify):
    relay = relay_of(MESSAGES, notify=notify, GUNICORN_GRACEFUL_TIMEOUT="1")
    with relay.client() as client:
        relay.open_stream(client)
        body = client.body(client.head())
        started = time.monotonic()
        relay.daemon.signal(signal.SIGTERM)
        rest = body.rest()
        assert 0.9 < time.monotonic() - started < 10
        relay.protocol.error_frame(rest)
        assert not body.clean
    assert relay.daemon.wait() == 0


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGTERM, signal.SIGTERM], [signal.SIGTERM, signal.SIGINT], [signal.SIGINT], [signal.SIGQUIT]],
    ids=lambda signals: "+".join(number.name for number in signals),
)
def test_a_second_signal_or_sigint_ends_streams_within_2_s(relay, signals):
    with relay.client() as client:
        relay.open_stream(client)
        body = client.body(client.head())
        started = time.monotonic()
        stopping(relay, signals[0])
        for number in signals[1:]:
            relay.daemon.signal(number)
        relay.protocol.error_frame(body.rest())
        assert not body.clean
        assert relay.daemon.wait() == 0
        assert time.monotonic() - started < QUICK_SECONDS + 1


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
def test_a_request_cut_before_its_head_is_told_503(relay_of, protocol, notify):
    relay = relay_of(protocol, notify=notify)
    with relay.client() as client:
        relay.post(client)
        relay.upstream.take()
        stopping(relay, signal.SIGINT)
        response = client.response()
    assert response.status == 503
    protocol.error(response)


@pytest.mark.parametrize("number", [signal.SIGWINCH, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE])
def test_signals_of_no_meaning_here_change_nothing(relay, number):
    relay.daemon.signal(number)
    assert relay.daemon.ask("GET", "/livez").status == 200


def test_readyz_says_503_while_draining(relay):
    with relay.client() as client, relay.client() as probe:
        exchange = relay.open_stream(client)
        probe.send(b"GET /readyz HTTP/1.1\r\nHost: a\r\n")
        stopping(relay)
        try:
            probe.send(b"\r\n")
            assert probe.response().status == 503
        except (ConnectionError, Ended):
            pass
        exchange.end_stream()


def test_restarts_on_a_passed_socket_lose_no_connection(start):
    """Whoever was accepted is answered, and the others wait for the next process."""
    listener = sockets.tcp()
    answers: list[object] = []
    done = threading.Event()

    def knock() -> None:
        while not done.is_set():
            try:
                with Client(listener.getsockname()) as client:
                    answers.append(client.ask("GET", "/livez", [("Connection", "close")]).status)
            except Exception as failure:
                answers.append(repr(failure))

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            daemon = start({"UPSTREAM": "demo"}, sockets={"claude-proxy.socket": listener})
            before = len(answers)
            assert eventually(lambda: len(answers) > before + 20)  # noqa: B023
            daemon.signal(signal.SIGTERM)
            assert daemon.wait() == 0
        start({"UPSTREAM": "demo"}, sockets={"claude-proxy.socket": listener})
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert set(answers) == {200}
