"""The words most rows share: settings, requests and answers of both protocols."""

import json

from support.secrets import CLIENT_KEY, MARK, PROMPT, REPLY, SERVER_KEY

from .case import JSON_TYPE, Ask, Chunks, Events, Received, Reply
from .masks import OPTIONAL_WORDS, WORDS, Like, Number, Recently

# Settings.

ANTHROPIC = {
    "UPSTREAM_API_URL": "{upstream}/upstream/v1/messages?beta=true",
    "UPSTREAM_API_KEY": SERVER_KEY,
    "ALLOWED_API_KEYS": CLIENT_KEY,
    "ENABLE_CIRCUIT_BREAKER": "false",
}
"""System A: a list of client keys, an Anthropic-speaking upstream."""

OPENAI = {
    "OPENAI_BASE_URL": "{upstream}/upstream/v1",
    "OPENAI_API_KEY": SERVER_KEY,
    "ANTHROPIC_API_KEY": CLIENT_KEY,
    "BIG_MODEL": "big-1",
    "MIDDLE_MODEL": "middle-1",
    "SMALL_MODEL": "small-1",
    "MAX_RETRIES": "0",
    "ENABLE_CIRCUIT_BREAKER": "false",
}
"""Systems B and C in static mode; retries and the breaker have rows of their own."""

FORWARD = {"BACKEND_URL": "{upstream}/upstream/v1/chat/completions", "ENABLE_CIRCUIT_BREAKER": "false"}
"""System D: the client's own key goes upstream."""

SYSTEM_PROMPT = "You are Claude Code, Anthropic's official CLI for Claude."
BETAS = "interleaved-thinking-2025-05-14,fine-grained-tool-streaming-2025-05-14"
USER_ID = Like(r"user_[0-9a-f]{64}_account__session_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OUR_AGENT = Like(r"claude-proxy/\d+(\.\d+)+\S*")
JSON_WANTED = Like(r"application/json(; ?charset=utf-8)?")

# What clients send.

ASIDE = ("X-Client-Notes", f"{MARK} in a header")
"""Goes with every request, to be looked for in what is logged."""


def ask(target: str, body, *fields, key: str | None = CLIENT_KEY, method: str = "POST") -> Ask:
    own = [("Authorization", f"Bearer {key}")] if key else []
    kind = [JSON_TYPE] if body is not None else []
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body, ensure_ascii=False).encode()
    return Ask(method, target, [*kind, *own, ASIDE, *fields], body)


def chat_body(**more) -> dict:
    """A0."""
    return spelled({"model": "m", "messages": [user(PROMPT)], **more})


def messages_body(**more) -> dict:
    """M0."""
    plain = {"model": "claude-3-5-sonnet-20241022", "max_tokens": 200, "messages": [user(PROMPT)]}
    return spelled({**plain, **more})


def spelled(members: dict) -> dict:
    """Without the members that were taken out by `...`."""
    return {key: value for key, value in members.items() if value is not ...}


def user(content) -> dict:
    return {"role": "user", "content": content}


def assistant(content, **more) -> dict:
    return {"role": "assistant", "content": content, **more}


def text(words: str) -> dict:
    return {"type": "text", "text": words}


def function(name: str, **more) -> dict:
    return {"type": "function", "function": {"name": name, **more}}


def call(id: str, name: str, arguments) -> dict:
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def use(id: str, name: str, input: dict) -> dict:
    return {"type": "tool_use", "id": id, "name": name, "input": input}


def result(id: str, *content, **more) -> dict:
    block = {"type": "tool_result", "tool_use_id": id, **more}
    return {**block, "content": content[0]} if content else block


def tool(id: str, content) -> dict:
    return {"role": "tool", "tool_call_id": id, "content": content}


EMPTY_SCHEMA = {"type": "object", "properties": {}}
F = {"name": "f", "input_schema": EMPTY_SCHEMA}
F_FUNCTION = function("f", parameters=EMPTY_SCHEMA)
PNG = "iVBORw0KGgo="


