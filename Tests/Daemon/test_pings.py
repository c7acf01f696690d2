"""A translated stream whose upstream is silent: its client hears that somebody is there."""

import pytest

from support.protocols import CHAT, MESSAGES

FAR = "60"
PING = b"event: ping\n"


@pytest.fixture
def stream_of(relay_of):
    """A client of Messages, and the exchange with its Chat upstream."""

    def stream_of(**settings: str):
        relay = relay_of(CHAT, GUNICORN_WORKERS="1", **settings)
        client = relay.client()
        client.request("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body(stream=True))
        return client, relay.upstream.take()

    return stream_of


def test_the_first_ping_of_a_stream_that_has_begun_waits_for_no_early_head(stream_of):
    client, exchange = stream_of(EARLY_HEAD_AFTER=FAR, PING_INTERVAL="1")
    exchange.start_stream()
    exchange.piece(CHAT.event)
    body = client.body(client.head())
    for _ in range(2):
        assert PING in body.through(PING)
    exchange.piece(CHAT.last)
    exchange.end_stream()
    assert body.rest().endswith(MESSAGES.last)
    assert body.clean
    client.close()


def test_before_the_upstream_says_anything_the_first_ping_waits_for_the_early_head(stream_of):
    client, exchange = stream_of(EARLY_HEAD_AFTER="1", PING_INTERVAL=FAR)
    body = client.body(client.head())
    assert PING in body.through(PING)
    exchange.start_stream()
    exchange.piece(CHAT.event + CHAT.last)
    exchange.end_stream()
    assert PING not in body.rest()
    assert body.clean
    client.close()
