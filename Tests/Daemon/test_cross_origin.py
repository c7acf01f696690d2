"""Web pages: who may call from a browser, and what a preflight is told before any key."""

import pytest

from support import protocols
from support.secrets import CLIENT_KEY

ORIGIN = ("Origin", "https://page.example")
PREFLIGHT = [
    ORIGIN,
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "authorization, content-type"),
]


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/chat/completions", "/health"])
def test_a_preflight_needs_no_key(start, upstream, path):
    daemon = start({**protocols.CHAT.settings(upstream), "ALLOWED_API_KEYS": CLIENT_KEY, "CORS_ORIGINS": "*"})
    response = daemon.ask("OPTIONS", path, PREFLIGHT)
    assert (response.status, response.body) == (204, b"")
    assert response.get("access-control-allow-origin") == ORIGIN[1]
    assert "OPTIONS" in response.get("access-control-allow-methods")
    assert response.get("access-control-allow-headers") == "authorization, content-type"
    assert response.get("vary") == "Origin"
    assert response.get("content-length") is None
    assert not upstream.requests


def test_a_path_that_is_not_there_is_not_there_for_a_preflight_either(start):
    assert start("UPSTREAM=demo").ask("OPTIONS", "/nothing", PREFLIGHT).status == 404


@pytest.mark.parametrize(
    ("origins", "keys", "allowed"),
    [
        ("", CLIENT_KEY, "https://page.example"),
        ("", "", None),
        ("*", "", "https://page.example"),
        ("none", CLIENT_KEY, None),
        ("https://page.example,http://localhost:3000", "", "https://page.example"),
        ("https://other.example", "", None),
    ],
)
def test_replies_name_the_origin_if_it_may_call(start, upstream, origins, keys, allowed):
    daemon = start({**protocols.CHAT.settings(upstream), "ALLOWED_API_KEYS": keys, "CORS_ORIGINS": origins})
    assert daemon.ask("GET", "/health", [ORIGIN]).get("access-control-allow-origin") == allowed
    fields = [ORIGIN, protocols.JSON, ("Authorization", "Bearer wrong-key")]
    refused = daemon.ask("POST", protocols.CHAT.path, fields, b"{")
    assert refused.status in (400, 401)
    assert refused.get("access-control-allow-origin") == allowed


def test_relayed_replies_say_what_the_daemon_says(relay_of):
    relay = relay_of(protocols.CHAT, CORS_ORIGINS="https://page.example")

    def reply(exchange):
        relay.reply(exchange, fields=[("Access-Control-Allow-Origin", "*"), ("X-Of-Upstream", "1")])

    _, response = relay.ask(ORIGIN, reply=reply)
    assert response.head.all("access-control-allow-origin") == ["https://page.example"]
    assert response.get("x-of-upstream") == "1"


def test_streams_say_it_too(relay_of):
    relay = relay_of(protocols.CHAT, CORS_ORIGINS="*")
    with relay.client() as client:
        exchange = relay.open_stream(client, ORIGIN)
        exchange.piece(relay.protocol.events(1))
        exchange.end_stream()
        response = client.response()
    assert response.get("access-control-allow-origin") == ORIGIN[1]