# What the upstream gets.


def anthropic_fields(stream: bool = False, **other) -> dict[str, object]:
    usual = {
        "accept": "text/event-stream" if stream else "application/json",
        "accept-encoding": "identity",
        "anthropic-beta": BETAS,
        "anthropic-dangerous-direct-browser-access": "true",
        "anthropic-version": "2023-06-01",
        "authorization": f"Bearer {SERVER_KEY}",
        "content-type": JSON_WANTED,
        "user-agent": OUR_AGENT,
        "x-app": "cli",
    }
    return spelled({**usual, **{name.replace("_", "-"): value for name, value in other.items()}})


def chat_fields(stream: bool = False, key: str = SERVER_KEY, **other) -> dict[str, object]:
    usual = {
        "accept": "text/event-stream" if stream else "application/json",
        "accept-encoding": "identity",
        "authorization": f"Bearer {key}",
        "content-type": JSON_WANTED,
        "user-agent": OUR_AGENT,
    }
    return spelled({**usual, **{name.replace("_", "-"): value for name, value in other.items()}})


def to_anthropic(fields: dict | None = None, **more) -> Received:
    """A0 as the Anthropic upstream gets it."""
    plain = {
        "model": "m",
        "max_tokens": 4096,
        "system": [text(SYSTEM_PROMPT)],
        "messages": [user(PROMPT)],
        "metadata": {"user_id": USER_ID},
    }
    body = spelled({**plain, **more})
    fields = fields or anthropic_fields(stream=bool(more.get("stream")))
    return Received("/upstream/v1/messages?beta=true", fields, body)


def to_chat(fields: dict | None = None, **more) -> Received:
    """M0 as the OpenAI upstream gets it."""
    body = spelled({"model": "middle-1", "messages": [user(PROMPT)], "max_tokens": 200, **more})
    if body.get("stream"):
        body["stream_options"] = {"include_usage": True}
    fields = fields or chat_fields(stream=bool(more.get("stream")))
    return Received("/upstream/v1/chat/completions", fields, body)


# What the upstream answers.

MESSAGE = {
    "id": "msg_of_the_upstream",
    "type": "message",
    "role": "assistant",
    "model": "name-of-the-upstream",
    "content": [text(REPLY)],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 10, "output_tokens": 5},
}


def message_reply(**more) -> Reply:
    return Reply({**MESSAGE, **more})


def completion_reply(message: dict | None = None, finish: str | None = "stop", **more) -> Reply:
    message = message or assistant(REPLY)
    whole = {
        "id": "chatcmpl-of-the-upstream",
        "object": "chat.completion",
        "created": 1,
        "model": "name-of-the-upstream",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": USAGE,
    }
    return Reply({**whole, **more})


USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 4},
}


def event(name: str, **data) -> bytes:
    data = {"type": name, **data}
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def frame(data: object) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def delta_frame(delta: object, finish: str | None = None, **more) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return frame(
        {
            "id": "chatcmpl-of-the-upstream",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "name-of-the-upstream",
            "choices": [choice],
            **more,
        }
    )


def word(content: str) -> bytes:
    return delta_frame({"content": content})


def fragment(index: int | None, arguments: str | None = None, id: str | None = None, name: str | None = None):
    """A piece of one tool call."""
    named = spelled({"name": name or ..., "arguments": ... if arguments is None else arguments})
    whole = {"index": index, "id": id, "type": "function" if id else None, "function": named}
    return {"tool_calls": [{key: value for key, value in whole.items() if value is not None}]}


USAGE_FRAME = delta_frame({}, choices=[], usage=USAGE)
DONE = b"data: [DONE]\n\n"


def ended(finish: str) -> tuple[bytes, ...]:
    """Finish, U and D."""
    return (delta_frame({}, finish), USAGE_FRAME, DONE)


# What clients get.

NO_DETAILS = {
    "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0},
}
TEN_AND_FIVE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15, **NO_DETAILS}


