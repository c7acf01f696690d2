"""Lists of models as backends answer them."""

import json

from .protocols import JSON
from .upstream import Exchange, Script


def listing(*ids: str, **more) -> bytes:
    """OpenAI's spelling; `more` goes into each entry."""
    data = [{"id": name, "object": "model", "owned_by": "backend", **more} for name in ids]
    return json.dumps({"object": "list", "data": data}).encode()


def answering(body: bytes, status: int = 200) -> Script:
    def answer(exchange: Exchange) -> None:
        exchange.reply(status, body, [JSON])

    return answer


def for_holders_of(key: str, body: bytes) -> Script:
    """401 for everybody else."""

    def answer(exchange: Exchange) -> None:
        held = exchange.request.head.get("authorization") == f"Bearer {key}"
        exchange.reply(200 if held else 401, body if held else b'{"error":{"message":"no key"}}', [JSON])

    return answer
