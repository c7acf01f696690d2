"""Neighbours of T35-T41 and T91-T114: streams that vendors write in other ways (matrix D1, D2)."""

from support.upstream import Exchange

from .anthropic_answers import begin, thinking_block
from .case import Case, Stream
from .masks import Like
from .openai_answers import A_ALONE, BEGIN, FIRST_PIECE, block, call_piece, end, say
from .rows import chat_row, messages_row, streamed_chat, streamed_messages
from .spelling import (
    DONE,
    TRUNCATED,
    USAGE,
    anthropic_error,
    chat_body,
    chunks,
    delta_frame,
    ended,
    event,
    events,
    failed_event,
    frame,
    messages_body,
    openai_error,
    text,
    text_block,
    to_anthropic,
    to_chat,
    tool_block,
    use,
    word,
)

A = text_block(0, "A")
WELL = {"stop": "end_turn"}
CRLF_FREE = b"".join((word("A"), *ended("stop")))


def spelled_row(id: str, stream: bytes) -> Case:
    return streamed_messages(f"D0-sse {id}", (stream,), events(A, **WELL))


def refused_stream(id: str, pieces: tuple, status: int, error: dict, ending=Exchange.end_stream) -> Case:
    return messages_row(
        f"D0-first {id}",
        messages_body(stream=True),
        to_chat(stream=True),
        Stream(pieces, ending),
        error,
        status=status,
    )


