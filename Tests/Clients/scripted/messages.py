"""A scripted model behind Anthropic's Messages protocol."""

import hashlib
import itertools
import json

from .asked import Asked, read_messages
from .messages_rules import refusal_of
from .turns import Call, Fault, Say, Think, Turn, pieces

NAME = "Anthropic"
numbers = itertools.count(1)


def signature_of(thought: str) -> str:
    """What this model signs a thought with; the rules know it again."""
    return hashlib.sha512(thought.encode()).hexdigest() * 2


def read(raw: dict, headers: dict[str, str]) -> Asked:
    return read_messages(raw, headers)


def refusal(raw: dict, headers: dict[str, str]) -> Fault | None:
    found = refusal_of(raw, headers, signature_of)
    return Fault(400, found, "invalid_request_error") if found else None


def error(fault: Fault) -> bytes:
    body = {"type": "error", "error": {"type": fault.type, "message": fault.message}, "request_id": "req_1"}
    return json.dumps(body).encode()


def block_of(part) -> dict:
    if isinstance(part, Say):
        return {"type": "text", "text": part.text}
    if isinstance(part, Think):
        return {"type": "thinking", "thinking": part.text, "signature": signature_of(part.text)}
    return {
        "type": "tool_use",
        "id": f"toolu_{next(numbers):024d}",
        "name": part.name,
        "input": part.arguments,
    }


def stop_of(turn: Turn) -> str:
    return "tool_use" if turn.calls else "end_turn"


def usage_of(turn: Turn) -> dict:
    return {
        "input_tokens": turn.input_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": turn.output_tokens,
    }


def envelope(turn: Turn, asked: Asked) -> dict:
    return {
        "id": f"msg_{next(numbers):024d}",
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage_of(turn), "output_tokens": 1},
    }


def whole(turn: Turn, asked: Asked) -> bytes:
    return json.dumps(
        {
            **envelope(turn, asked),
            "content": [block_of(part) for part in turn.parts],
            "stop_reason": stop_of(turn),
            "usage": usage_of(turn),
        }
    ).encode()


def event(kind: str, **fields) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def events(turn: Turn, asked: Asked) -> list[bytes]:
    """The stream's events; each is one piece on the wire."""
    made = [event("message_start", message=envelope(turn, asked)), event("ping")]
    for index, part in enumerate(turn.parts):
        made += block_events(index, part)
    delta = {"stop_reason": stop_of(turn), "stop_sequence": None}
    usage = {"output_tokens": turn.output_tokens}
    return [*made, event("message_delta", delta=delta, usage=usage), event("message_stop")]


def block_events(index: int, part) -> list[bytes]:
    block = block_of(part)
    if isinstance(part, Call):
        deltas = [{"type": "input_json_delta", "partial_json": text} for text in pieces(part.text)]
        block["input"] = {}
    elif isinstance(part, Think):
        deltas = [{"type": "thinking_delta", "thinking": text} for text in pieces(part.text)]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
        block |= {"thinking": "", "signature": ""}
    else:
        deltas = [{"type": "text_delta", "text": text} for text in pieces(part.text)]
        block["text"] = ""
    return [
        event("content_block_start", index=index, content_block=block),
        *(event("content_block_delta", index=index, delta=delta) for delta in deltas),
        event("content_block_stop", index=index),
    ]
