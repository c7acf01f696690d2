"""Where it listens, and that rights follow the listener."""

import socket

import pytest

from support import sockets
from support.client import Client
from support.protocols import CHAT, MESSAGES
from support.secrets import CLIENT_KEY, SERVER_KEY

CHECKED = {"UPSTREAM_API_KEY": SERVER_KEY, "ALLOWED_API_KEYS": CLIENT_KEY}


@pytest.fixture
def passed(folder):
    """What the packaged units pass: TCP, a socket for nginx, and the admin's."""
    return {
        "claude-proxy.socket/0": sockets.tcp(),
        "claude-proxy.socket/1": sockets.unix(folder / "nginx.sock"),
        "admin": sockets.unix(folder / "admin.sock"),
    }


@pytest.fixture
def activated(start, upstream, passed):
    return start({**MESSAGES.settings(upstream), **CHECKED}, sockets=passed)


def client_of(listener: socket.socket) -> Client:
    return Client(listener.getsockname())


def test_every_inference_listener_serves_inference(activated, passed, upstream):
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply))
    for name in ("claude-proxy.socket/0", "claude-proxy.socket/1"):
        with client_of(passed[name]) as client:
            fields = MESSAGES.fields(("x-api-key", CLIENT_KEY))
            assert client.ask("POST", MESSAGES.path, fields, MESSAGES.body()).status == 200


def test_a_unix_socket_has_the_rights_of_tcp(activated, passed):
    for name in ("claude-proxy.socket/0", "claude-proxy.socket/1"):
        with client_of(passed[name]) as client:
            assert client.ask("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body()).status == 401
            assert set(client.ask("GET", "/health").json()) == {"status", "version"}
            assert client.ask("GET", "/metrics").status in (401, 404)


def test_forwarded_fields_give_no_rights(activated, passed):
    with client_of(passed["claude-proxy.socket/1"]) as client:
        for name in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
            assert set(client.ask("GET", "/health", [(name, "127.0.0.1")]).json()) == {"status", "version"}


def test_the_admin_socket_shows_all_without_a_key(activated, passed):
    with client_of(passed["admin"]) as client:
        assert len(client.ask("GET", "/health").json()) > 2


def test_without_passed_sockets_host_and_port_decide(start):
    daemon = start({"UPSTREAM": "demo"})
    assert daemon.ask("GET", "/livez").status == 200


def test_passed_sockets_win_and_the_warning_names_the_unit(start, passed):
    daemon = start({"UPSTREAM": "demo"}, env={"HOST": "127.0.0.1", "PORT": "1"}, sockets=passed)
    assert "systemctl edit claude-proxy.socket" in daemon.wait_for_log("systemctl edit")
    with client_of(passed["claude-proxy.socket/0"]) as client:
        assert client.ask("GET", "/livez").status == 200


def test_sockets_passed_to_somebody_else_are_left_alone(start):
    daemon = start({"UPSTREAM": "demo"}, env={"LISTEN_PID": "1", "LISTEN_FDS": "1"})
    assert daemon.ask("GET", "/livez").status == 200


def refusal_of_public_bind(start, settings, host="0.0.0.0") -> str:
    daemon = start(settings, env={"HOST": host, "PORT": "0"})
    assert daemon.wait() == 1, daemon.text
    return daemon.text


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_public_bind_that_spends_a_key_unasked_is_refused(start, upstream, host):
    assert "ALLOWED_API_KEYS" in refusal_of_public_bind(start, MESSAGES.settings(upstream), host)


def test_a_passed_public_socket_that_spends_a_key_unasked_is_refused_the_same(start, upstream):
    public = sockets.tcp("0.0.0.0")
    daemon = start(MESSAGES.settings(upstream), sockets={"claude-proxy.socket": public})
    daemon.wait_for_log("ALLOWED_API_KEYS")
    with Client(("127.0.0.1", public.getsockname()[1])) as client:
        assert client.ask("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body()).status == 503
    assert upstream.requests == []


@pytest.mark.parametrize("key", ["sk-test123", "sk-demo1", "short"])
def test_a_public_bind_refuses_sample_and_short_keys_by_name(start, upstream, key):
    settings = {**MESSAGES.settings(upstream), "ALLOWED_API_KEYS": f"{CLIENT_KEY},{key}"}
    text = refusal_of_public_bind(start, settings)
    assert "ALLOWED_API_KEYS" in text
    assert key in text or key == "short"


@pytest.mark.parametrize(
    "settings",
    [
        {**CHECKED},
        {"ALLOW_OPEN": "true"},
    ],
    ids=["keys checked", "ALLOW_OPEN"],
)
def test_a_public_bind_is_allowed_with(start, upstream, settings):
    daemon = start({**MESSAGES.settings(upstream), **settings}, env={"HOST": "0.0.0.0", "PORT": "0"})
    daemon.wait_for_log(r"listening on 0\.0\.0\.0:\d+")
    if "ALLOW_OPEN" in settings:
        daemon.wait_for_log("ALLOW_OPEN")


def test_a_public_bind_that_forwards_the_clients_key_needs_no_list(start, upstream):
    settings = {"OPENAI_BASE_URL": CHAT.settings(upstream)["OPENAI_BASE_URL"]}
    start(settings, env={"HOST": "0.0.0.0", "PORT": "0"}).wait_for_log(r"listening on 0\.0\.0\.0:\d+")


def test_a_taken_port_is_an_error_that_names_it(start):
    taken = sockets.tcp()
    port = str(taken.getsockname()[1])
    daemon = start({"UPSTREAM": "demo"}, env={"HOST": "127.0.0.1", "PORT": port})
    assert daemon.wait() == 1
    assert f"127.0.0.1:{port}" in daemon.text


def backlog_of(listener: socket.socket) -> int:
    """How many connections the kernel holds at most: `tcpi_sacked` of a listening socket."""
    info = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 32)
    return int.from_bytes(info[28:32], "little")


@pytest.mark.parametrize(("settings", "backlog"), [({}, 256), ({"GUNICORN_BACKLOG": "17"}, 17)])
def test_a_passed_socket_keeps_its_units_backlog_unless_one_is_set(start, settings, backlog):
    listener = sockets.tcp()
    daemon = start({"UPSTREAM": "demo", **settings}, sockets={"claude-proxy.socket": listener})
    daemon.wait_for_log("ready:")
    assert backlog_of(listener) == backlog
