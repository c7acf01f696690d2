"""`/v1/models`, `/v1/models/{id}` and `/test-connection`."""

import json
import time

import pytest

from support import models
from support.protocols import BACKEND, CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY, SERVER_KEY, WRONG_KEY
from support.upstream import Upstream

KEY = ("x-api-key", CLIENT_KEY)
VERSION = ("anthropic-version", "2023-06-01")
FOUND = r"models at the OpenAI-speaking upstream"


@pytest.fixture
def full(start, upstream):
    """Both upstreams, aliases, and a list that was read."""
    upstream.catalogue = models.answering(models.listing("Org/Model-X", "gpt-4o", max_model_len=4096))
    settings = {
        **CHAT.settings(upstream),
        **MESSAGES.settings(upstream),
        "ALLOWED_API_KEYS": CLIENT_KEY,
        "DEFAULT_MODEL": "claude-default",
        "MODEL_ALIASES": "claude-fast:org/model-x",
    }
    daemon = start(settings)
    daemon.wait_for_log(FOUND)
    return daemon


def test_the_default_model_is_listed_as_it_always_was(relay_of):
    relay = relay_of(MESSAGES, ALLOWED_API_KEYS=CLIENT_KEY, DEFAULT_MODEL="claude-default")
    response = relay.daemon.ask("GET", "/v1/models", [KEY])
    assert response.status == 200 and response.get("content-type").startswith("application/json")
    page = response.json()
    assert page["object"] == "list" and page["has_more"] is False
    (model,) = page["data"]
    assert (model["id"], model["object"], model["created"]) == ("claude-default", "model", 0)
    assert model["owned_by"] == "anthropic"
    assert model["type"] == "model" and model["created_at"] == "1970-01-01T00:00:00Z"


def test_all_names_are_listed_once(full):
    started = time.monotonic()
    page = full.ask("GET", "/v1/models?limit=1000", [KEY]).json()
    assert time.monotonic() - started < 3
    names = [model["id"] for model in page["data"]]
    assert names == ["claude-default", "claude-fast", "gpt-4o", "gpt-4o-mini", "Org/Model-X"]
    assert page["first_id"] == names[0] and page["last_id"] == names[-1]
    fast = page["data"][1]
    assert fast["max_input_tokens"] == 4096, "an alias can what its target can"


def test_pages(full):
    page = full.ask("GET", "/v1/models?limit=2&after_id=claude-fast", [KEY, VERSION]).json()
    assert [model["id"] for model in page["data"]] == ["gpt-4o", "gpt-4o-mini"] and page["has_more"] is True
    refused = full.ask("GET", "/v1/models?limit=none", [KEY, VERSION])
    assert refused.status == 400
    assert MESSAGES.error(refused)["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "target", ["/v1/models/Org%2FModel-X", "/v1/models/Org/Model-X", "/v1/models/org%2fmodel-x"]
)
def test_one_model(full, target):
    model = full.ask("GET", target, [KEY]).json()
    assert model["id"] == "Org/Model-X" and model["max_input_tokens"] == 4096


@pytest.mark.parametrize(
    ("fields", "protocol"), [((), CHAT), ((VERSION,), MESSAGES)], ids=["openai", "anthropic"]
)
@pytest.mark.parametrize("target", ["/v1/models/none", "/v1/models/%zz"])
def test_an_unknown_model_is_404_in_the_clients_envelope(full, fields, protocol, target):
    response = full.ask("GET", target, [KEY, *fields])
    assert response.status == 404
    error = protocol.error(response)
    assert error["type"] == ("not_found_error" if protocol is MESSAGES else "invalid_request_error")


