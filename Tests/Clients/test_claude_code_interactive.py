"""What Claude Code asks beside its conversations."""

import json

import pytest

from conftest import CLIENT_KEY
from programs.wiretap import Wiretap
from scripted import chat
from scripted.turns import turn
from support.waiting import eventually

pytestmark = pytest.mark.client("Claude Code")
FIELDS = [
    ("x-api-key", CLIENT_KEY),
    ("anthropic-version", "2023-06-01"),
    ("user-agent", "claude-cli/2.1.329 (external, cli)"),
]
MODELS = {
    "object": "list",
    "data": [{"id": "claude-on-call", "object": "model", "created": 1_700_000_000, "owned_by": "somebody"}],
}


@pytest.mark.parametrize("backend", [chat], ids=["Chat"], indirect=True)
def test_model_discovery(claude, start, backend):
    """discovery of models"""
    backend.upstream.catalogue = lambda exchange: exchange.reply(
        200, json.dumps(MODELS).encode(), [("Content-Type", "application/json")]
    )
    daemon = start(**backend.settings(), ALLOWED_API_KEYS=CLIENT_KEY)

    def discovered() -> dict | None:
        response = daemon.ask("GET", "/v1/models?limit=1000", FIELDS)
        assert response.status == 200
        return next((model for model in response.json()["data"] if model["id"] == "claude-on-call"), None)

    # The daemon asks for the list in the background, from its start on.
    assert eventually(discovered, every=0.1)
    model = discovered()
    assert model["type"] == "model" and model["display_name"] and model["created_at"]

    tap = Wiretap(daemon.port, b'"claude-on-call"')
    claude.use(tap)
    # Discovery counts as traffic that is not essential; whatever else does ends at a closed port.
    claude.environment.pop("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC")
    ways = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    backend.turns(turn("Done.", awaits=tap.said))
    try:
        run = claude.run("Do it.", CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1", **ways)
    finally:
        tap.close()
    assert run.answer() == "Done." and tap.said.is_set()


BETAS = "claude-code-20250219,interleaved-thinking-2025-05-14,token-counting-2024-11-01"
SHELL = {
    "name": "Bash",
    "description": "Executes a command in a shell and returns what it printed. " * 20,
    "input_schema": {
        "type": "object",
        "properties": {"command": {"type": "string"}},
        "required": ["command"],
    },
}
CONVERSATION = [
    {"role": "user", "content": [{"type": "text", "text": "What is in this folder?"}]},
    {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "toolu_01", "name": "Bash", "input": {"command": "ls"}}],
    },
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "toolu_01", "content": "README.md\n" * 200}],
    },
]


def test_token_counting(daemon, backend):
    """counting of tokens"""
    counted: list[bytes] = []

    def serve(exchange) -> None:
        assert exchange.request.target == "/v1/messages/count_tokens?beta=true"
        assert dict(exchange.request.head.fields)["anthropic-beta"] == BETAS
        counted.append(exchange.request.body)
        exchange.reply(200, b'{"input_tokens":4711}', [("Content-Type", "application/json")])

    backend.upstream.answer(serve)

    def tokens(messages: list[dict], *tools: dict) -> int:
        body = json.dumps({"model": "claude-sonnet-5", "messages": messages, "tools": tools}).encode()
        fields = [*FIELDS, ("content-type", "application/json"), ("anthropic-beta", BETAS)]
        response = daemon.ask("POST", "/v1/messages/count_tokens?beta=true", fields, body)
        assert response.status == 200, response.body
        if not backend.is_chat:
            assert counted[-1] == body and response.get("x-proxy-count") == "upstream"
        return response.json()["input_tokens"]

    # As it asks for its overview of the context: each part in a request of its own.
    stub = [{"role": "user", "content": "foo"}]
    bare, tool, whole = tokens(stub), tokens(stub, SHELL), tokens(CONVERSATION, SHELL)
    if backend.is_chat:
        assert bare < 20 < 150 < tool < whole - 400 and not counted
    else:
        assert (bare, tool, whole) == (4711, 4711, 4711) and len(counted) == 3


def test_probe(daemon):
    """the probe of the address"""
    for path in ("/", "/api/hello"):
        response = daemon.ask("HEAD", path, FIELDS)
        assert response.status == 200 and not response.body
