"""Reading an upstream's list of models: in the background, for no one to wait for."""

import dataclasses
import json

import pytest

from support import models, protocols
from support.protocols import BACKEND, CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY
from support.upstream import Upstream
from support.waiting import eventually

KEY = ("x-api-key", CLIENT_KEY)
LISTED = ("x-api-key", OTHER_KEY)
FOUND = r"models at the OpenAI-speaking upstream"
FAILED = r"list of models cannot be read: (\w+)"


@pytest.fixture(params=[CHAT, BACKEND], ids=protocols.named)
def protocol(request):
    return request.param


def started(start, upstream, protocol, **settings):
    return start({**protocol.settings(upstream), "ALLOWED_API_KEYS": f"{CLIENT_KEY},{OTHER_KEY}", **settings})


def ids(daemon, fields=(KEY,)) -> list[str]:
    return [model["id"] for model in daemon.ask("GET", "/v1/models", fields).json()["data"]]


def test_the_list_is_read_at_start_with_the_servers_key(start, upstream, protocol):
    upstream.catalogue = models.answering(models.listing("Org/Model-X", "other"))
    daemon = started(start, upstream, protocol)
    assert "2 models" in daemon.wait_for_log(FOUND)
    request = upstream.catalogue_requests[0]
    assert request.target == "/upstream/v1/models"
    assert request.head.get("authorization") == f"Bearer {SERVER_KEY}"
    assert request.head.get("content-type") is None and request.body == b""
    assert {"Org/Model-X", "other"} <= set(ids(daemon))
    health = daemon.ask("GET", "/health", [KEY]).json()
    assert health["models_cached"] == 2


def test_names_are_corrected_by_the_list(start, upstream):
    upstream.catalogue = models.answering(models.listing("Org/Model-X"))
    daemon = started(start, upstream, BACKEND)
    daemon.wait_for_log(FOUND)
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    body = MESSAGES.body(model="org/model-x")
    response = daemon.ask("POST", MESSAGES.path, MESSAGES.fields(KEY), body)
    assert json.loads(upstream.requests[-1].body)["model"] == "Org/Model-X"
    assert response.json()["model"] == "org/model-x"


def test_no_anthropic_upstream_is_asked(start, upstream):
    daemon = started(start, upstream, MESSAGES)
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    daemon.ask("POST", MESSAGES.path, MESSAGES.fields(KEY), MESSAGES.body())
    daemon.ask("GET", "/v1/models", [KEY])
    assert not upstream.catalogue_requests


def test_a_backend_that_is_down_at_start_delays_nothing(start, protocol):
    gone = Upstream()
    gone.close()
    daemon = started(start, gone, protocol)
    assert daemon.ask("GET", "/readyz").status == 200
    health = daemon.ask("GET", "/health", [KEY])
    assert health.status == 200 and health.json()["state"] == "healthy"
    assert "unreachable" in daemon.wait_for_log(FAILED)
    assert health.json()["models_cached"] == 0


def test_a_backend_that_never_answers_holds_up_nothing(start, upstream, protocol):
    upstream.catalogue = lambda exchange: None
    daemon = started(start, upstream, protocol)
    assert eventually(lambda: upstream.catalogue_requests)
    assert daemon.ask("GET", "/health", [KEY]).status == 200
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    assert daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body()).status == 200
    daemon.signal(15)
    assert daemon.wait() == 0


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (500, "é".encode() * 150, "refused"),
        (404, b"nothing here", "refused"),
        (302, b"", "refused"),
        (200, b"", "unusable_answer"),
        (200, b"{}", "unusable_answer"),
        (200, b"<html>" + b"x" * 100_000, "unusable_answer"),
        (200, b'{"data":[{"id":7},null]}', "unusable_answer"),
        (200, b"[" * 200_000, "unusable_answer"),
        (401, b"{}", "refused"),
    ],
    ids=["500", "404", "302", "empty", "no data", "html", "bad entries", "deep", "401"],
)
def test_rubbish_is_survived(start, upstream, status, body, word):
    upstream.catalogue = models.answering(body, status)
    daemon = started(start, upstream, CHAT)
    assert word in daemon.wait_for_log(FAILED)
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    assert daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body()).status == 200
    assert daemon.ask("GET", "/v1/models", [KEY]).status == 200


def test_the_old_list_stays_when_the_next_one_is_rubbish(start, upstream):
    upstream.catalogue = models.answering(models.listing("kept"))
    daemon = started(start, upstream, CHAT)
    daemon.wait_for_log(FOUND)
    upstream.catalogue = models.answering(b"{}")
    daemon.signal(1)
    daemon.wait_for_log(FAILED)
    assert eventually(lambda: "kept" in ids(daemon))
    assert daemon.ask("GET", "/health", [KEY]).json()["models_cached"] == 1


def test_a_new_address_is_asked_at_once(start, upstream):
    upstream.catalogue = models.answering(models.listing("old"))
    daemon = started(start, upstream, CHAT)
    daemon.wait_for_log(FOUND)
    other = Upstream()
    other.catalogue = models.answering(models.listing("new-one", "new-two"))
    daemon.configure({**CHAT.settings(other), "ALLOWED_API_KEYS": CLIENT_KEY})
    daemon.signal(1)
    daemon.wait_for_log("2 models")
    assert eventually(lambda: "new-one" in ids(daemon))
    assert "old" not in ids(daemon)
    other.close()


@pytest.mark.parametrize("protocol", [CHAT, BACKEND], ids=["dynamic", "forward"])
def test_a_backend_that_needs_a_key_is_asked_with_a_clients_once_it_took_it(start, upstream, protocol):
    own = dataclasses.replace(protocol, upstream_key=None)
    upstream.catalogue = models.for_holders_of(CLIENT_KEY, models.listing("open", "ft:private"))
    daemon = started(start, upstream, own)
    assert "needs_key" in daemon.wait_for_log(FAILED)
    assert upstream.catalogue_requests[0].head.get("authorization") is None
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    assert daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body()).status == 200
    assert "1 models" in daemon.wait_for_log(FOUND)
    assert upstream.catalogue_requests[1].head.get("authorization") == f"Bearer {CLIENT_KEY}"
    shown = ids(daemon, [LISTED])
    assert "open" in shown and "ft:private" not in shown


def test_a_key_the_upstream_refused_is_not_asked_with(start, upstream):
    own = dataclasses.replace(CHAT, upstream_key=None)
    upstream.catalogue = models.answering(b"{}", 401)
    daemon = started(start, upstream, own)
    daemon.wait_for_log(FAILED)
    upstream.answer(lambda exchange: exchange.reply(401, b'{"error":{"message":"no"}}', [JSON]))
    assert daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body()).status == 401
    assert daemon.ask("GET", "/health", [LISTED]).status == 200
    assert len(upstream.catalogue_requests) == 1
