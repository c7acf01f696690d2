"""What stands between clients and the daemon: PROXY headers, forwarded addresses, names with `_`, IPv6."""

import socket

import pytest

from support import sockets
from support.client import Client
from support.protocols import MESSAGES

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
FIRST = b"PROXY TCP4 203.0.113.7 127.0.0.1 4711 80\r\n"
SECOND = SIGNATURE + b"\x21\x11\0\x0c" + bytes([203, 0, 113, 7, 127, 0, 0, 1]) + b"\x12\x67\0\x50"
SIXTH = b"PROXY TCP6 2001:db8::7 ::1 4711 80\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"


def answered(daemon, data: bytes, pieces: int = 0) -> int:
    """The status of the first answer to these bytes."""
    with daemon.client() as client:
        for at in range(0, len(data), pieces or len(data)):
            client.send(data[at : at + (pieces or len(data))])
        return client.response("GET").status


@pytest.mark.parametrize("header", [FIRST, SECOND, SIXTH], ids=["v1", "v2", "v1 IPv6"])
@pytest.mark.parametrize("pieces", [0, 1], ids=["whole", "by byte"])
def test_the_log_names_whom_the_proxy_named(start, header, pieces):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_PROXY_PROTOCOL": "auto"})
    assert answered(daemon, header + GET, pieces) == 200
    daemon.wait_for_log("client=2001:db8::7" if header is SIXTH else r"client=203\.0\.113\.7")


def test_only_the_first_request_of_a_connection_has_one(start):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_PROXY_PROTOCOL": "v1"})
    with daemon.client() as client:
        client.send(FIRST + GET + GET)
        assert [client.response("GET").status for _ in range(2)] == [200, 200]
        client.send(FIRST + GET)
        assert client.response("GET").status == 400


@pytest.mark.parametrize(
    ("versions", "data"),
    [("auto", GET), ("v2", FIRST + GET), ("v1", SECOND + GET), ("auto", b"PROXY TCP4 x y 1 2\r\n" + GET)],
    ids=["none", "v1 for v2", "v2 for v1", "no address"],
)
def test_what_is_expected_is_required(start, versions, data):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_PROXY_PROTOCOL": versions})
    assert answered(daemon, data) == 400


def test_without_the_setting_a_header_is_no_request(start):
    daemon = start({"UPSTREAM": "demo"})
    assert answered(daemon, FIRST + GET) == 400


def test_others_than_those_allowed_are_403(start):
    settings = {
        "UPSTREAM": "demo",
        "GUNICORN_PROXY_PROTOCOL": "auto",
        "GUNICORN_PROXY_ALLOW_IPS": "192.0.2.0/24",
    }
    assert answered(start(settings), FIRST + GET) == 403


def test_unix_sockets_always_may_and_the_admin_socket_needs_none(start, folder):
    passed = {
        "claude-proxy.socket": sockets.unix(folder / "n.sock"),
        "admin": sockets.unix(folder / "a.sock"),
    }
    settings = {"UPSTREAM": "demo", "GUNICORN_PROXY_PROTOCOL": "v1", "GUNICORN_PROXY_ALLOW_IPS": "192.0.2.1"}
    daemon = start(settings, sockets=passed)
    with Client(str(folder / "n.sock")) as client:
        client.send(FIRST + GET)
        assert client.response("GET").status == 200
    daemon.wait_for_log(r"client=203\.0\.113\.7")
    with Client(str(folder / "a.sock")) as client:
        assert client.ask("GET", "/health").status == 200


def test_forwarded_addresses_are_believed_from_loopback(start):
    daemon = start({"UPSTREAM": "demo"})
    daemon.ask("GET", "/livez", [("X-Forwarded-For", "198.51.100.1, 203.0.113.7")])
    daemon.wait_for_log(r"client=203\.0\.113\.7")


def test_and_from_nobody_else(start):
    daemon = start({"UPSTREAM": "demo", "FORWARDED_ALLOW_IPS": "192.0.2.1"})
    daemon.ask("GET", "/livez", [("X-Forwarded-For", "203.0.113.7")])
    assert "client=127.0.0.1" in daemon.wait_for_log("livez 200")
    assert "203.0.113.7" not in daemon.text


SCHEMES = {
    "one field": ([("X-Forwarded-Proto", "https")], 200),
    "two that agree": ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on")], 200),
    "two that do not": ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "off")], 400),
    "one twice": ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")], 400),
    "three": (
        [("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on"), ("X-Forwarded-Protocol", "https")],
        400,
    ),
}


@pytest.mark.parametrize(("fields", "status"), SCHEMES.values(), ids=SCHEMES.keys())
def test_fields_that_disagree_about_the_scheme_are_refused_from_whom_is_believed(relay_of, fields, status):
    relay = relay_of(MESSAGES)
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        relay.post(client, *fields)
        response = client.response()
    assert response.status == status
    if status == 400:
        MESSAGES.error(response)
    assert len(relay.upstream.requests) == (status == 200)


def test_nobody_else_can_have_a_request_refused_by_such_fields(start, folder):
    settings = {"UPSTREAM": "demo", "FORWARDED_ALLOW_IPS": "192.0.2.1"}
    passed = {"claude-proxy.socket": sockets.tcp(), "nginx.socket": sockets.unix(folder / "n.sock")}
    start(settings, sockets=passed)
    fields, status = SCHEMES["two that do not"]
    with Client(passed["claude-proxy.socket"].getsockname()) as client:
        assert client.ask("GET", "/livez", fields).status == 200
    with Client(str(folder / "n.sock")) as client:
        assert client.ask("GET", "/livez", fields).status == status


@pytest.mark.parametrize("value", ["10.0.0.1/8", "localhost", "10.0.0.0/40"])
def test_what_is_no_network_is_refused_at_the_start(start, value):
    daemon = start({"UPSTREAM": "demo", "FORWARDED_ALLOW_IPS": value})
    assert daemon.wait() == 1
    assert "FORWARDED_ALLOW_IPS" in daemon.text


@pytest.mark.parametrize(
    ("rule", "status", "passes"), [("drop", 200, False), ("dangerous", 200, True), ("refuse", 400, False)]
)
def test_header_names_with_an_underscore(relay_of, rule, status, passes):
    relay = relay_of(MESSAGES, GUNICORN_HEADER_MAP=rule)
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        relay.post(client, ("X_Team", "core"))
        assert client.response().status == status
    assert [request.head.get("x_team") for request in relay.upstream.requests] == (
        [] if status == 400 else ["core" if passes else None]
    )


def test_ipv6_is_served(start):
    listener = sockets.tcp("::1")
    daemon = start({"UPSTREAM": "demo"}, sockets={"claude-proxy.socket": listener})
    with socket.create_connection(listener.getsockname()[:2]) as sock:
        sock.sendall(GET)
        sock.settimeout(20)
        assert sock.recv(100).startswith(b"HTTP/1.1 200")
    daemon.wait_for_log("client=::1")


def test_the_end_of_what_a_client_sends_is_its_leaving(
    relay_of,
):
    """While a reply is awaited, the end of what a client sends is read as its leaving (RFC 9112 9.6)."""
    relay = relay_of(MESSAGES)
    with relay.client() as client:
        relay.post(client)
        exchange = relay.upstream.take()
        client.half_close()
        assert exchange.sees_close()
    with relay.client() as client:
        assert client.ask("GET", "/livez").status == 200
        client.half_close()
        assert client.sees_close()
