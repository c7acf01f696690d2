"""Clients that take their time are let go in the end, and hold up nobody."""

import contextlib
import itertools
import time

import pytest

from support.client import spell_request
from support.protocols import MESSAGES


@pytest.fixture
def daemon(start):
    return start({"UPSTREAM": "demo", "GUNICORN_KEEPALIVE": "1"})


def test_an_idle_connection_is_closed_after_keepalive(daemon):
    with daemon.client() as client:
        assert client.ask("GET", "/livez").status == 200
        assert client.sees_close()


def test_keepalive_0_closes_after_each_reply(start):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_KEEPALIVE": "0"})
    with daemon.client() as client:
        response = client.ask("GET", "/livez")
        assert response.get("connection") == "close"
        assert client.sees_close()


def test_class_sync_closes_after_each_reply(start):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_WORKER_CLASS": "sync"})
    with daemon.client() as client:
        assert client.ask("GET", "/livez").get("connection") == "close"
        assert client.sees_close()


def test_slow_clients_hold_up_nobody(daemon):
    slow = [daemon.client() for _ in range(200)]
    for client in slow:
        client.send(spell_request("GET", "/livez")[:-1])
    for _ in range(10):
        assert daemon.ask("GET", "/livez").status == 200
    for client in slow[:5]:
        client.send(b"\n")
        assert client.response().status == 200
    for client in slow:
        client.close()


@pytest.fixture
def impatient(relay_of):
    return relay_of(MESSAGES, CLIENT_HEAD_TIMEOUT="1", CLIENT_BODY_TIMEOUT="1")


def test_a_connection_that_says_nothing_is_closed(impatient):
    with impatient.client() as client:
        assert client.sees_close()


def test_a_head_that_does_not_end_is_408(impatient):
    with impatient.client() as client:
        client.send(b"GET /livez HTTP/1.1\r\nHost: a\r\n")
        assert client.response().status == 408
        assert client.sees_close()


def test_a_head_that_trickles_has_no_more_time(impatient):
    """Each byte comes in time; together they take too long."""
    with impatient.client() as client:
        started = time.monotonic()
        drip(client, itertools.repeat(b"x"), impatient_after=0.2)
        assert time.monotonic() - started < 5


def drip(client, pieces, impatient_after: float) -> None:
    """Sends piece by piece until an answer comes instead of silence."""
    client.send(b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    client.sock.settimeout(impatient_after)
    for piece in pieces:
        client.send(piece)
        with contextlib.suppress(TimeoutError):
            assert client.response().status == 408
            return


def test_a_body_that_does_not_come_is_408_in_the_clients_envelope(impatient):
    with impatient.client() as client:
        client.send(b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{")
        response = client.response()
        assert response.status == 408
        MESSAGES.error(response)
        assert client.sees_close()
    assert impatient.upstream.requests == []
