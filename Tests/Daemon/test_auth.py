"""Who may call: the table of modes, the forms a key may take, and when the check happens."""

import dataclasses

import pytest

from support import protocols
from support.protocols import BACKEND, CHAT, MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY, WRONG_KEY
from support.waiting import eventually

KEYS = {"ALLOWED_API_KEYS": f"{OTHER_KEY}, {CLIENT_KEY}"}

DYNAMIC = dataclasses.replace(CHAT, name="dynamic", upstream_key=None)
FORWARD = dataclasses.replace(BACKEND, name="forward", upstream_key=None)

ACCEPTED_FORMS = [
    ("x-api-key", CLIENT_KEY),
    ("X-API-Key", CLIENT_KEY),
    ("Authorization", f"Bearer {CLIENT_KEY}"),
    ("authorization", f"bearer {CLIENT_KEY}"),
    ("Authorization", f"BEARER {CLIENT_KEY}"),
    ("Authorization", CLIENT_KEY),
]

REFUSED_FORMS = [
    (),
    (("x-api-key", WRONG_KEY),),
    (("Authorization", f"Bearer {WRONG_KEY}"),),
    (("Authorization", f"Basic {CLIENT_KEY}"),),
    (("Authorization", f"Token {CLIENT_KEY}"),),
    (("Authorization", "Bearer"),),
    (("x-api-key", CLIENT_KEY[:-1]),),
    (("x-api-key", CLIENT_KEY + "x"),),
    (("x-api-key", CLIENT_KEY.upper()),),
    (("x-api-key", WRONG_KEY), ("Authorization", f"Bearer {CLIENT_KEY}")),
    (("x-api-key", SERVER_KEY),),
    (("api_key", CLIENT_KEY),),
]


def refused(relay, *fields) -> dict:
    """The error of a 401 that came without the upstream being asked."""
    with relay.client() as client:
        relay.post(client, *fields)
        response = client.response()
    assert response.status == 401, response
    assert relay.upstream.requests == []
    return relay.protocol.error(response)


def accepted(relay, *fields) -> str:
    """The key the upstream saw."""
    exchange, response = relay.ask(*fields)
    assert response.status == 200
    assert exchange.request.head.all("x-api-key") == []
    return exchange.request.head.get("authorization")


@pytest.fixture(params=protocols.ALL, ids=protocols.named)
def checked(request, relay_of):
    """A relay in static mode with two client keys."""
    return relay_of(request.param, **KEYS)


@pytest.mark.parametrize("field", ACCEPTED_FORMS, ids=lambda field: f"{field[0]} {field[1][:7]}")
def test_static_mode_takes_a_key_in_every_form_and_sends_its_own(checked, field):
    assert accepted(checked, field) == f"Bearer {SERVER_KEY}"


@pytest.mark.parametrize("fields", REFUSED_FORMS, ids=str)
def test_static_mode_refuses_what_is_no_listed_key(checked, fields):
    error = refused(checked, *fields)
    assert "Invalid API key" in error["message"]
    if checked.protocol is MESSAGES:
        assert error["type"] == "authentication_error"
    else:
        assert (error["type"], error["code"]) == ("invalid_request_error", "invalid_api_key")


def test_static_mode_takes_anthropic_api_key_as_one_more(relay_of):
    relay = relay_of(MESSAGES, ANTHROPIC_API_KEY=OTHER_KEY, ALLOWED_API_KEYS=CLIENT_KEY)
    for key in (OTHER_KEY, CLIENT_KEY):
        assert accepted(relay, ("x-api-key", key)) == f"Bearer {SERVER_KEY}"


@pytest.mark.parametrize(
    "empty", [{}, {"ANTHROPIC_API_KEY": "", "ALLOWED_API_KEYS": ""}], ids=["unset", "empty"]
)
@pytest.mark.parametrize("field", [(), (("x-api-key", "whatever-it-is"),)], ids=["no key", "any key"])
def test_static_mode_without_client_keys_checks_none(relay_of, empty, field):
    assert accepted(relay_of(CHAT, **empty), *field) == f"Bearer {SERVER_KEY}"


