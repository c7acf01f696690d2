"""`/metrics`: what is counted, who may see it, and what must never be in it."""

import dataclasses
import re
import socket

import pytest

from support import protocols, sockets
from support.client import Client
from support.protocols import CHAT, MESSAGES
from support.secrets import CLIENT_KEY, MARK, OTHER_KEY, WRONG_KEY
from support.waiting import eventually

KEY = ("x-api-key", CLIENT_KEY)
ENDS = ["complete", "broken", "abandoned"]
SAMPLE = re.compile(r"^claude_proxy_[a-z_]+(\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\})? [0-9.]+$")


def nonsense(exchange) -> None:
    exchange.send(b"this is no answer\r\n\r\n")
    exchange.close()


def samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.match(line) for line in lines), [line for line in lines if not SAMPLE.match(line)]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def metrics(daemon) -> dict[str, float]:
    response = daemon.ask("GET", "/metrics", [KEY])
    assert response.status == 200
    assert response.get("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    return samples(response.body.decode())


@pytest.fixture(params=protocols.BOTH, ids=protocols.named)
def checked(request, relay_of):
    return relay_of(request.param, ALLOWED_API_KEYS=CLIENT_KEY)


@pytest.mark.parametrize("fields", [(), (("x-api-key", WRONG_KEY),)], ids=["no key", "wrong key"])
@pytest.mark.parametrize("target", ["/metrics", "/metrics?format=json"])
def test_metrics_need_a_key(checked, fields, target):
    response = checked.daemon.ask("GET", target, fields)
    assert response.status == 401
    CHAT.error(response)


def test_metrics_in_dynamic_mode_open_to_listed_keys_alone(relay_of):
    relay = relay_of(dataclasses.replace(CHAT, upstream_key=None), ALLOWED_API_KEYS=OTHER_KEY)
    assert relay.daemon.ask("GET", "/metrics", [KEY]).status == 401
    assert relay.daemon.ask("GET", "/metrics", [("x-api-key", OTHER_KEY)]).status == 200


def test_metrics_need_no_key_on_the_admin_socket_and_one_on_nginxs(start, upstream, folder):
    passed = {
        "http": sockets.tcp(),
        "nginx": sockets.unix(folder / "nginx.sock"),
        "admin": sockets.unix(folder / "admin.sock"),
    }
    start({**MESSAGES.settings(upstream), "ALLOWED_API_KEYS": CLIENT_KEY}, sockets=passed)
    statuses = {}
    for name, listener in passed.items():
        with Client(listener.getsockname()) as client:
            statuses[name] = client.ask("GET", "/metrics").status
    assert statuses == {"http": 401, "nginx": 401, "admin": 200}
    assert passed["http"].family == socket.AF_INET


def test_requests_are_counted_by_route_and_status(checked):
    for _ in range(3):
        checked.ask(KEY)
    checked.daemon.ask("POST", checked.protocol.path, checked.protocol.fields(), checked.protocol.body())
    checked.daemon.ask("GET", "/nowhere")
    counted = metrics(checked.daemon)
    route = {"messages": "messages", "chat": "chat-completions"}[checked.protocol.name]
    upstream = {"messages": "anthropic", "chat": "openai"}[checked.protocol.name]
    name = "claude_proxy_requests_total"
    assert counted[f'{name}{{route="{route}",status="200",class="2xx"}}'] == 3
    assert counted[f'{name}{{route="{route}",status="401",class="4xx"}}'] == 1
    assert counted[f'{name}{{route="none",status="404",class="4xx"}}'] == 1
    assert counted[f'claude_proxy_upstream_exchanges_total{{upstream="{upstream}",outcome="ok"}}'] == 3
    assert counted[f'claude_proxy_request_duration_seconds_count{{route="{route}"}}'] == 4
    assert counted[f'claude_proxy_time_to_first_token_seconds_count{{route="{route}"}}'] == 3
    assert counted[f'claude_proxy_tokens_total{{upstream="{upstream}",kind="input"}}'] == 9
    assert counted[f'claude_proxy_tokens_total{{upstream="{upstream}",kind="output"}}'] == 15
    assert counted["claude_proxy_workers"] == 2


def test_what_an_upstream_does_is_counted_by_outcome(checked):
    checked.ask(KEY, reply=lambda exchange: checked.reply(exchange, 429))
    checked.ask(KEY, reply=lambda exchange: checked.reply(exchange, 400))
    checked.ask(KEY, reply=lambda exchange: checked.reply(exchange, 500))
    checked.ask(KEY, reply=nonsense)
    counted = metrics(checked.daemon)
    upstream = {"messages": "anthropic", "chat": "openai"}[checked.protocol.name]
    for outcome in ["rate_limited", "client_error", "server_error", "unreachable"]:
        series = f'claude_proxy_upstream_exchanges_total{{upstream="{upstream}",outcome="{outcome}"}}'
        assert counted[series] == 1, outcome


def test_streams_are_counted_by_their_end(checked):
    with checked.client() as client:
        exchange = checked.open_stream(client, KEY)
        exchange.piece(checked.protocol.events(2))
        exchange.end_stream()
        client.response()
    with checked.client() as client:
        exchange = checked.open_stream(client, KEY)
        exchange.piece(checked.protocol.event)
        exchange.reset()
        client.response()
    with checked.client() as client:
        exchange = checked.open_stream(client, KEY)
        exchange.piece(checked.protocol.event)
        client.head()
        client.reset()
        assert exchange.sees_close()

    def ends() -> list[float]:
        counted = metrics(checked.daemon)
        return [counted[f'claude_proxy_streams_total{{end="{end}"}}'] for end in ENDS]

    # The upstream hears of the client's end a moment before it is counted.
    assert eventually(lambda: ends() == [1, 1, 1]), ends()


def test_the_json_has_the_old_names(checked):
    checked.ask(KEY)
    page = checked.daemon.ask("GET", "/metrics?format=json", [KEY])
    assert page.get("content-type").startswith("application/json")
    counted = page.json()
    assert counted["max_clients"] == 50 and counted["client_ttl"] == 3600
    assert counted["clients_created"] == 1 and counted["cached_clients"] == 1
    assert counted["cache_misses"] == 1 and counted["cache_hits"] == 0
    assert counted["active_clients"] == 1 and counted["clients_evicted"] == 0


def test_series_are_bounded_whatever_is_asked_and_answered(checked):
    for number in range(40):
        checked.daemon.ask("GET", f"/{number}/{MARK}")
        body = checked.protocol.body(model=f"{MARK}-{number}")
        checked.ask(
            KEY, body=body, reply=lambda exchange, status=400 + number: checked.reply(exchange, status)
        )
    metrics(checked.daemon)
    before = len(metrics(checked.daemon))
    assert before < 250
    checked.ask(KEY, body=checked.protocol.body(model=f"{MARK}-x"), reply=lambda e: checked.reply(e, 499))
    assert len(metrics(checked.daemon)) <= before + 1


def test_no_key_prompt_model_or_address_is_on_a_page(checked):
    checked.ask(KEY, body=checked.protocol.body(model=f"{MARK}-model"))
    checked.ask(KEY, reply=nonsense)
    for target in ["/metrics", "/metrics?format=json"]:
        body = checked.daemon.ask("GET", target, [KEY]).body.decode()
        assert MARK not in body
        assert str(checked.upstream.port) not in body
    assert MARK not in checked.daemon.ask("GET", "/health", [KEY]).body.decode()


def test_counters_survive_a_reload(checked):
    checked.ask(KEY)
    checked.daemon.signal(1)
    checked.daemon.wait_for_log("reloaded")
    assert checked.daemon.ask("GET", "/metrics?format=json", [KEY]).json()["clients_created"] == 1
