"""Equal protocols on both sides: what one side says reaches the other as it was said."""

import functools
import random

import pytest

from support import protocols, ways
from support.client import chunked

over_both_ways = pytest.mark.parametrize("way", ways.BOTH, indirect=True)

ODD_JSON = (
    b' {\t"zeta" : 1.50e+00,\r\n"model":"m-\\u0031" , "service_tier":null,'
    b'"messages":[ {"role":"user","content":"\\ud83d\\ude00 \xc3\xa9\\/"} ],'
    b'"max_tokens":1,"unknown":{"b":[ ],"a":{ }},"max_tokens":64,"stream":false }' + b"\n"
)


@functools.cache
def noise() -> str:
    dice = random.Random(7)
    return "".join(chr(dice.randrange(0x20, 0x2FF)) for _ in range(1_000_000))


@pytest.mark.parametrize("protocol", protocols.ALL, ids=protocols.named)
def test_the_request_goes_to_the_configured_url(relay_of, protocol):
    exchange, response = relay_of(protocol).ask()
    assert (exchange.request.method, exchange.request.target) == ("POST", protocol.upstream_path)
    assert response.status == 200


@over_both_ways
def test_a_body_goes_out_as_it_came_in(relay):
    exchange, _ = relay.ask(body=ODD_JSON)
    assert exchange.request.body == ODD_JSON
    assert exchange.request.head.get("content-length") == str(len(ODD_JSON))


@over_both_ways
def test_a_long_body_goes_out_as_it_came_in(relay):
    body = relay.protocol.body(prompt=noise())
    exchange, response = relay.ask(body=body)
    assert exchange.request.body == body
    assert exchange.request.head.get("expect") is None
    assert response.status == 200


@over_both_ways
def test_a_chunked_body_goes_out_whole(relay):
    body = relay.protocol.body()
    pieces = [body[:1], body[1:7], body[7:]]
    exchange, _ = relay.ask(("Transfer-Encoding", "chunked"), body=chunked(*pieces))
    assert exchange.request.body == body


def test_unknown_fields_and_betas_are_kept(relay):
    body = relay.protocol.body(safeguards={"x": [1]}, tools=[{"type": "future_20300101", "name": "t"}])
    exchange, _ = relay.ask(("anthropic-beta", "future-2030-01-01, other"), body=body)
    assert exchange.request.body == body
    assert exchange.request.head.get("anthropic-beta") == "future-2030-01-01, other"


def test_a_query_of_the_client_does_not_matter_to_the_route(relay):
    with relay.client() as client:
        client.request(
            "POST", relay.protocol.path + "?beta=true", relay.protocol.fields(), relay.protocol.body()
        )
        relay.reply(relay.upstream.take())
        assert client.response().status == 200


@over_both_ways
def test_a_reply_comes_back_as_it_was_given(relay):
    odd = b'\n{ "odd" :\t[1.0, 1e3, "\\u00e9\xc3\xa9"], "odd":2 }\r\n'
    _, response = relay.ask(reply=lambda exchange: exchange.reply(200, odd, [protocols.JSON]))
    assert (response.status, response.body, response.clean) == (200, odd, True)


@over_both_ways
def test_a_long_reply_comes_back_as_it_was_given(relay):
    body = random.Random(9).randbytes(5_000_000)
    _, response = relay.ask(reply=lambda exchange: exchange.reply(200, body, [protocols.JSON]))
    assert response.body == body


@over_both_ways
def test_a_reply_without_a_length_comes_back_whole(relay):
    def until_close(exchange):
        exchange.head(200, [protocols.JSON, ("Connection", "close")])
        exchange.send(relay.protocol.reply)
        exchange.close()

    _, response = relay.ask(reply=until_close)
    assert (response.body, response.clean) == (relay.protocol.reply, True)


ERRORS = [
    (400, b'{"error": {"message":"no  such thing", "future":[1]}}', protocols.JSON),
    (401, b'{"type":"error","error":{"type":"authentication_error","message":"bad key"}}', protocols.JSON),
    (404, b"", protocols.JSON),
    (413, b"<html>too large</html>", ("Content-Type", "text/html")),
    (429, b'{"error":{"message":"slow down"}}', protocols.JSON),
    (500, b'{"broken', protocols.JSON),
    (503, b"plain words", ("Content-Type", "text/plain")),
    (529, b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', protocols.JSON),
]


@pytest.mark.parametrize(
    ("status", "body", "kind"), ERRORS, ids=lambda value: value if isinstance(value, int) else ""
)
@over_both_ways
def test_an_upstream_error_comes_back_as_it_was_given_and_is_never_retried(relay, status, body, kind):
    _, response = relay.ask(reply=lambda exchange: exchange.reply(status, body, [kind]))
    assert (response.status, response.body, response.get("content-type")) == (status, body, kind[1])
    assert len(relay.upstream.requests) == 1


@over_both_ways
def test_one_upstream_connection_serves_request_after_request(relay):
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        for _ in range(5):
            relay.post(client)
            assert client.response().status == 200
    assert len(relay.upstream.connections) == 1
