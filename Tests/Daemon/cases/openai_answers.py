"""T31-T50: what a Chat client gets for the Anthropic upstream's answers; that side's keys, pages and CORS."""

from support.secrets import CLIENT_KEY, REPLY, WRONG_KEY
from support.upstream import Exchange

from .case import Case, Chunks, Reply, Step
from .masks import WORDS, Like, OneOf, Spells, With
from .rows import chat_row, maybe, streamed_chat
from .spelling import (
    ANTHROPIC,
    END,
    NO_DETAILS,
    ROLE,
    TEN_AND_FIVE,
    TRUNCATED,
    USER_ID,
    ask,
    call,
    chat_body,
    chunk,
    chunks,
    completion,
    event,
    message_reply,
    openai_error,
    text,
    to_anthropic,
    use,
)

BEGIN = event(
    "message_start",
    message={
        "id": "msg_of_the_upstream",
        "type": "message",
        "role": "assistant",
        "model": "name-of-the-upstream",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1},
    },
)


def block(number: int, start: dict, *deltas: dict) -> tuple[bytes, ...]:
    inside = (event("content_block_delta", index=number, delta=delta) for delta in deltas)
    return (
        event("content_block_start", index=number, content_block=start),
        *inside,
        event("content_block_stop", index=number),
    )


def say(words: str) -> dict:
    return {"type": "text_delta", "text": words}


def end(reason: str) -> tuple[bytes, ...]:
    delta = {"stop_reason": reason, "stop_sequence": None}
    return (event("message_delta", delta=delta, usage={"output_tokens": 5}), event("message_stop"))


HELLO = (BEGIN, *block(0, text(""), say("Hel"), say("lo wörld")), *end("end_turn"))
A_ALONE = (BEGIN, *block(0, text(""), say("A"))[:2])
OVERLOADED = event("error", error={"type": "overloaded_error", "message": "Overloaded"})
FRAGMENTS = [{"type": "input_json_delta", "partial_json": part} for part in ('{"a":', "1}")]
GET_CALL = (BEGIN, *block(0, use("t1", "get", {}), *FRAGMENTS), *end("tool_use"))


def call_piece(**function) -> dict:
    return {"tool_calls": [{"index": 0, "function": function}]}


FIRST_PIECE = {
    "tool_calls": [{"index": 0, "id": "t1", "type": "function", "function": {"name": "get", "arguments": ""}}]
}
SLOW_DOWN = Reply(
    {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}},
    429,
    (("retry-after", "7"),),
)
SLOWED = openai_error("rate_limit_error", "rate_limit_exceeded", "slow down")
LATER = {"retry-after": "7", "retry-after-ms": maybe("7000")}


ESTIMATED = {"prompt_tokens": 21, "completion_tokens": 6, "total_tokens": 27, **NO_DETAILS}
"""Characters over four: prompts and question, and the answer."""

USED = {**ESTIMATED, "completion_tokens": 7, "total_tokens": 28}
"""Of a stream, bytes over four, rounded up."""

UNPRICED = (
    event("message_start", message={"id": "msg_of_the_upstream", "role": "assistant", "content": []}),
    *block(0, text(""), say(REPLY)),
    event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}),
    event("message_stop"),
)


def reason_row(reason: str, finish: str, **more) -> Case:
    return chat_row(
        f"T33 {reason}",
        received=to_anthropic(),
        reply=message_reply(stop_reason=reason),
        answer=completion(finish=finish, **more),
    )


def key_row(id: str, *fields, status: int = 200) -> Case:
    if status == 200:
        return chat_row(id, received=to_anthropic(), key=None, more=fields)
    error = openai_error("invalid_request_error", "invalid_api_key", Like(".*Invalid API key.*"))
    return chat_row(id, key=None, more=fields, status=status, answer=error)


def page_row(id: str, step: Step, **settings: str) -> Case:
    return Case(id, {**ANTHROPIC, **settings}, (step,))


