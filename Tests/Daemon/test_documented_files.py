"""The files of the four older proxies, as their documents show them, give the behaviour they document.

Only addresses and, where the sample is a placeholder, keys are filled in.
"""

import json
import re

import pytest

from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY

PROMPT = "You are Claude Code, Anthropic's official CLI for Claude."
TURN = {"role": "user", "content": "hi"}

FLASK = """\
UPSTREAM_API_URL={url}/api/v1/messages?beta=true
UPSTREAM_API_KEY={key}
ALLOWED_API_KEYS=sk-test123,{client}
DEFAULT_MODEL=claude-3-5-sonnet-latest
MODEL_ALIASES=gpt-4o:claude-3-5-sonnet-latest,gpt-4:claude-3-opus-latest
DEFAULT_SYSTEM_PROMPT="You are Claude Code, Anthropic's official CLI for Claude."
DEFAULT_MAX_TOKENS=4096
MAX_TOKENS_HARD_LIMIT=16384
MAX_TOKENS_DYNAMIC=true
MODEL_CONTEXT_LIMITS_JSON={{"m":10000}}
TOKEN_EST_CHARS_PER_TOKEN=4.0
IMAGE_TOKEN_EQUIV=256
DYNAMIC_SAFETY_MARGIN=1024
MAX_IMAGE_BYTES=5242880
IMAGE_FETCH_TIMEOUT=15
CORS_ORIGINS="*"
UPSTREAM_PROXY_URL=
DEFAULT_PROXY_URL=http://127.0.0.1:7890
UPSTREAM_ANTHROPIC_VERSION=2023-06-01
UPSTREAM_ANTHROPIC_BETA=interleaved-thinking-2025-05-14
UPSTREAM_ANTHROPIC_DANGEROUS=
UPSTREAM_USER_AGENT="claude-cli/2.0.25 (external, proxy)"
UPSTREAM_X_APP=cli
UPSTREAM_EXTRA_HEADERS_JSON={{"x-vendor":"abc"}}
PORT=5000
GUNICORN_WORKERS=2
GUNICORN_TIMEOUT=300
"""

SMALL = """\
OPENAI_API_KEY={key}
OPENAI_BASE_URL={url}/v1/
ANTHROPIC_API_KEY=
BIG_MODEL=gpt-4o
SMALL_MODEL=gpt-4o-mini
HOST=0.0.0.0
PORT=8082
LOG_LEVEL=INFO
MAX_TOKENS_LIMIT=4096
REQUEST_TIMEOUT=90
"""

FULL = """\
OPENAI_API_KEY="{key}"
ANTHROPIC_API_KEY="{client}"  # what clients must present
OPENAI_BASE_URL="{url}/v1"
# AZURE_API_VERSION="2024-03-01-preview"
BIG_MODEL="big-1"
MIDDLE_MODEL="middle-1"
SMALL_MODEL="small-1"
HOST="0.0.0.0"
PORT="8082"
LOG_LEVEL="WARNING"  # DEBUG, INFO, WARNING, ERROR, CRITICAL
MAX_TOKENS_LIMIT="4096"
MIN_TOKENS_LIMIT="100"
REQUEST_TIMEOUT="90"
MAX_RETRIES="1"
CUSTOM_HEADER_X_TEAM="core"
CUSTOM_HEADER_USER_AGENT="ua/1"
"""

DYNAMIC = """\
OPENAI_BASE_URL="{url}/v1"
ANTHROPIC_API_KEY="any-value"
BIG_MODEL="gpt-4o"
"""

RUST = """\
BACKEND_URL={url}/v1/chat/completions
HOST_PORT=0
RUST_LOG=info
BACKEND_TIMEOUT_SECS=300
ENABLE_CIRCUIT_BREAKER=false
CADDY_DOMAIN=proxy.example
CADDY_PORT=8180
CADDY_TLS=true
"""


@pytest.fixture
def serve(start, upstream):
    """A daemon with one of the files. The environment says where it listens and that it says so, and wins."""

    def serve(text: str):
        reply = MESSAGES.reply if "UPSTREAM_API_URL" in text else CHAT.reply
        upstream.answer(lambda exchange: exchange.reply(200, reply, [JSON]))
        filled = text.format(url=upstream.url(""), key=SERVER_KEY, client=CLIENT_KEY)
        return start(filled, {"LOG_LEVEL": "INFO"})

    return serve


def ask(daemon, path, key=None, **members):
    body = {"model": "m", "messages": [TURN], **members}
    fields = [JSON] + ([("Authorization", f"Bearer {key}")] if key else [])
    return daemon.ask("POST", path, fields, json.dumps(body).encode())


def last(upstream):
    request = upstream.requests[-1]
    return request.head, json.loads(request.body)