def completion(content=REPLY, finish: str = "stop", model: str = "m", usage=TEN_AND_FIVE, **message) -> dict:
    said = {"role": "assistant", "content": content, "refusal": None, **message}
    return {
        "id": Like(r"chatcmpl-\w+"),
        "object": "chat.completion",
        "created": Recently(),
        "model": model,
        "choices": [{"index": 0, "message": said, "logprobs": None, "finish_reason": finish}],
        "usage": usage,
    }


def message(*content: dict, stop: str = "end_turn", sequence: str | None = None, **more) -> dict:
    usual = {
        "id": Like(r"msg_\w+"),
        "type": "message",
        "role": "assistant",
        "model": "claude-3-5-sonnet-20241022",
        "content": list(content) or [text(REPLY)],
        "stop_reason": stop,
        "stop_sequence": sequence,
        "usage": counted(),
    }
    return {**usual, **more}


def counted(input: object = 7, read: int = 4, output: object = 7) -> dict:
    """Usage towards an Anthropic client; by default that of the usage frame."""
    return {
        "input_tokens": input,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": read,
        "output_tokens": output,
    }


def chunk(delta: dict, finish: str | None = None, **more) -> dict:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    usual = {
        "id": Like(r"chatcmpl-\w+"),
        "object": "chat.completion.chunk",
        "created": Recently(),
        "model": "m",
        "choices": [choice],
    }
    return {**usual, **more}


ROLE = chunk({"role": "assistant", "content": ""})
END = "[DONE]"


def chunks(*deltas: dict, finish: str | None = None, failure: dict | None = None) -> Chunks:
    """A Chat stream after its role; it ends well with `finish`, or with `failure`."""
    ending = [chunk({}, finish), END] if finish else [failure]
    return Chunks([ROLE, *(chunk(delta) for delta in deltas), *ending])


def block_start(index: int, block: dict) -> tuple:
    return named("content_block_start", index=index, content_block=block)


def block_stop(index: int) -> tuple:
    return named("content_block_stop", index=index)


def text_delta(index: int, words: str) -> tuple:
    return named("content_block_delta", index=index, delta={"type": "text_delta", "text": words})


def json_delta(index: int, part: str) -> tuple:
    return named("content_block_delta", index=index, delta={"type": "input_json_delta", "partial_json": part})


def named(name: str, **data) -> tuple:
    return (name, {"type": name, **data})


def text_block(index: int, *words: str) -> list:
    deltas = [text_delta(index, part) for part in words]
    return [block_start(index, text("")), *deltas, block_stop(index)]


def tool_block(index: int, id: object, name: str, *parts: str) -> list:
    deltas = [json_delta(index, part) for part in parts]
    return [block_start(index, use(id, name, {})), *deltas, block_stop(index)]


def opening(model: str = "claude-3-5-sonnet-20241022") -> list:
    blank = {
        "id": Like(r"msg_\w+"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": counted(Number(), 0, Number()),
    }
    return [named("message_start", message=blank)]


def closing(stop: str, usage: dict | None = None) -> list:
    reason = {"stop_reason": stop, "stop_sequence": None}
    return [named("message_delta", delta=reason, usage=usage or counted()), named("message_stop")]


def events(*parts: list, stop: str | None = None, failure: tuple | None = None, usage=None) -> Events:
    """An Anthropic stream; it ends well with `stop`, or with `failure`."""
    ending = closing(stop, usage) if stop else [failure]
    return Events([*opening(), *(one for part in parts for one in part), *ending])


# Errors.


def anthropic_error(type: str, words: object = WORDS) -> dict:
    return {"type": "error", "error": {"type": type, "message": words}, "request_id": WORDS}


def openai_error(type: str, code: object = None, words: object = WORDS, param: object = None) -> dict:
    return {"error": {"message": words, "type": type, "param": param, "code": code}}


def failed_event(type: str, words: object = WORDS) -> tuple:
    return named("error", error={"type": type, "message": words}, request_id=WORDS)


SOME_CODE = OPTIONAL_WORDS
TRUNCATED = "Upstream stream ended before completion"