@pytest.mark.parametrize("form", ["x-api-key", "Bearer", "bare"])
def test_dynamic_mode_sends_the_clients_key(relay_of, form):
    field = {
        "x-api-key": ("x-api-key", CLIENT_KEY),
        "Bearer": ("Authorization", f"Bearer {CLIENT_KEY}"),
        "bare": ("Authorization", CLIENT_KEY),
    }[form]
    assert accepted(relay_of(DYNAMIC), field) == f"Bearer {CLIENT_KEY}"


def test_dynamic_mode_requires_a_key(relay_of):
    refused(relay_of(DYNAMIC))


def test_dynamic_mode_consults_no_list(relay_of):
    assert (
        accepted(relay_of(DYNAMIC, ALLOWED_API_KEYS=OTHER_KEY), ("x-api-key", CLIENT_KEY))
        == f"Bearer {CLIENT_KEY}"
    )


def test_dynamic_mode_with_anthropic_api_key_wants_the_prefix_sk(relay_of):
    relay = relay_of(DYNAMIC, ANTHROPIC_API_KEY=OTHER_KEY)
    assert accepted(relay, ("x-api-key", CLIENT_KEY)) == f"Bearer {CLIENT_KEY}"
    relay.upstream.requests.clear()
    refused(relay, ("x-api-key", CLIENT_KEY.removeprefix("sk-")))


def test_dynamic_mode_without_anthropic_api_key_takes_any_key(relay_of):
    key = CLIENT_KEY.removeprefix("sk-")
    assert accepted(relay_of(DYNAMIC), ("x-api-key", key)) == f"Bearer {key}"


def test_forward_mode_sends_the_clients_key(relay_of):
    assert accepted(relay_of(FORWARD), ("Authorization", f"Bearer {CLIENT_KEY}")) == f"Bearer {CLIENT_KEY}"


def test_forward_mode_requires_a_key(relay_of):
    assert refused(relay_of(FORWARD))["code"] == "missing_api_key"


def test_forward_mode_refuses_a_vendors_own_key(relay_of):
    error = refused(relay_of(FORWARD), ("x-api-key", f"sk-ant-{CLIENT_KEY}"))
    assert error["code"] == "invalid_auth_token"


def test_a_refusal_does_not_wait_for_the_body(checked):
    with checked.client() as client:
        client.send(
            f"POST {checked.protocol.path} HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n".encode()
        )
        response = client.response()
        assert response.status == 401
        checked.protocol.error(response)
        assert client.sees_close()


def test_a_refusal_answers_expect_100_continue_without_asking_for_the_body(checked):
    with checked.client() as client:
        fields = [("Expect", "100-continue"), ("Content-Length", "10000000")]
        client.request("POST", checked.protocol.path, fields)
        assert client.reader.head().status == 401


def test_a_refusal_names_neither_the_given_key_nor_a_right_one(checked):
    with checked.client() as client:
        checked.post(client, ("x-api-key", WRONG_KEY))
        response = client.response()
    for key in (WRONG_KEY, CLIENT_KEY, OTHER_KEY, SERVER_KEY):
        assert key.encode() not in response.body + response.head.raw


def test_after_a_refusal_the_right_key_works_on_the_same_connection(checked):
    with checked.client() as client:
        checked.post(client, ("x-api-key", WRONG_KEY))
        assert client.response().status == 401
        checked.post(client, ("x-api-key", CLIENT_KEY))
        checked.reply(checked.upstream.take())
        assert client.response().status == 200


SAMPLES = ["sk-test123", "sk-test456", "sk-demo1"]


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_key_is_warned_about_on_loopback(relay_of, sample):
    relay = relay_of(MESSAGES, ALLOWED_API_KEYS=f"{CLIENT_KEY},{sample}")
    assert accepted(relay, ("x-api-key", sample))
    assert eventually(lambda: sample in relay.daemon.text or "sample" in relay.daemon.text)


def test_the_placeholder_of_an_upstream_key_counts_as_unset(relay_of):
    relay = relay_of(MESSAGES, UPSTREAM_API_KEY="cr_set_upstream_api_key")
    relay.daemon.wait_for_log("UPSTREAM_API_KEY")
    with relay.client() as client:
        relay.post(client)
        relay.reply(exchange := relay.upstream.take())
        client.response()
    assert exchange.request.head.get("authorization") is None