@pytest.mark.parametrize("text", [FLASK, SMALL, FULL, DYNAMIC, RUST])
def test_no_line_is_unknown_and_only_what_is_gone_is_said_to_be(serve, text):
    daemon = serve(text)
    assert daemon.port
    assert "unknown setting" not in daemon.text
    gone = set(re.findall(r"(\w+): has no effect", daemon.text))
    assert gone <= {"MAX_IMAGE_BYTES", "IMAGE_FETCH_TIMEOUT", "CADDY_DOMAIN", "CADDY_PORT", "CADDY_TLS"}


def test_the_flask_proxys_file(serve, upstream):
    daemon = serve(FLASK)
    path = "/v1/chat/completions"
    assert ask(daemon, path).status == 401
    assert ask(daemon, path, OTHER_KEY).status == 401
    response = ask(daemon, path, CLIENT_KEY, model="gpt-4o")
    assert response.status == 200 and response.json()["object"] == "chat.completion"
    head, body = last(upstream)
    assert upstream.requests[-1].target == "/api/v1/messages?beta=true"
    assert body["model"] == "claude-3-5-sonnet-latest" and body["max_tokens"] == 4096
    assert body["system"][0]["text"] == PROMPT
    expected = {
        "authorization": f"Bearer {SERVER_KEY}",
        "anthropic-version": "2023-06-01",
        "anthropic-beta": "interleaved-thinking-2025-05-14",
        "anthropic-dangerous-direct-browser-access": None,
        "user-agent": "claude-cli/2.0.25 (external, proxy)",
        "x-app": "cli",
        "x-vendor": "abc",
        "x-api-key": None,
    }
    assert {name: head.get(name) for name in expected} == expected
    ask(daemon, f"{path}?max_tokens=99999", CLIENT_KEY)
    # 10000 - 25 - 1024: prompt and message are 25 tokens, framing and all.
    assert last(upstream)[1]["max_tokens"] == 8951
    ask(daemon, path, "sk-test123", model=None)
    assert last(upstream)[1]["model"] == "claude-3-5-sonnet-latest"
    page = daemon.ask("OPTIONS", path, [("Origin", "https://p.example")])
    assert page.get("access-control-allow-origin") == "https://p.example"
    by_characters = serve(f"{FLASK}TOKEN_COUNTER=chars\n")
    ask(by_characters, f"{path}?max_tokens=99999", CLIENT_KEY)
    # 10000 - (57 + 2) / 4 - 1024, as that proxy had it
    assert last(upstream)[1]["max_tokens"] == 8962


def test_the_small_proxys_file(serve, upstream):
    daemon = serve(SMALL)
    for model, expected in [("claude-3-5-haiku-latest", "gpt-4o-mini"), ("claude-sonnet-4", "gpt-4o")]:
        response = ask(daemon, "/v1/messages", model=model, max_tokens=9999)
        assert response.status == 200 and response.json()["model"] == model
        head, body = last(upstream)
        assert upstream.requests[-1].target == "/v1/chat/completions"
        assert (body["model"], body["max_tokens"]) == (expected, 4096)
        assert head.get("authorization") == f"Bearer {SERVER_KEY}"
        assert head.get("user-agent").startswith("claude-proxy/")


def test_the_full_proxys_file(serve, upstream):
    daemon = serve(FULL)
    assert ask(daemon, "/v1/messages", max_tokens=5).status == 401
    for model, expected in [
        ("Claude-Opus", "big-1"),
        ("claude-sonnet-4", "middle-1"),
        ("claude-haiku", "small-1"),
        ("o3-mini", "o3-mini"),
        ("gpt-5", "gpt-5"),
    ]:
        assert ask(daemon, "/v1/messages", CLIENT_KEY, model=model, max_tokens=5).status == 200
        assert last(upstream)[1]["model"] == expected
    head, body = last(upstream)
    assert body["max_tokens"] == 100
    assert (head.get("x-team"), head.get("user-agent")) == ("core", "ua/1")


def test_the_full_proxys_file_without_a_key_of_the_server(serve, upstream):
    daemon = serve(DYNAMIC)
    assert ask(daemon, "/v1/messages", max_tokens=5).status == 401
    assert ask(daemon, "/v1/messages", "foo-bar-baz", max_tokens=5).status == 401
    assert ask(daemon, "/v1/messages", CLIENT_KEY, max_tokens=5).status == 200
    assert last(upstream)[0].get("authorization") == f"Bearer {CLIENT_KEY}"


def test_the_rust_proxys_file(serve, upstream):
    daemon = serve(RUST)
    path = "/v1/messages"
    missing = ask(daemon, path, max_tokens=5)
    assert missing.status == 401 and missing.json()["error"]["message"].startswith("missing_api_key")
    foreign = ask(daemon, path, "sk-ant-oat-x", max_tokens=5)
    assert foreign.status == 401 and foreign.json()["error"]["message"].startswith("invalid_auth_token")
    assert not upstream.requests
    response = ask(daemon, path, "cpk_12345678", model="Org/claude-x", max_tokens=5)
    assert response.status == 200 and response.json()["type"] == "message"
    head, body = last(upstream)
    assert body["model"] == "Org/claude-x" and "tools" not in body
    assert head.get("authorization") == "Bearer cpk_12345678"
