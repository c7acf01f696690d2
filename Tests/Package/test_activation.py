"""The first request starts the service, whichever way it comes."""

import socket

import pytest

from conftest import figure

SERVICE = "claude-proxy.service"
WAYS = [5000, 8082, "/run/claude-proxy/nginx.sock", "/run/claude-proxy-admin/admin.sock"]
MESSAGE = {"model": "demo", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}


@pytest.mark.parametrize("way", WAYS)
def test_a_request_starts_the_service_and_is_answered(machine, way):
    assert machine.show(SERVICE, "ActiveState") == "inactive"
    assert machine.ask("GET", "/livez", at=way).status == 200
    machine.expect(SERVICE, "ActiveState", "active")


@pytest.mark.parametrize("way", WAYS[:3])
def test_every_inference_socket_serves_both_protocols(machine, way):
    reply = machine.ask("POST", "/v1/messages", MESSAGE, at=way)
    assert (reply.status, reply.json()["type"]) == (200, "message")
    reply = machine.ask("POST", "/v1/chat/completions", MESSAGE, at=way)
    assert (reply.status, reply.json()["object"]) == (200, "chat.completion")


def test_a_stream_comes_through_the_activated_socket(machine):
    with machine.open("POST", "/v1/messages", {**MESSAGE, "stream": True}) as connection:
        kinds = [event["type"] for event in connection.events()]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")


def test_one_start_takes_all_sockets(machine):
    since = machine.journal.now()
    machine.ask("GET", "/livez")
    own = machine.show(SERVICE, "MainPID")
    wanted = {"127.0.0.1:5000", "127.0.0.1:8082", *WAYS[2:]}

    def is_last(entry):
        if entry.get("_PID") == own:
            wanted.difference_update(
                word for word in list(wanted) if f"listening on {word} " in entry["MESSAGE"]
            )
        return not wanted

    machine.journal.wait(since, is_last)


def test_status_says_in_words_how_much_is_served(machine):
    words = "2 workers, class async, up to 1000 requests each"
    machine.systemctl("start", SERVICE)
    machine.expect(SERVICE, "StatusText", lambda text: text.startswith(words))
    assert f'Status: "{words}' in machine.systemctl("status", SERVICE)


def test_status_is_live(machine):
    """What `systemctl status` prints follows the streams that are open."""
    machine.systemctl("start", SERVICE)
    machine.expect(SERVICE, "StatusText", lambda text: "; 0 connections, 0 requests in flight" in text)
    words = [{"role": "user", "content": "[stall midstream] one two three four"}]
    body = {**MESSAGE, "messages": words, "stream": True}
    with machine.open("POST", "/v1/messages", body) as connection:
        assert next(connection.events())["type"] == "message_start"
        machine.expect(SERVICE, "StatusText", lambda text: "; 1 connections, 1 requests in flight" in text)
    machine.expect(SERVICE, "StatusText", lambda text: "; 0 connections, 0 requests in flight" in text)


def test_it_is_ready_soon_after_its_exec(machine):
    machine.systemctl("start", SERVICE)
    started = int(machine.show(SERVICE, "ExecMainStartTimestampMonotonic"))
    ready = int(machine.show(SERVICE, "ActiveEnterTimestampMonotonic"))
    figure(f"READY {(ready - started) / 1000:.1f} ms after the fork, sandbox included")
    assert ready - started < 5_000_000


def test_a_taken_port_takes_only_its_own_socket_down(machine):
    machine.systemctl("stop", "claude-proxy-8082.socket")
    with machine.inside_network():
        squatter = socket.socket()
    with squatter:
        # Connections of earlier tests may still be in TIME_WAIT.
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", 8082))
        squatter.listen()
        machine.systemctl("start", "claude-proxy-8082.socket", check=False)
        machine.expect("claude-proxy-8082.socket", "ActiveState", "failed")
        machine.systemctl("start", SERVICE)
        for way in (WAYS[0], *WAYS[2:]):
            assert machine.ask("GET", "/livez", at=way).status == 200
