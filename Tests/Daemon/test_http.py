"""HTTP/1.1 as a client may speak it."""

import socket

import pytest

from support.client import chunked, spell_request
from support.protocols import MESSAGES

LIVEZ = spell_request("GET", "/livez")


@pytest.fixture
def daemon(start):
    return start({"UPSTREAM": "demo"})


def test_a_connection_serves_request_after_request(daemon):
    with daemon.client() as client:
        for _ in range(20):
            response = client.ask("GET", "/livez")
            assert (response.status, response.clean) == (200, True)


def test_pipelined_requests_are_answered_in_order(daemon):
    targets = ["/livez", "/no-such-path", "/health", "/readyz", "/no-such-path", "/livez"]
    with daemon.client() as client:
        client.send(b"".join(spell_request("GET", target) for target in targets))
        assert [client.response("GET").status for _ in targets] == [200, 404, 200, 200, 404, 200]


def test_pipelined_inference_is_answered_in_order(relay):
    relay.upstream.answer(lambda exchange: exchange.reply(200, exchange.request.body))
    bodies = [relay.protocol.body(prompt=f"number {number}") for number in range(10)]
    with relay.client() as client:
        client.send(
            b"".join(
                spell_request("POST", relay.protocol.path, relay.protocol.fields(), body) for body in bodies
            )
        )
        assert [client.response().body for _ in bodies] == bodies


@pytest.mark.parametrize("size", [1, 3, 17])
def test_a_request_may_come_in_pieces(relay, size):
    request = spell_request("POST", relay.protocol.path, relay.protocol.fields(), relay.protocol.body())
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        for at in range(0, len(request), size):
            client.send(request[at : at + size])
        assert client.response().status == 200
    assert relay.upstream.requests[0].body == relay.protocol.body()


def test_connection_close_is_obeyed(daemon):
    with daemon.client() as client:
        response = client.ask("GET", "/livez", [("Connection", "close")])
        assert response.get("connection") == "close"
        assert client.sees_close()


def test_http_1_0_gets_one_answer_without_chunks(relay):
    relay.upstream.answer(lambda exchange: stream(exchange, relay.protocol.events(5)))
    body = relay.protocol.body(stream=True)
    with relay.client() as client:
        client.send(
            b"POST %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (relay.protocol.path.encode(), len(body), body)
        )
        response = client.response()
    assert response.get("transfer-encoding") is None
    assert response.body == relay.protocol.events(5)


def stream(exchange, events: bytes) -> None:
    exchange.start_stream()
    exchange.piece(events)
    exchange.end_stream()


def test_http_1_0_keeps_alive_only_if_asked(daemon):
    with daemon.client() as client:
        client.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert client.response().status == 200
        assert client.sees_close()
    with daemon.client() as client:
        for _ in range(2):
            client.send(b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.response().status == 200


def test_expect_100_continue_is_answered_before_the_body_comes(relay):
    body = relay.protocol.body()
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        fields = [*relay.protocol.fields(), ("Expect", "100-continue"), ("Content-Length", str(len(body)))]
        client.request("POST", relay.protocol.path, fields)
        assert client.reader.head().status == 100
        client.send(body)
        assert client.response().status == 200


def test_an_unknown_expectation_is_417(daemon):
    assert daemon.ask("GET", "/livez", [("Expect", "the-unexpected")]).status == 417


def test_head_gets_the_head_of_get(daemon):
    with daemon.client() as client:
        client.request("HEAD", "/health")
        head = client.response("HEAD").head
        got = client.ask("GET", "/health")
    assert head.status == got.status == 200
    assert head.get("content-length") == got.get("content-length") == str(len(got.body))


def test_a_half_closed_client_still_gets_its_answer(daemon):
    with daemon.client() as client:
        client.send(LIVEZ)
        client.half_close()
        assert client.response().status == 200
        assert client.sees_close()


def test_empty_lines_before_a_request_are_ignored(daemon):
    with daemon.client() as client:
        client.send(b"\r\n" + LIVEZ)
        assert client.response().status == 200


def test_every_answer_has_date_length_and_type(daemon):
    for target in ("/livez", "/health", "/no-such-path", MESSAGES.path):
        response = daemon.ask("GET", target)
        assert response.get("date") and response.get("content-type")
        assert response.get("content-length") == str(len(response.body))


def test_the_absolute_form_of_a_target_is_its_path(daemon):
    assert daemon.ask("GET", "http://anywhere.example/livez").status == 200


def test_extensions_and_trailers_of_chunks_are_read_past(relay):
    body = relay.protocol.body()
    wire = b"%x;ext=1\r\n%s\r\n" % (len(body), body) + b"0\r\nX-Trailer: 1\r\n\r\n"
    exchange, response = relay.ask(("Transfer-Encoding", "chunked"), body=wire)
    assert (exchange.request.body, response.status) == (body, 200)
    assert exchange.request.head.get("x-trailer") is None


def test_an_unread_body_of_a_probe_does_not_become_the_next_request(daemon):
    with daemon.client() as client:
        client.request("GET", "/livez", body=b"GET /no-such-path HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.response().status == 200
        assert client.ask("GET", "/livez").status == 200


def test_no_nagle_holds_back_small_answers(daemon):
    """Asking one after another on one connection would cost 40 ms each with a delayed acknowledgement."""
    with daemon.client() as client:
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
        for _ in range(50):
            assert client.ask("GET", "/livez").status == 200


def test_a_chunked_body_in_single_bytes_is_whole(relay):
    body = relay.protocol.body()
    exchange, _ = relay.ask(
        ("Transfer-Encoding", "chunked"), body=chunked(*(body[at : at + 1] for at in range(len(body))))
    )
    assert exchange.request.body == body