ORIGIN = ("Origin", "https://b.example")
PREFLIGHT = [
    ORIGIN,
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "authorization,content-type"),
]
MODEL = {
    "id": "claude-3-5-sonnet-latest",
    "object": "model",
    "type": "model",
    "created": 0,
    "created_at": "1970-01-01T00:00:00Z",
    "display_name": WORDS,
    "owned_by": "anthropic",
    "lifecycle": "active",
}
ONE_MODEL = {
    "object": "list",
    "data": [MODEL],
    "has_more": False,
    "first_id": "claude-3-5-sonnet-latest",
    "last_id": "claude-3-5-sonnet-latest",
}
HEALTHY = {
    "status": "ok",
    "state": "healthy",
    "default_model": "claude-3-5-sonnet-latest",
    "model_aliases": {},
}
BEFORE = With(
    **HEALTHY,
    allowed_api_keys_count=1,
    current_user_id=None,
    last_update="Never",
    next_update_in="On first request",
)
AFTER = With(
    **HEALTHY,
    allowed_api_keys_count=1,
    current_user_id=USER_ID,
    last_update=Like(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    next_update_in=OneOf("299 minutes", "300 minutes"),
)
HEALTH = ask("/health", None, method="GET")

ROWS = [
    chat_row(
        "T31",
        received=to_anthropic(),
        reply=message_reply(content=[text("Hel"), text("lo")]),
        answer=completion("Hello"),
    ),
    chat_row(
        "T32",
        received=to_anthropic(),
        reply=message_reply(content=[text("x"), use("t1", "f", {"a": 1})], stop_reason="tool_use"),
        answer=completion("x", "tool_calls", tool_calls=[call("t1", "f", Spells({"a": 1}))]),
    ),
    reason_row("max_tokens", "length"),
    reason_row("stop_sequence", "stop"),
    reason_row("refusal", "content_filter", refusal="The model declined to answer."),
    chat_row(
        "T34",
        received=to_anthropic(),
        reply=message_reply(usage=None),
        answer=completion(usage=ESTIMATED),
        settings={"TOKEN_COUNTER": "chars"},
        fields={"x-proxy-usage": "estimated"},
    ),
    streamed_chat(
        "T34 streamed",
        UNPRICED,
        Chunks(
            [
                {**ROLE, "usage": None},
                chunk({"content": REPLY}, usage=None),
                chunk({}, "stop", usage=None),
                chunk({}, choices=[], usage=USED),
                END,
            ]
        ),
        body={"stream_options": {"include_usage": True}},
        settings={"TOKEN_COUNTER": "chars"},
    ),
    streamed_chat("T35", HELLO, chunks({"content": "Hel"}, {"content": "lo wörld"}, finish="stop")),
    streamed_chat(
        "T36",
        GET_CALL,
        chunks(FIRST_PIECE, call_piece(arguments='{"a":'), call_piece(arguments="1}"), finish="tool_calls"),
    ),
    streamed_chat(
        "T37",
        (*A_ALONE, OVERLOADED),
        chunks({"content": "A"}, failure=openai_error("server_error", "overloaded_error", "Overloaded")),
    ),
    streamed_chat(
        "T38",
        A_ALONE,
        chunks({"content": "A"}, failure=openai_error("server_error", "upstream_truncated", TRUNCATED)),
        ending=Exchange.reset,
    ),
    chat_row("T39", received=to_anthropic(), reply=SLOW_DOWN, status=429, answer=SLOWED, fields=LATER),
    chat_row(
        "T39 streamed",
        chat_body(stream=True),
        to_anthropic(stream=True),
        SLOW_DOWN,
        SLOWED,
        status=429,
        fields=LATER,
    ),
    chat_row(
        "T40",
        status=502,
        answer=openai_error("server_error", OneOf(None, WORDS), Like(r"(?!.*(127\.0|localhost|:\d)).+")),
        settings={"UPSTREAM_API_URL": "http://127.0.0.1:{dead}/v1/messages"},
    ),
    streamed_chat(
        "T41",
        HELLO,
        Chunks(
            [
                {**ROLE, "usage": None},
                chunk({"content": "Hel"}, usage=None),
                chunk({"content": "lo wörld"}, usage=None),
                chunk({}, "stop", usage=None),
                chunk({}, choices=[], usage=TEN_AND_FIVE),
                END,
            ]
        ),
        body={"stream_options": {"include_usage": True}},
    ),
    key_row("T42 no key", status=401),
    key_row("T42 wrong key", ("Authorization", f"Bearer {WRONG_KEY}"), status=401),
    key_row("T43", ("Authorization", CLIENT_KEY)),
    key_row("T44", ("authorization", f"bearer {CLIENT_KEY}")),
    chat_row("T45", received=to_anthropic(), key="sk-test123", settings={"ALLOWED_API_KEYS": ""}),
    page_row(
        "T46",
        Step(
            ask("/v1/chat/completions", None, *PREFLIGHT, key=None, method="OPTIONS"),
            OneOf(200, 204),
            None,
            fields={
                "access-control-allow-origin": OneOf("*", "https://b.example"),
                "access-control-allow-methods": Like(r"(?=.*POST)(?=.*OPTIONS).*"),
                "access-control-allow-headers": Like(r"(?i)(?=.*authorization)(?=.*content-type).*"),
                "access-control-max-age": maybe(WORDS),
            },
        ),
        CORS_ORIGINS="*",
    ),
    page_row(
        "T47 preflight",
        Step(
            ask("/v1/chat/completions", None, *PREFLIGHT, key=None, method="OPTIONS"),
            OneOf(200, 204, 403),
            None,
            fields={
                "access-control-allow-origin": None,
                "access-control-allow-methods": maybe(WORDS),
                "access-control-allow-headers": maybe(WORDS),
            },
        ),
        CORS_ORIGINS="https://a.example",
    ),
    chat_row(
        "T47",
        received=to_anthropic(),
        more=(ORIGIN,),
        settings={"CORS_ORIGINS": "https://a.example"},
        fields={"access-control-allow-origin": None},
    ),
    chat_row(
        "T47 the origin that is named",
        received=to_anthropic(),
        more=(("Origin", "https://a.example"),),
        settings={"CORS_ORIGINS": "https://a.example"},
        fields={"access-control-allow-origin": "https://a.example"},
    ),
    page_row("T48", Step(ask("/v1/models", None, method="GET"), 200, ONE_MODEL)),
    Case(
        "T49",
        {**ANTHROPIC, "DEFAULT_MAX_TOKENS": "4095"},
        (
            Step(HEALTH, 200, BEFORE),
            Step(
                ask("/v1/chat/completions", chat_body()),
                200,
                completion(REPLY),
                (message_reply(),),
                (to_anthropic(max_tokens=4095),),
            ),
            Step(HEALTH, 200, AFTER),
        ),
    ),
    chat_row("T50", b"{bad", status=400, answer=openai_error("invalid_request_error", OneOf(None, WORDS))),
]
