"""What is no request, or no safe one, is refused with a true status and an envelope, and then a close."""

import pytest

from support.client import spell_request
from support.protocols import CHAT, MESSAGES
from support.secrets import PROMPT

GET = b"GET /livez HTTP/1.1\r\n"
POST = b"POST /v1/messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

MALFORMED = {
    "no version": b"GET /livez\r\n\r\n",
    "version 2": b"GET /livez HTTP/2.0\r\nHost: a\r\n\r\n",
    "version 1.2": b"GET /livez HTTP/1.2\r\nHost: a\r\n\r\n",
    "lower-case method": b"get /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "two spaces": b"GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n",
    "empty target": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": GET + b"\r\n",
    "two hosts": GET + b"Host: a\r\nHost: b\r\n\r\n",
    "space before the colon": GET + b"Host: a\r\nX-A : b\r\n\r\n",
    "folded field": GET + b"Host: a\r\nX-A: b\r\n c\r\n\r\n",
    "field without a colon": GET + b"Host: a\r\nX-A\r\n\r\n",
    "empty field name": GET + b"Host: a\r\n: b\r\n\r\n",
    "null in a value": GET + b"Host: a\r\nX-A: b\0c\r\n\r\n",
    "bare CR in a value": GET + b"Host: a\r\nX-A: b\rc\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
}

SMUGGLED = {
    "both lengths": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "two equal lengths": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "list of lengths": POST + b"Content-Length: 2, 2\r\n\r\n{}",
    "signed length": POST + b"Content-Length: +2\r\n\r\n{}",
    "negative length": POST + b"Content-Length: -2\r\n\r\n{}",
    "hexadecimal length": POST + b"Content-Length: 0x2\r\n\r\n{}",
    "length beyond 64 bits": POST + b"Content-Length: 18446744073709551618\r\n\r\n{}",
    "empty length": POST + b"Content-Length:\r\n\r\n{}",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "chunked in quotes": POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "chunked after a vertical tab": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "two transfer encodings": POST
    + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "chunked in HTTP/1.0": (POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").replace(b"1.1", b"1.0"),
    "name with a tab": POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "chunk size with a sign": POST + b"Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    "chunk size with 0x": POST + b"Transfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
    "chunk size beyond 64 bits": POST
    + b"Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n",
    "chunk longer than its size": POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n",
    "chunk line ended by LF": POST + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n",
    "framing in a trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 3\r\n\r\n",
}

HIDDEN = spell_request("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body())


def refused(relay, wire: bytes, statuses=(400, 501)) -> None:
    with relay.client() as client:
        client.send(wire)
        response = client.response()
        assert response.status in statuses, response
        message = response.json()["error"]["message"]
        assert message and PROMPT not in message
        assert response.get("connection") == "close"
        assert client.sees_close(), "more was answered on a connection that can no longer be trusted"
    assert relay.upstream.requests == []


@pytest.fixture
def relay(relay_of):
    return relay_of(MESSAGES)


@pytest.mark.parametrize("wire", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_request_is_400(relay, wire):
    refused(relay, wire, statuses=(400, 505))


@pytest.mark.parametrize("wire", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_framing_that_can_be_read_in_two_ways_is_refused_and_what_follows_is_not_served(relay, wire):
    refused(relay, wire + HIDDEN, statuses=(400, 413, 501))


def test_errors_before_a_path_is_known_use_the_openai_envelope(relay):
    with relay.client() as client:
        client.send(b"nonsense\r\n\r\n")
        CHAT.error(client.response())


def test_a_request_line_of_4094_bytes_passes_and_one_more_is_414(relay):
    line = "GET /livez? HTTP/1.1"
    with relay.client() as client:
        assert client.ask("GET", "/livez?" + "x" * (4094 - len(line))).status == 200
        assert client.ask("GET", "/livez?" + "x" * (4095 - len(line))).status == 414
        assert client.sees_close()


def test_100_header_fields_pass_and_one_more_is_431(relay):
    with relay.client() as client:
        assert client.ask("GET", "/livez", [(f"x-{n}", "1") for n in range(99)]).status == 200
        assert client.ask("GET", "/livez", [(f"x-{n}", "1") for n in range(100)]).status == 431
        assert client.sees_close()


def test_a_header_field_of_8190_bytes_passes_and_one_more_is_431(relay):
    frame = len("x-a: \r\n")
    with relay.client() as client:
        assert client.ask("GET", "/livez", [("x-a", "y" * (8190 - frame))]).status == 200
        assert client.ask("GET", "/livez", [("x-a", "y" * (8191 - frame))]).status == 431


def test_an_endless_header_is_refused_before_it_ends(relay):
    with relay.client() as client:
        client.send(GET + b"Host: a\r\nX-A: " + b"y" * 9000)
        assert client.response().status == 431


def test_an_endless_request_line_is_refused_before_it_ends(relay):
    with relay.client() as client:
        client.send(b"GET /" + b"y" * 9000)
        assert client.response().status == 414


def body_of(size: int) -> bytes:
    body = MESSAGES.body(prompt="")
    return MESSAGES.body(prompt="x" * (size - len(body)))


def test_a_body_of_the_limit_passes_and_one_byte_more_is_413(relay_of):
    relay = relay_of(MESSAGES, MAX_BODY_BYTES="100000")
    exchange, response = relay.ask(body=body_of(100_000))
    assert (len(exchange.request.body), response.status) == (100_000, 200)
    with relay.client() as client:
        relay.post(client, body=body_of(100_001))
        response = client.response()
        assert response.status == 413
        assert MESSAGES.error(response)["type"] == "request_too_large"


def test_a_body_too_large_is_refused_by_its_announced_length(relay):
    with relay.client() as client:
        client.send(POST + b"Content-Length: 33554433\r\n\r\n")
        assert client.response().status == 413


def test_a_chunked_body_too_large_is_413(relay_of):
    relay = relay_of(MESSAGES, MAX_BODY_BYTES="100000")
    with relay.client() as client:
        client.send(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        client.send((b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 6)
        client.send(b"4000\r\n" + b" " * 0x4000)
        assert client.response().status == 413
    assert relay.upstream.requests == []


def test_a_large_body_still_being_sent_does_not_cost_the_client_the_answer(relay):
    """A close with unread bytes would reset the connection and throw the answer away on the client's side."""
    with relay.client() as client:
        client.send(POST + b"Content-Length: 50000000\r\n\r\n")
        try:
            for _ in range(32):
                client.send(b" " * 65536)
        except ConnectionError:
            pytest.fail("the connection was reset while the body was on its way")
        response = client.response()
        assert (response.status, response.clean) == (413, True)


def test_a_body_that_ends_too_early_is_not_sent_on(relay):
    with relay.client() as client:
        client.send(POST + b"Content-Length: 100\r\n\r\n{}")
        client.half_close()
        if not client.sees_close():
            assert client.response().status == 400
    assert relay.upstream.requests == []


def test_a_body_that_is_not_json_is_400(relay):
    with relay.client() as client:
        relay.post(client, body=b"{bad")
        response = client.response()
        assert response.status == 400
        assert MESSAGES.error(response)["type"] == "invalid_request_error"
        assert client.ask("GET", "/livez").status == 200
    assert relay.upstream.requests == []


def test_a_body_that_is_not_utf_8_is_400(relay):
    with relay.client() as client:
        relay.post(client, body=b'{"model": "\xff\xfe"}')
        assert client.response().status == 400


def test_a_body_nested_without_end_is_400(relay):
    with relay.client() as client:
        relay.post(client, body=b'{"model":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
        assert client.response().status == 400
