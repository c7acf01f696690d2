"""The circuit breaker: per upstream, for all workers together, on real time once."""

import dataclasses
import select

import pytest

from support import ways
from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY
from support.upstream import Upstream
from support.waiting import eventually

KEY = ("x-api-key", CLIENT_KEY)
PATIENCE = 60.0
"""The breaker's own 30 s and room for a busy machine."""


def is_readable(sock) -> bool:
    return bool(select.select([sock], [], [], 0)[0])


def failing(status: int):
    body = b'{"error":{"message":"the upstream is tired","type":"server_error"}}'
    return lambda exchange: exchange.reply(status, body, [JSON])


@pytest.fixture(params=[CHAT, MESSAGES], ids=["relayed", "translated"])
def spoken(request):
    return request.param


@pytest.fixture
def relay(relay_of):
    return relay_of(CHAT, ALLOWED_API_KEYS=CLIENT_KEY, GUNICORN_WORKERS="4", MAX_RETRIES="0")


def ask(relay, protocol):
    return relay.daemon.ask("POST", protocol.path, protocol.fields(KEY), protocol.body())


def breaker(relay) -> dict:
    return relay.daemon.ask("GET", "/health", [KEY]).json()["circuit_breaker"]


@pytest.mark.parametrize("way", ways.BOTH, indirect=True)
@pytest.mark.parametrize("status", [500, 503, 529])
def test_five_failures_in_a_row_open_it_for_every_worker(relay, spoken, status):
    relay.upstream.answer(failing(status))
    for _ in range(5):
        assert ask(relay, spoken).status >= 500
    for _ in range(8):
        response = ask(relay, spoken)
        assert response.status == 503
        error = spoken.error(response)
        assert "backend_unavailable_circuit_open" in (error.get("code") or error["message"])
        assert 0 < int(response.get("retry-after")) <= 30
    assert len(relay.upstream.requests) == 5
    health = relay.daemon.ask("GET", "/health", [KEY])
    assert health.status == 200
    assert health.json()["status"] == "ok" and health.json()["state"] == "unhealthy"
    assert breaker(relay) == {"enabled": True, "is_open": True, "consecutive_failures": 5}


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_a_client_error_never_opens_it(relay, spoken, status):
    relay.upstream.answer(failing(status))
    for _ in range(10):
        assert ask(relay, spoken).status == status
    assert len(relay.upstream.requests) == 10
    assert breaker(relay) == {"enabled": True, "is_open": False, "consecutive_failures": 0}


@pytest.mark.parametrize("way", ways.BOTH, indirect=True)
def test_a_success_in_between_breaks_the_row(relay, spoken):
    for status in [500, 500, 500, 500, 200, 500, 500, 500, 500]:
        answer = (
            failing(status) if status != 200 else lambda exchange: exchange.reply(200, CHAT.reply, [JSON])
        )
        relay.upstream.answer(answer)
        ask(relay, spoken)
    assert breaker(relay)["is_open"] is False
    assert breaker(relay)["consecutive_failures"] == 4


@pytest.mark.parametrize("way", ways.BOTH, indirect=True)
def test_an_upstream_that_is_not_there_opens_it(start, way, spoken):
    gone = Upstream(way)
    settings = {**CHAT.settings(gone), **way.settings, "ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0"}
    daemon = start(settings)
    gone.close()
    statuses = []
    for _ in range(7):
        statuses.append(daemon.ask("POST", spoken.path, spoken.fields(KEY), spoken.body()).status)
    assert statuses == [502] * 5 + [503] * 2


@pytest.mark.parametrize("way", ways.BOTH, indirect=True)
def test_an_exchange_counts_once_however_often_it_was_tried(relay_of):
    relay = relay_of(CHAT, ALLOWED_API_KEYS=CLIENT_KEY, MAX_RETRIES="2")
    body = b'{"error":{"message":"tired"}}'
    relay.upstream.answer(lambda exchange: exchange.reply(503, body, [JSON, ("retry-after", "0")]))
    for _ in range(2):
        ask(relay, MESSAGES)
    assert len(relay.upstream.requests) == 6
    assert breaker(relay)["consecutive_failures"] == 2


def test_switched_off_it_counts_nothing(relay_of, spoken):
    relay = relay_of(CHAT, ALLOWED_API_KEYS=CLIENT_KEY, ENABLE_CIRCUIT_BREAKER="false", MAX_RETRIES="0")
    relay.upstream.answer(failing(500))
    for _ in range(10):
        ask(relay, spoken)
    assert len(relay.upstream.requests) == 10
    assert relay.daemon.ask("GET", "/health", [KEY]).json()["state"] == "healthy"
    assert breaker(relay) == {"enabled": False, "is_open": False, "consecutive_failures": 0}


def test_one_upstreams_breaker_leaves_the_other_alone(start, upstream):
    other = Upstream()
    settings = {**CHAT.settings(upstream), **MESSAGES.settings(other), "ALLOWED_API_KEYS": CLIENT_KEY}
    daemon = start({**settings, "MAX_RETRIES": "0"})
    upstream.answer(failing(500))
    other.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    for _ in range(6):
        last = daemon.ask("POST", MESSAGES.path, MESSAGES.fields(KEY), MESSAGES.body())
    assert last.status == 503
    assert daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body()).status == 200
    other.close()


def test_it_stays_open_over_a_reload_and_goes_with_its_address(relay):
    relay.upstream.answer(failing(500))
    for _ in range(5):
        ask(relay, CHAT)
    relay.daemon.signal(1)
    relay.daemon.wait_for_log("reloaded")
    assert ask(relay, CHAT).status == 503
    moved = dataclasses.replace(CHAT, upstream_path="/elsewhere/v1/chat/completions")
    lines = len(relay.daemon.log)
    relay.daemon.configure(
        {**moved.settings(relay.upstream), "ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0"}
    )
    relay.daemon.signal(1)
    relay.daemon.wait_for_log("reloaded", after=lines)
    assert ask(relay, CHAT).status == 500


def test_after_thirty_seconds_one_probe_goes_out_and_its_success_closes_it(relay):
    relay.upstream.answer(failing(500))
    for _ in range(5):
        ask(relay, CHAT)
    relay.upstream.script = None
    opened = len(relay.upstream.requests)

    def probed() -> bool:
        """Asks until a request is let through: only that one gets no answer at once."""
        with relay.client() as other:
            relay.post(other, KEY)
            assert eventually(lambda: len(relay.upstream.requests) > opened or is_readable(other.sock))
            if len(relay.upstream.requests) > opened:
                exchange = relay.upstream.take()
                refused = [ask(relay, CHAT).status for _ in range(5)]
                assert refused == [503] * 5, "the probe is alone"
                relay.reply(exchange)
                assert other.response().status == 200
                return True
            assert other.response().status == 503
            return False

    assert eventually(probed, PATIENCE, 0.3)
    relay.upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    assert ask(relay, CHAT).status == 200
    assert breaker(relay)["is_open"] is False