@pytest.mark.parametrize("target", ["/v1/models", "/v1/models/claude-default", "/test-connection"])
@pytest.mark.parametrize("key", [None, WRONG_KEY], ids=["no key", "wrong key"])
def test_models_and_the_test_need_the_key_of_inference(full, upstream, target, key):
    fields = [("x-api-key", key)] if key else []
    response = full.ask("GET", target, fields)
    assert response.status == 401
    CHAT.error(response)
    anthropic = full.ask("GET", target, [*fields, VERSION])
    assert anthropic.status == 401
    assert not upstream.requests


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_models_are_only_read(full, method):
    response = full.ask(method, "/v1/models", [KEY], b"")
    assert response.status == 405 and "GET" in response.get("allow")


def test_the_test_sends_the_small_model_a_few_words(start, upstream):
    settings = {
        **CHAT.settings(upstream),
        "ALLOWED_API_KEYS": CLIENT_KEY,
        "SMALL_MODEL": "tiny",
        "BIG_MODEL": "big",
    }
    daemon = start(settings)
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    response = daemon.ask("GET", "/test-connection", [KEY])
    assert response.status == 200
    page = response.json()
    assert page["status"] == "success" and page["model_used"] == "tiny"
    assert page["message"] == "Successfully connected to OpenAI API"
    assert page["response_id"] == "chatcmpl-1" and page["timestamp"].endswith("Z")
    (request,) = upstream.requests
    assert request.target == "/upstream/v1/chat/completions" and request.method == "POST"
    assert request.head.get("authorization") == f"Bearer {SERVER_KEY}"
    sent = json.loads(request.body)
    assert sent["model"] == "tiny" and sent["messages"] == [{"role": "user", "content": "Hello"}]
    assert 5 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))


def test_the_test_of_an_anthropic_upstream(relay_of):
    relay = relay_of(MESSAGES, ALLOWED_API_KEYS=CLIENT_KEY, DEFAULT_MODEL="claude-default")
    relay.upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    page = relay.daemon.ask("GET", "/test-connection", [KEY]).json()
    assert page["status"] == "success" and page["model_used"] == "claude-default"
    sent = json.loads(relay.upstream.requests[0].body)
    assert sent["model"] == "claude-default" and sent["max_tokens"] == 5


def test_the_test_of_the_demo(start):
    page = start({"UPSTREAM": "demo"}).ask("GET", "/test-connection").json()
    assert page["status"] == "success"


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_refused_test_says_why(start, upstream, status):
    daemon = start({**BACKEND.settings(upstream), "ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0"})
    body = b'{"error":{"message":"not today"}}'
    upstream.answer(lambda exchange: exchange.reply(status, body, [JSON]))
    response = daemon.ask("GET", "/test-connection", [KEY])
    assert response.status == 503
    page = response.json()
    assert page["status"] == "failed" and page["error_type"] == "API Error"
    assert page["message"] == f"{status}: not today"
    assert len(page["suggestions"]) == 3 and page["timestamp"]


def test_a_test_without_an_upstream_fails(start):
    gone = Upstream()
    daemon = start({**CHAT.settings(gone), "ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0"})
    gone.close()
    response = daemon.ask("GET", "/test-connection", [KEY])
    assert response.status == 503
    assert response.json()["status"] == "failed" and str(gone.port) not in response.body.decode()


def test_full_health_has_the_fields_of_all(start, upstream):
    upstream.catalogue = models.answering(models.listing("m"))
    settings = {
        **CHAT.settings(upstream),
        **MESSAGES.settings(upstream),
        "ALLOWED_API_KEYS": CLIENT_KEY,
        "DEFAULT_MODEL": "claude-default",
        "MODEL_ALIASES": "a:b",
        "GUNICORN_WORKERS": "4",
    }
    daemon = start(settings)
    daemon.wait_for_log(FOUND)
    before = daemon.ask("GET", "/health", [KEY]).json()
    assert before["status"] == "ok" and before["state"] == "healthy"
    assert before["default_model"] == "claude-default" and before["model_aliases"] == {"a": "b"}
    assert before["allowed_api_keys_count"] == 1
    assert before["current_user_id"] is None and before["last_update"] == "Never"
    assert before["next_update_in"] == "On first request"
    assert before["openai_api_configured"] is True and before["api_key_valid"] is True
    assert before["client_api_key_validation"] is True
    assert before["models_cached"] == 1 and before["timestamp"]
    assert before["circuit_breaker"] == {"enabled": True, "is_open": False, "consecutive_failures": 0}
    assert "upstream_url" in before and "backend_url" in before

    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    for _ in range(8):
        daemon.ask("POST", CHAT.path, CHAT.fields(KEY), CHAT.body())
    sent = {json.loads(request.body)["metadata"]["user_id"] for request in upstream.requests}
    after = daemon.ask("GET", "/health", [KEY]).json()
    assert sent == {after["current_user_id"]}, "one id for all workers"
    assert after["next_update_in"] in ("299 minutes", "300 minutes")
    time.strptime(after["last_update"], "%Y-%m-%d %H:%M:%S")


