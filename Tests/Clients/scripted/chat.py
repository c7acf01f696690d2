"""A scripted model behind OpenAI's Chat Completions protocol."""

import itertools
import json

from .asked import Asked, read_chat
from .chat_rules import refusal_of
from .turns import Call, Fault, Say, Think, Turn, pieces

NAME = "Chat"
numbers = itertools.count(1)


def read(raw: dict, headers: dict[str, str]) -> Asked:
    return read_chat(raw, headers)


def refusal(raw: dict, headers: dict[str, str]) -> Fault | None:
    found = refusal_of(raw)
    return Fault(400, found, "invalid_request_error") if found else None


def error(fault: Fault) -> bytes:
    body = {"error": {"message": fault.message, "type": fault.type, "param": None, "code": fault.code}}
    return json.dumps(body).encode()


def text_of(turn: Turn, kind: type) -> str:
    return "".join(part.text for part in turn.parts if isinstance(part, kind))


def call_of(call: Call) -> dict:
    return {
        "id": f"call_{next(numbers):024d}",
        "type": "function",
        "function": {"name": call.name, "arguments": call.text},
    }


def stop_of(turn: Turn) -> str:
    return "tool_calls" if turn.calls else "stop"


def usage_of(turn: Turn) -> dict:
    return {
        "prompt_tokens": turn.input_tokens,
        "completion_tokens": turn.output_tokens,
        "total_tokens": turn.input_tokens + turn.output_tokens,
    }


def envelope(kind: str, asked: Asked) -> dict:
    return {"id": f"chatcmpl-{next(numbers)}", "object": kind, "created": 1_700_000_000, "model": asked.model}


def whole(turn: Turn, asked: Asked) -> bytes:
    message = {"role": "assistant", "content": text_of(turn, Say) or None, "refusal": None}
    if thought := text_of(turn, Think):
        message["reasoning_content"] = thought
    if turn.calls:
        message["tool_calls"] = [call_of(call) for call in turn.calls]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": stop_of(turn)}
    body = {**envelope("chat.completion", asked), "choices": [choice], "usage": usage_of(turn)}
    return json.dumps(body).encode()


def events(turn: Turn, asked: Asked) -> list[bytes]:
    """The stream's events; each is one piece on the wire."""
    frame = envelope("chat.completion.chunk", asked)
    wants_usage = (asked.raw.get("stream_options") or {}).get("include_usage")

    def chunk(delta: dict, stop: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": stop}
        usage = {"usage": None} if wants_usage else {}
        return spell({**frame, "choices": [choice], **usage})

    made = [chunk({"role": "assistant", "content": ""})]
    made += [chunk({"reasoning_content": text}) for text in pieces(text_of(turn, Think))]
    made += [chunk({"content": text}) for text in pieces(text_of(turn, Say))]
    made += [chunk({"tool_calls": [delta]}) for delta in call_deltas(turn)]
    made.append(chunk({}, stop_of(turn)))
    if wants_usage:
        made.append(spell({**frame, "choices": [], "usage": usage_of(turn)}))
    return [*made, b"data: [DONE]\n\n"]


def spell(chunk: dict) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()


def call_deltas(turn: Turn) -> list[dict]:
    openings = []
    arguments = []
    for index, call in enumerate(turn.calls):
        opened = call_of(call)
        openings.append({"index": index, **opened, "function": {"name": call.name, "arguments": ""}})
        arguments.append([{"index": index, "function": {"arguments": text}} for text in pieces(call.text)])
    if turn.interleaved:
        rounds = itertools.zip_longest(*arguments)
        return openings + [delta for one in rounds for delta in one if delta]
    return [delta for opening, rest in zip(openings, arguments, strict=True) for delta in (opening, *rest)]
