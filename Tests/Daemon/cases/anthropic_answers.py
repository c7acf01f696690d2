"""T83-T114: what a Messages client gets for the OpenAI upstream's answers."""

from support.upstream import Exchange

from .case import Case, Reply, held
from .masks import Like, Number
from .rows import maybe, messages_row, streamed_messages
from .spelling import (
    DONE,
    TRUNCATED,
    USAGE_FRAME,
    anthropic_error,
    assistant,
    block_start,
    call,
    completion_reply,
    counted,
    delta_frame,
    ended,
    events,
    failed_event,
    fragment,
    frame,
    message,
    messages_body,
    named,
    text,
    text_block,
    text_delta,
    to_chat,
    tool_block,
    use,
    word,
)

STATUSES = {
    401: (401, "authentication_error"),
    403: (403, "permission_error"),
    404: (404, "not_found_error"),
    429: (429, "rate_limit_error"),
    500: (500, "api_error"),
    503: (529, "overloaded_error"),
    529: (529, "overloaded_error"),
}
REASONS = {"length": "max_tokens", "content_filter": "refusal", None: "end_turn"}


def failure(status: int) -> Reply:
    later = (("retry-after", "3"),) if status == 429 else ()
    return Reply(
        {"error": {"message": "said upstream", "type": "x", "param": None, "code": None}}, status, later
    )


LATER = {"retry-after": "3", "retry-after-ms": maybe("3000")}


def status_row(status: int) -> Case:
    told, type = STATUSES[status]
    return messages_row(
        f"T89 {status}",
        received=to_chat(),
        reply=failure(status),
        status=told,
        answer=anthropic_error(type, "said upstream"),
        fields=LATER if status == 429 else {},
    )


def reason_row(finish: str | None, stop: str) -> Case:
    details = {"type": "refusal", "category": None, "explanation": None}
    more = {"stop_details": details} if stop == "refusal" else {}
    return messages_row(
        f"T87 {finish}",
        received=to_chat(),
        reply=completion_reply(finish=finish),
        answer=message(stop=stop, **more),
    )


def call_row(id: str, arguments: str, input: dict, **other) -> Case:
    said = assistant(None, tool_calls=[call("call_a", "f", arguments)])
    return messages_row(
        id,
        received=to_chat(),
        reply=completion_reply(said, "tool_calls"),
        answer=message(use("call_a", "f", input), stop="tool_use"),
        **other,
    )


def begin(index: int | None, id: str | None, name: str, arguments: str = "") -> bytes:
    return delta_frame(fragment(index, arguments, id, name))


def more(index: int | None, arguments: str) -> bytes:
    return delta_frame(fragment(index, arguments))


def thinking_block(index: int, words: str) -> list:
    return [
        block_start(index, {"type": "thinking", "thinking": "", "signature": ""}),
        named("content_block_delta", index=index, delta={"type": "thinking_delta", "thinking": words}),
        named(
            "content_block_delta", index=index, delta={"type": "signature_delta", "signature": Like("px1:.+")}
        ),
        named("content_block_stop", index=index),
    ]


UNCOUNTED = counted(Number(), Number(), Number())
A_OPEN = text_block(0, "A")[:2]
TWO_MIB = "x" * (2 << 20)
CRLF = b"".join((word("Hel"), word("lo wörld"), delta_frame({}, "stop"), USAGE_FRAME)).replace(b"\n", b"\r\n")
SPLIT = CRLF.index("ö".encode()) + 1
CRLF_PIECES = (CRLF[:SPLIT], CRLF[SPLIT:].removesuffix(b"\r\n\r\n"))