IN_ORDER = ["alpha/c", "alpha/b", "beta", "Zeta/a"]


@pytest.fixture
def listed(start, upstream):
    """A backend with a list, which answers 404 to everything."""

    def listed(**settings: str):
        upstream.catalogue = models.answering(models.listing("beta", "Zeta/a", "alpha/b", "alpha/c"))
        daemon = start({**BACKEND.settings(upstream), "ALLOWED_API_KEYS": CLIENT_KEY, **settings})
        daemon.wait_for_log(FOUND)
        body = b'{"error":{"message":"not served","code":"model_not_found"}}'
        upstream.answer(lambda exchange: exchange.reply(404, body, [JSON]))
        return daemon

    return listed


def assert_listing(text: str) -> None:
    assert "Model `nope` not found." in text and "(4)" in text and "/model <model-name>" in text
    cells = {name: text.index(f" {name}") for name in IN_ORDER}
    rows = text.splitlines()
    left = [name for row in rows for name in IN_ORDER if row.startswith(f"SUB  {name}")]
    right = [name for row in rows for name in IN_ORDER if name in row and name not in left]
    assert left + right == IN_ORDER and len(cells) == 4


@pytest.mark.parametrize("stream", [False, True])
def test_a_model_the_backend_does_not_have_is_404_with_what_it_has(listed, stream):
    body = MESSAGES.body(stream=stream, model="nope")
    response = listed().ask("POST", MESSAGES.path, MESSAGES.fields(KEY), body)
    assert response.status == 404
    error = MESSAGES.error(response)
    assert error["type"] == "not_found_error"
    assert_listing(error["message"])


def test_a_404_for_a_model_it_has_keeps_the_backends_words(listed):
    response = listed().ask("POST", MESSAGES.path, MESSAGES.fields(KEY), MESSAGES.body(model="BETA"))
    assert response.status == 404
    assert "not served" in MESSAGES.error(response)["message"]


def test_the_listing_may_be_an_answer(listed):
    daemon = listed(MODEL_404_AS_MESSAGE="true")
    message = daemon.ask("POST", MESSAGES.path, MESSAGES.fields(KEY), MESSAGES.body(model="nope"))
    assert message.status == 200
    page = message.json()
    assert page["stop_reason"] == "end_turn" and page["usage"]["output_tokens"] == 50
    assert_listing(page["content"][0]["text"])


def test_the_listing_may_be_a_stream(listed):
    daemon = listed(MODEL_404_AS_MESSAGE="true")
    body = MESSAGES.body(stream=True, model="nope")
    stream = daemon.ask("POST", MESSAGES.path, MESSAGES.fields(KEY), body)
    assert stream.status == 200 and stream.get("content-type").startswith("text/event-stream")
    events = [json.loads(line[6:]) for line in stream.body.decode().splitlines() if line.startswith("data: ")]
    text = "".join(
        event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta"
    )
    assert_listing(text)
    assert events[-1]["type"] == "message_stop"
    (end,) = [event for event in events if event["type"] == "message_delta"]
    assert end["delta"]["stop_reason"] == "end_turn" and end["usage"]["output_tokens"] == 50
