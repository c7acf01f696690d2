"""Which header fields pass, which are the hop's own, and which are ours."""

import pytest

from support import protocols
from support.secrets import CLIENT_KEY, SERVER_KEY

KEPT = [
    ("anthropic-beta", "a-2025-01-01,b-2026-02-02"),
    ("anthropic-dangerous-direct-browser-access", "true"),
    ("X-Claude-Code-Session-Id", "5f0c"),
    ("x-stainless-retry-count", "0"),
    ("X-App", "cli"),
    ("User-Agent", "claude-cli/2.1.329 (external, sdk-cli)"),
    ("OpenAI-Organization", "org-1"),
    ("OpenAI-Beta", "future=v2"),
    ("Idempotency-Key", "  spaced value  "),
    ("X-Unheard-Of", 'a "quoted", and; odd=value \xe9'),
]

HOP = [
    ("Connection", "keep-alive, X-Named"),
    ("X-Named", "by connection"),
    ("Keep-Alive", "timeout=5"),
    ("TE", "trailers"),
    ("Proxy-Authorization", "Basic eDp5"),
    ("Proxy-Connection", "keep-alive"),
    ("Cookie", "session=1"),
    ("X-Forwarded-For", "203.0.113.9"),
    ("X-Forwarded-Host", "elsewhere"),
    ("X-Forwarded-Proto", "https"),
    ("X-Real-IP", "203.0.113.9"),
    ("Forwarded", "for=203.0.113.9"),
    ("Accept-Encoding", "gzip, br"),
]


def test_a_clients_own_fields_pass_unchanged_and_in_order(relay):
    exchange, _ = relay.ask(*KEPT)
    names = {name.lower() for name, _ in KEPT}
    seen = [(name.lower(), value) for name, value in exchange.request.head.fields if name.lower() in names]
    assert seen == [(name.lower(), value.strip()) for name, value in KEPT]


def test_a_repeated_field_is_kept_twice(relay):
    exchange, _ = relay.ask(("x-many", "one"), ("X-Many", "two"))
    assert exchange.request.head.all("x-many") == ["one", "two"]


def test_a_clients_anthropic_version_passes(relay_of):
    exchange, _ = relay_of(protocols.MESSAGES).ask()
    assert exchange.request.head.get("anthropic-version") == "2023-06-01"


@pytest.mark.parametrize(("name", "value"), HOP, ids=[name for name, _ in HOP])
def test_fields_of_the_hop_stay_here(relay_of, name, value):
    connection = [("Connection", "X-Named")] if name == "X-Named" else []
    exchange, response = relay_of(protocols.MESSAGES).ask((name, value), *connection)
    assert response.status == 200
    assert value not in exchange.request.head.all(name)


def test_the_upstream_is_asked_for_plain_bytes(relay):
    exchange, _ = relay.ask(("Accept-Encoding", "gzip, deflate, br, zstd"))
    assert exchange.request.head.all("accept-encoding") == ["identity"]


def test_host_is_the_upstreams(relay):
    exchange, _ = relay.ask(("Host", "proxy.example"))
    assert exchange.request.head.get("host") == f"127.0.0.1:{relay.upstream.port}"


@pytest.mark.parametrize("field", [("x-api-key", CLIENT_KEY), ("Authorization", f"Bearer {CLIENT_KEY}")])
def test_the_servers_key_replaces_the_clients(relay, field):
    exchange, _ = relay.ask(field)
    assert exchange.request.head.all("authorization") == [f"Bearer {SERVER_KEY}"]
    assert exchange.request.head.all("x-api-key") == []
    assert CLIENT_KEY.encode() not in exchange.request.head.raw


def test_a_silent_client_gets_our_user_agent_upstream(relay):
    exchange, _ = relay.ask()
    assert exchange.request.head.get("user-agent").startswith("claude-proxy/")


UPSTREAMS = [
    ("retry-after", "7"),
    ("retry-after-ms", "7000"),
    ("x-should-retry", "false"),
    ("anthropic-ratelimit-requests-remaining", "12"),
    ("x-ratelimit-reset-tokens", "6m0s"),
    ("request-id", "req_upstream"),
    ("x-request-id", "req_other"),
    ("x-unheard-of", "kept"),
]


@pytest.mark.parametrize("status", [200, 429])
def test_an_upstreams_fields_come_back(relay, status):
    _, response = relay.ask(reply=lambda exchange: relay.reply(exchange, status, UPSTREAMS))
    seen = {name: response.head.all(name) for name, _ in UPSTREAMS}
    assert seen == {name: [value] for name, value in UPSTREAMS}


def test_an_upstreams_cookies_and_hop_fields_do_not_come_back(relay):
    theirs = [
        ("Set-Cookie", "session=1"),
        ("Server", "upstream/1"),
        ("Via", "1.1 elsewhere"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Authenticate", "Basic"),
        ("Connection", "X-Named"),
        ("X-Named", "by connection"),
    ]
    _, response = relay.ask(reply=lambda exchange: relay.reply(exchange, 200, theirs))
    assert response.status == 200
    for name, value in theirs:
        assert value not in response.head.all(name), name


def test_our_request_id_is_on_every_answer_and_never_twice_the_same(relay):
    relay.upstream.answer(relay.reply)
    answers = []
    with relay.client() as client:
        for _ in range(3):
            relay.post(client)
            answers.append(client.response())
        answers.append(client.ask("GET", "/no-such-path"))
    ids = [answer.get("x-proxy-request-id") for answer in answers]
    assert all(ids) and len(set(ids)) == len(ids)
