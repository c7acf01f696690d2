"""T01-T30: what a Chat request becomes for the Anthropic upstream."""

import json

from support.secrets import PROMPT

from .case import Case
from .masks import Like
from .rows import chat_row, maybe
from .spelling import (
    F_FUNCTION,
    PNG,
    SYSTEM_PROMPT,
    F,
    anthropic_fields,
    assistant,
    call,
    chat_body,
    completion,
    function,
    openai_error,
    result,
    text,
    to_anthropic,
    tool,
    use,
    user,
)

LIMITED = maybe(Like(r"max_tokens(:\w+)?"))
"""A limit of the server's may be told as a change."""

EXTRA = {"UPSTREAM_EXTRA_HEADERS_JSON": '{"x-vendor":"abc","x-app":"","anthropic-beta":null}'}
DEFAULT_MODEL = "claude-3-5-sonnet-latest"


def model_row(id: str, body: dict) -> Case:
    return chat_row(id, body, to_anthropic(model=DEFAULT_MODEL), answer=completion(model=DEFAULT_MODEL))


def limit_row(id: str, sent: int, query: str = "", settings: dict | None = None, **body) -> Case:
    return chat_row(
        id,
        chat_body(**body),
        to_anthropic(max_tokens=sent),
        query=query,
        settings=settings or {},
        changed=LIMITED,
    )


DYNAMIC = {
    "TOKEN_COUNTER": "chars",
    "MAX_TOKENS_DYNAMIC": "true",
    "MODEL_CONTEXT_LIMITS_JSON": json.dumps({"m": 10000}, separators=(",", ":")),
}


def dynamic_row(id: str, sent: int, content, received=None, model: str = "m", **body) -> Case:
    received = content if received is None else received
    return chat_row(
        id,
        chat_body(model=model, messages=[user(content)], **body),
        to_anthropic(model=model, max_tokens=sent, messages=[user(received)]),
        answer=completion(model=model),
        settings=DYNAMIC,
        changed=LIMITED,
    )


IMAGE = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
IMAGE_BLOCK = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}


def system(*more: str) -> list:
    return [text(SYSTEM_PROMPT), *map(text, more)]


def tools_row(id: str, choice, sent: dict) -> Case:
    body = chat_body(tools=[F_FUNCTION], tool_choice=choice)
    return chat_row(id, body, to_anthropic(tools=[F], tool_choice=sent))


OF_THE_UPSTREAM = Like(r"http://127\.0\.0\.1:\d+/a\.png")
TWO_CALLS = assistant(None, tool_calls=[call("c1", "f", '{"a":1}'), call("c2", "f", "{bad")])
TWO_GOOD_CALLS = assistant(None, tool_calls=[call("c1", "f", "{}"), call("c2", "f", "{}")])
G = {
    "name": "g",
    "description": "G",
    "input_schema": {"type": "object", "properties": {"x": {"type": "string"}}},
}

