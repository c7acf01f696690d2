"""The routes for people and machines that watch."""

import dataclasses

import pytest

from support import protocols
from support.protocols import MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY, WRONG_KEY


@pytest.fixture
def checked(relay_of):
    return relay_of(MESSAGES, ALLOWED_API_KEYS=CLIENT_KEY)


def test_health_tells_anyone_the_status_and_the_version_and_nothing_else(checked):
    response = checked.daemon.ask("GET", "/health")
    assert response.status == 200
    assert response.get("content-type").startswith("application/json")
    assert set(response.json()) == {"status", "version"}
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize("fields", [(), (("x-api-key", WRONG_KEY),)], ids=["no key", "wrong key"])
def test_health_without_a_valid_key_shows_no_configuration(checked, fields):
    response = checked.daemon.ask("GET", "/health", fields)
    assert str(checked.upstream.port).encode() not in response.body


def test_health_with_a_valid_key_shows_the_upstream(checked):
    response = checked.daemon.ask("GET", "/health", [("x-api-key", CLIENT_KEY)])
    assert response.json()["status"] == "ok"
    assert response.json()["state"] == "healthy"
    assert str(checked.upstream.port).encode() in response.body
    assert SERVER_KEY.encode() not in response.body and CLIENT_KEY.encode() not in response.body


def test_health_in_dynamic_mode_opens_to_listed_keys_alone(relay_of):
    """There a client's key is its own business with the upstream, and says nothing here."""
    relay = relay_of(dataclasses.replace(protocols.CHAT, upstream_key=None), ALLOWED_API_KEYS=OTHER_KEY)
    assert set(relay.daemon.ask("GET", "/health", [("x-api-key", CLIENT_KEY)]).json()) == {
        "status",
        "version",
    }
    assert len(relay.daemon.ask("GET", "/health", [("x-api-key", OTHER_KEY)]).json()) > 2


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/"),
        ("HEAD", "/"),
        ("HEAD", "/health"),
        ("GET", "/health?x=1"),
    ],
)
def test_probes_need_no_key(checked, method, target):
    response = checked.daemon.ask(method, target)
    assert response.status == 200
    assert (response.body == b"") == (method == "HEAD")
    assert str(checked.upstream.port).encode() not in response.body


def test_health_stays_quick_while_streams_are_open(relay_of, checked):
    clients = [checked.client() for _ in range(20)]
    for client in clients:
        checked.post(client, ("x-api-key", CLIENT_KEY), stream=True)
        checked.upstream.take().start_stream()
    assert checked.daemon.ask("GET", "/health").status == 200
    for client in clients:
        client.reset()


@pytest.mark.parametrize("path", ["/no-such-path", "/v1", "//v1/messages", "/V1/MESSAGES"])
def test_an_unknown_path_is_404_in_the_openai_envelope(checked, path):
    response = checked.daemon.ask("GET", path)
    assert response.status == 404
    protocols.CHAT.error(response)


@pytest.mark.parametrize(
    "path",
    ["/v1/messages/", "/v1/messages/unknown", "/v1/messages/../messages"],
)
def test_an_unknown_path_below_messages_is_404_in_the_anthropic_envelope(checked, path):
    response = checked.daemon.ask("POST", path, [("x-api-key", CLIENT_KEY)], b"{}")
    assert response.status == 404
    assert MESSAGES.error(response)["type"] == "not_found_error"


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_405_and_names_the_right_one(relay_of, protocol, method):
    response = relay_of(protocol).daemon.ask(method, protocol.path)
    assert response.status == 405
    assert "POST" in response.get("allow")
    protocol.error(response)


def test_a_wrong_method_of_a_probe_names_its_own(checked):
    response = checked.daemon.ask("POST", "/health", body=b"")
    assert response.status == 405
    assert "GET" in response.get("allow")


@pytest.fixture
def unconfigured(start):
    return start({})


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
def test_unconfigured_is_503_that_names_the_file_to_edit(unconfigured, protocol):
    response = unconfigured.ask("POST", protocol.path, protocol.fields(), protocol.body())
    assert response.status == 503
    assert unconfigured.config.name in protocol.error(response)["message"]


def test_unconfigured_is_alive_but_not_ready(unconfigured):
    assert unconfigured.ask("GET", "/livez").status == 200
    assert unconfigured.ask("GET", "/readyz").status == 503
    assert unconfigured.ask("GET", "/health").status == 200