ANTHROPIC_STREAMS = [
    spelled_row("CR", CRLF_FREE.replace(b"\n", b"\r")),
    spelled_row("a mark of byte order", b"\xef\xbb\xbf" + CRLF_FREE),
    spelled_row("no blank", CRLF_FREE.replace(b"data: ", b"data:")),
    spelled_row("other fields", b": note\n\nevent: x\nid: 5\nretry: 3\n" + CRLF_FREE),
    spelled_row("more after the end", CRLF_FREE + word("B")),
    streamed_messages(
        "D1 usage beside the finish",
        (word("A"), delta_frame({}, "stop", usage=USAGE), DONE),
        events(A, **WELL),
    ),
    streamed_messages(
        "D1 usage in each",
        (delta_frame({"content": "A"}, usage={**USAGE, "completion_tokens": 1}), *ended("stop")),
        events(A, **WELL),
    ),
    streamed_messages(
        "D1 content as a list",
        (delta_frame({"content": [{"type": "text", "text": "A"}]}), *ended("stop")),
        events(A, **WELL),
    ),
    streamed_messages(
        "D1 another choice",
        (delta_frame({}, choices=[{"index": 1, "delta": {"content": "no"}}]), word("A"), *ended("stop")),
        events(A, **WELL),
    ),
    streamed_messages(
        "D1 reasoning by its other name",
        (delta_frame({"reasoning": "think"}), word("A"), *ended("stop")),
        events(thinking_block(0, "think"), text_block(1, "A"), **WELL),
    ),
    streamed_messages(
        "C3 stop beside a call",
        (begin(0, "a", "f", "{}"), *ended("stop")),
        events(tool_block(0, "a", "f", "{}"), stop="tool_use"),
    ),
    streamed_messages("C3 tool_calls without one", (word("A"), *ended("tool_calls")), events(A, **WELL)),
    streamed_messages(
        "D1-key one index, two ids",
        (begin(0, "a", "f", "{}"), begin(0, "b", "g", "{}"), *ended("tool_calls")),
        events(tool_block(0, "a", "f", "{}"), tool_block(1, "b", "g", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "B-id-2",
        (begin(0, "a", "f", "{}"), begin(1, "a", "f", "{}"), *ended("tool_calls")),
        events(tool_block(0, "a", "f", "{}"), tool_block(1, "a_2", "f", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "B-id-1",
        (begin(0, "a b.c", "f", "{}"), *ended("tool_calls")),
        events(tool_block(0, "a_b_c", "f", "{}"), stop="tool_use"),
    ),
    streamed_messages(
        "D1-err a text",
        (word("A"), frame({"error": "boom"})),
        events(A[:2], failure=failed_event("api_error", "boom")),
    ),
    streamed_messages(
        "D0-eof",
        (word("A"),),
        events(A[:2], failure=failed_event("api_error", TRUNCATED)),
    ),
    refused_stream("nothing", (), 502, anthropic_error("api_error")),
    refused_stream("no event", (b"data: {bad\n\n", DONE), 502, anthropic_error("api_error")),
    refused_stream(
        "a page", (b"<html>host.internal</html>",), 502, anthropic_error("api_error", Like("(?!.*host[.]).+"))
    ),
    refused_stream("a break", (), 502, anthropic_error("api_error"), ending=Exchange.reset),
    refused_stream(
        "an error",
        (frame({"error": {"message": "slow down", "type": "x", "code": 429}}),),
        429,
        anthropic_error("rate_limit_error", "slow down"),
    ),
]

SAY_A = block(0, text(""), say("A"))


def chat_stream(
    id: str, pieces: tuple, *deltas: dict, finish: str = "stop", failure=None, ending=None
) -> Case:
    answer = chunks(*deltas, failure=failure) if failure else chunks(*deltas, finish=finish)
    return streamed_chat(f"D2 {id}", pieces, answer, ending=ending)


CUT = openai_error("server_error", "upstream_truncated", TRUNCATED)
THOUGHT = block(
    0,
    {"type": "thinking", "thinking": "", "signature": ""},
    {"type": "thinking_delta", "thinking": "hm"},
    {"type": "signature_delta", "signature": "sig"},
)
SEARCH = block(
    0,
    {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}},
    {"type": "input_json_delta", "partial_json": "{}"},
)
SAID = {"content": "A"}

CHAT_STREAMS = [
    chat_stream("nothing said", (BEGIN, *end("end_turn"))),
    chat_stream(
        "text in the start (A-14)",
        (BEGIN, *block(0, text("In"), say("A")), *end("end_turn")),
        {"content": "In"},
        SAID,
    ),
    chat_stream(
        "thinking (A-14)",
        (BEGIN, *THOUGHT, *block(1, text(""), say("A")), *end("end_turn")),
        {"reasoning_content": "hm"},
        SAID,
    ),
    chat_stream(
        "a search of the upstream's", (BEGIN, *SEARCH, *block(1, text(""), say("A")), *end("end_turn")), SAID
    ),
    chat_stream(
        "input in the start",
        (BEGIN, *block(0, use("t1", "get", {"a": 1})), *end("tool_use")),
        FIRST_PIECE,
        call_piece(arguments=Like(r'\{"a": ?1\}')),
        finish="tool_calls",
    ),
    chat_stream(
        "no input",
        (BEGIN, *block(0, use("t1", "get", {})), *end("tool_use")),
        FIRST_PIECE,
        call_piece(arguments="{}"),
        finish="tool_calls",
    ),
    chat_stream("pause_turn", (BEGIN, *SAY_A, *end("pause_turn")), SAID),
    chat_stream(
        "a full window", (BEGIN, *SAY_A, *end("model_context_window_exceeded")), SAID, finish="length"
    ),
    chat_stream("a reason nobody knows", (BEGIN, *SAY_A, *end("weird")), SAID),
    chat_stream("rubbish", (BEGIN, b"data: {bad\n\n", b"data: 5\n\n", *SAY_A, *end("end_turn")), SAID),
    chat_stream(
        "delta null (A-03)",
        (BEGIN, event("content_block_delta", index=0, delta=None), *SAY_A, *end("end_turn")),
        SAID,
    ),
    chat_stream("no message_stop", (BEGIN, *SAY_A, end("end_turn")[0]), SAID),
    chat_stream("more after the end", (BEGIN, *SAY_A, *end("end_turn"), *SAY_A), SAID),
    chat_stream("a bare end (A-02)", A_ALONE, SAID, failure=CUT),
    chat_stream("a foreign end (A-02)", (*A_ALONE, DONE), SAID, failure=CUT),
    chat_row(
        "D0-first an error for Chat",
        chat_body(stream=True),
        to_anthropic(stream=True),
        Stream((event("error", error={"type": "rate_limit_error", "message": "slow"}),)),
        openai_error("rate_limit_error", "rate_limit_exceeded", "slow"),
        status=429,
    ),
]

ROWS = [*ANTHROPIC_STREAMS, *CHAT_STREAMS]
