"""What only Claude Code's interactive form asks, as it asks it."""

import json

import pytest

from conftest import CLIENT_KEY
from scripted import chat
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
def test_model_discovery(start, backend):
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


def test_probe(daemon):
    """the probe of the address"""
    response = daemon.ask("HEAD", "/", FIELDS)
    assert response.status == 200 and not response.body