ROWS = [
    messages_row(
        "T83", received=to_chat(), reply=completion_reply(assistant("Hello")), answer=message(text("Hello"))
    ),
    call_row("T84", '{"a":1}', {"a": 1}),
    call_row("T85", "", {}),
    call_row("T86", '{"a":', {"_raw_arguments": '{"a":'}),
    *(reason_row(finish, stop) for finish, stop in REASONS.items()),
    messages_row(
        "T88",
        received=to_chat(),
        reply=completion_reply(choices=[]),
        status=502,
        answer=anthropic_error("api_error"),
    ),
    *(status_row(status) for status in STATUSES),
    messages_row("T90", messages_body(stream=...), to_chat()),
    messages_row("T90 false", messages_body(stream=False), to_chat()),
    streamed_messages(
        "T91",
        (word("Hel"), word("lo wörld"), *ended("stop")),
        events(text_block(0, "Hel", "lo wörld"), stop="end_turn"),
    ),
    streamed_messages(
        "T92",
        (word("t"), begin(0, "call_a", "get", '{"a":'), more(0, "1}"), *ended("tool_calls")),
        events(text_block(0, "t"), tool_block(1, "call_a", "get", '{"a":', "1}"), stop="tool_use"),
    ),
    streamed_messages(
        "T93",
        (
            begin(0, "a", "f", '{"x":'),
            begin(1, "b", "g", '{"y":'),
            more(0, "1}"),
            more(1, "2}"),
            *ended("tool_calls"),
        ),
        events(tool_block(0, "a", "f", '{"x":', "1}"), tool_block(1, "b", "g", '{"y":2}'), stop="tool_use"),
    ),
    streamed_messages(
        "T94",
        (begin(0, "a", "f"), *ended("tool_calls")),
        events(tool_block(0, "a", "f"), stop="tool_use"),
    ),
    streamed_messages(
        "T95",
        (more(0, '{"a"'), begin(0, "a", "f", ":1}"), *ended("tool_calls")),
        events(tool_block(0, "a", "f", '{"a":1}'), stop="tool_use"),
    ),
    streamed_messages(
        "T96",
        (begin(0, None, "f", "{}"), *ended("tool_calls")),
        events(tool_block(0, Like(r"toolu_\w+"), "f", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "T97",
        (begin(0, "a", "f", '{"a":'), more(0, "1"), *ended("length")),
        events(tool_block(0, "a", "f", '{"a":', "1"), stop="max_tokens"),
    ),
    streamed_messages(
        "T98",
        (begin(None, "a", "f", "{}"), begin(None, "b", "g", "{}"), *ended("tool_calls")),
        events(tool_block(0, "a", "f", "{}"), tool_block(1, "b", "g", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "T99",
        (delta_frame({"reasoning_content": "think"}), word("ans"), *ended("stop")),
        events(thinking_block(0, "think"), text_block(1, "ans"), stop="end_turn"),
    ),
    streamed_messages(
        "T100",
        (delta_frame({"reasoning_content": "think"}), begin(0, "a", "f", "{}"), *ended("tool_calls")),
        events(thinking_block(0, "think"), tool_block(1, "a", "f", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "T101",
        (begin(0, "a", "f", "{}"), word("after"), *ended("tool_calls")),
        events(tool_block(0, "a", "f", "{}"), text_block(1, "after"), stop="tool_use"),
    ),
    streamed_messages(
        "T102",
        (word("A"), b"data: {not json\n\n", word("B"), *ended("stop")),
        events(text_block(0, "A", "B"), stop="end_turn"),
    ),
    streamed_messages(
        "T103",
        (word("A"), frame({"error": {"message": "boom", "type": "server_error"}}), USAGE_FRAME, DONE),
        events(A_OPEN, failure=failed_event("api_error", "boom")),
    ),
    streamed_messages(
        "T104",
        (word("A"),),
        events(A_OPEN, failure=failed_event("api_error", TRUNCATED)),
        ending=Exchange.reset,
    ),
    streamed_messages(
        "T105",
        (delta_frame({}, choices=[], prompt_filter_results=[]), word("A"), *ended("stop")),
        events(text_block(0, "A"), stop="end_turn"),
    ),
    streamed_messages(
        "T106",
        (word("A"), delta_frame(None), word("B"), *ended("stop")),
        events(text_block(0, "A", "B"), stop="end_turn"),
    ),
    streamed_messages(
        "T107",
        (word("A"), DONE),
        events(text_block(0, "A"), stop="end_turn", usage=UNCOUNTED),
    ),
    messages_row(
        "T108",
        messages_body(stream=True),
        to_chat(stream=True),
        failure(429),
        anthropic_error("rate_limit_error", "said upstream"),
        status=429,
        fields=LATER,
    ),
    streamed_messages("T109", CRLF_PIECES, events(text_block(0, "Hel", "lo wörld"), stop="end_turn")),
    messages_row(
        "T110",
        messages_body(stream=True),
        to_chat(stream=True),
        completion_reply(assistant("whole")),
        events(text_block(0, "whole"), stop="end_turn"),
    ),
    streamed_messages(
        "T113", (word("A"), *ended("stop")), events(text_block(0, "A"), stop="end_turn"), ending=held
    ),
    streamed_messages(
        "T114",
        (word(TWO_MIB), *ended("stop")),
        events(
            [block_start(0, text("")), text_delta(0, TWO_MIB), named("content_block_stop", index=0)],
            stop="end_turn",
        ),
    ),
]