ROWS = [
    chat_row("T01", received=to_anthropic()),
    chat_row("T02", received=to_anthropic(anthropic_fields())),
    chat_row(
        "T02 an agent of one's own",
        received=to_anthropic(anthropic_fields(user_agent="own/2")),
        settings={"UPSTREAM_USER_AGENT": "own/2"},
    ),
    chat_row(
        "T03",
        received=to_anthropic(anthropic_fields(x_vendor="abc", x_app=..., anthropic_beta=...)),
        settings=EXTRA,
    ),
    chat_row(
        "T04",
        received=to_anthropic(anthropic_fields(anthropic_beta=...)),
        settings={"UPSTREAM_ANTHROPIC_BETA": ""},
    ),
    chat_row(
        "T05",
        chat_body(model="al"),
        to_anthropic(model="real"),
        answer=completion(model="al"),
        settings={"MODEL_ALIASES": "al:real , bad, x:"},
    ),
    model_row("T06 no model", chat_body(model=...)),
    model_row("T06 null", chat_body(model=None)),
    model_row("T06 empty", chat_body(model="")),
    limit_row("T07", 16384, "?max_tokens=99999", max_tokens=64),
    limit_row("T08", 64, "?max_tokens=0", max_tokens=64),
    limit_row("T09", 128, "?max_tokens=abc", max_tokens="128"),
    limit_row("T10", 12, max_tokens=12.9),
    limit_row("T11", 8192, settings={"MAX_TOKENS_HARD_LIMIT": "0"}, max_tokens=99999),
    dynamic_row("T12", 8862, "x" * 400, max_tokens=99999),
    dynamic_row("T13", 462, "x" * 34_000),
    dynamic_row("T14", 256, "x" * 40_000, max_tokens=5000),
    dynamic_row("T15", 10, "x" * 40_000, max_tokens=10),
    dynamic_row("T16", 16384, "x" * 400, model="unknown", max_tokens=99999),
    dynamic_row("T17", 7938, [IMAGE] * 4, [IMAGE_BLOCK] * 4, max_tokens=99999),
    chat_row(
        "T18",
        chat_body(
            messages=[
                {"role": "system", "content": " S1 "},
                user(PROMPT),
                {"role": "system", "content": "S2"},
            ]
        ),
        to_anthropic(system=system(" S1 ", "S2")),
        changed="messages[2]",
    ),
    chat_row(
        "T19",
        chat_body(messages=[{"role": "developer", "content": "dev"}, user(PROMPT)]),
        to_anthropic(system=system("dev")),
    ),
    chat_row(
        "T20",
        chat_body(messages=[user(PROMPT), TWO_CALLS, tool("c1", "r1"), tool("c2", "r2")], tools=[F_FUNCTION]),
        to_anthropic(
            tools=[F],
            messages=[
                user(PROMPT),
                assistant([use("c1", "f", {"a": 1}), use("c2", "f", {"_raw_arguments": "{bad"})]),
                user([result("c1", "r1"), result("c2", "r2")]),
            ],
        ),
        changed=maybe(Like(r"messages\[1\]\.tool_calls\[1\]\S*")),
    ),
    chat_row(
        "T21",
        chat_body(
            messages=[
                user(PROMPT),
                TWO_GOOD_CALLS,
                tool("c1", "r1"),
                {**tool("c2", [text("r2")]), "status": "error"},
            ],
            tools=[F_FUNCTION],
        ),
        to_anthropic(
            tools=[F],
            messages=[
                user(PROMPT),
                assistant([use("c1", "f", {}), use("c2", "f", {})]),
                user([result("c1", "r1"), result("c2", "r2", is_error=True)]),
            ],
        ),
    ),
    chat_row(
        "T22",
        chat_body(messages=[user(PROMPT), {"role": "tool", "content": "r"}]),
        status=400,
        answer=openai_error(
            "invalid_request_error", "missing_required_parameter", param="messages[1].tool_call_id"
        ),
    ),
    chat_row(
        "T23",
        chat_body(tools=[function("f"), G, {"type": "function", "function": {"parameters": {}}}, "x"]),
        to_anthropic(tools=[F, G]),
        dropped="tools[2],tools[3]",
    ),
    tools_row("T24 auto", "auto", {"type": "auto"}),
    tools_row("T24 required", "required", {"type": "any"}),
    tools_row("T24 none", "none", {"type": "none"}),
    tools_row("T24 named", {"type": "function", "function": {"name": "f"}}, {"type": "tool", "name": "f"}),
    chat_row(
        "T25",
        chat_body(temperature=0.3, top_p=0.5, stop=["x"], max_completion_tokens=77),
        to_anthropic(temperature=0.3, top_p=0.5, stop_sequences=["x"], max_tokens=77),
    ),
    chat_row(
        "T26",
        chat_body(messages=[user([IMAGE])]),
        to_anthropic(messages=[user([IMAGE_BLOCK])]),
    ),
    chat_row(
        "T27",
        chat_body(messages=[user([{"type": "image_url", "image_url": {"url": "{upstream}/a.png"}}])]),
        to_anthropic(messages=[user([{"type": "image", "source": {"type": "url", "url": OF_THE_UPSTREAM}}])]),
    ),
    chat_row(
        "T29",
        chat_body(messages=[user([{"type": "audio"}])]),
        status=400,
        answer=openai_error(
            "invalid_request_error", "unsupported_value", param="messages[0].content[0].type"
        ),
    ),
    chat_row(
        "T30",
        chat_body(messages=[user([text(""), text("x")])]),
        to_anthropic(messages=[user("x")]),
    ),
]
