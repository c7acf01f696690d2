"""Clients that take their time are let go in the end, and hold up nobody."""

import pytest

from support.client import spell_request


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
