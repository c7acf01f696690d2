"""Neighbours of T39, T40, T88 and T89: what an upstream fails with, and what its client is told."""

from .case import Case, Reply
from .masks import WORDS, Like
from .rows import chat_row, messages_row
from .spelling import (
    anthropic_error,
    completion_reply,
    message,
    openai_error,
    to_anthropic,
    to_chat,
)

# Matrix E3 beyond T89.

SAID = {"error": {"message": "said upstream", "type": "x", "param": None, "code": None}}
STATUSES = {
    400: (400, "invalid_request_error"),
    405: (400, "invalid_request_error"),
    408: (504, "timeout_error"),
    409: (409, "conflict_error"),
    413: (413, "request_too_large"),
    415: (400, "invalid_request_error"),
    422: (400, "invalid_request_error"),
    424: (500, "api_error"),
    498: (529, "overloaded_error"),
    502: (500, "api_error"),
    504: (504, "timeout_error"),
    520: (500, "api_error"),
    524: (504, "timeout_error"),
}
NO_HOST = Like("(?!.*host[.]internal).+")
SHAPES = {
    "error a text": ({"error": "said upstream"}, "said upstream"),
    "an array": ([SAID], "said upstream"),
    "flat": ({"object": "error", "message": "said upstream", "type": "x", "code": 1}, "said upstream"),
    "detail": ({"detail": "said upstream"}, "said upstream"),
    "details": (
        {"detail": [{"loc": ["body", "a"], "msg": "b"}, {"loc": ["c"], "msg": "d"}]},
        "body.a: b; c: d",
    ),
    "message": ({"message": "said upstream"}, "said upstream"),
    "Anthropic's": ({"type": "error", "error": {"type": "x", "message": "said upstream"}}, "said upstream"),
    "a page": (b"<html>host.internal</html>", Like("Upstream returned HTTP 400.*")),
    "nothing": (b"", Like("Upstream returned HTTP 400.*")),
}


def failed_row(id: str, reply: Reply, status: int, type: str, words="said upstream", **other) -> Case:
    return messages_row(
        f"E3 {id}",
        received=to_chat(),
        reply=reply,
        status=status,
        answer=anthropic_error(type, words),
        **other,
    )


OVERFLOW = {"error": {"message": WORDS, "type": "invalid_request_error", "code": "context_length_exceeded"}}
TOO_LONG = (
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens."
)

FAILURES = [
    *(failed_row(f"{status}", Reply(SAID, status), *told) for status, told in STATUSES.items()),
    *(
        failed_row(f"shape {name}", Reply(body, 400), 400, "invalid_request_error", words)
        for name, (body, words) in SHAPES.items()
    ),
    failed_row("402", Reply(SAID, 402), 402, "billing_error", fields={"x-should-retry": "false"}),
    failed_row(
        "no quota",
        Reply({"error": {**SAID["error"], "code": "insufficient_quota"}}, 429),
        402,
        "billing_error",
        fields={"x-should-retry": "false"},
    ),
    failed_row(
        "overflow",
        Reply({"error": {"message": TOO_LONG, "type": "x", "code": "context_length_exceeded"}}, 400),
        400,
        "invalid_request_error",
        "prompt is too long: 130000 tokens > 128000 maximum",
    ),
    failed_row(
        "E-200", Reply({"error": {"message": "said upstream", "code": 429}}, 200), 429, "rate_limit_error"
    ),
    failed_row(
        "a redirect",
        Reply(SAID, 301, (("location", "http://169.254.169.254/"),)),
        502,
        "api_error",
        Like("(?!.*169).*"),
    ),
    messages_row(
        "D1 12",
        status=502,
        answer=anthropic_error("api_error", Like(r"backend_unavailable: (?!.*(127\.0|localhost|:\d)).+")),
        settings={"OPENAI_BASE_URL": "http://127.0.0.1:{dead}/v1"},
    ),
    chat_row(
        "D1 12 for Chat",
        status=502,
        answer=openai_error("server_error", "backend_unavailable", Like(r"(?!.*(127\.0|localhost|:\d)).+")),
        settings={"UPSTREAM_API_URL": "http://127.0.0.1:{dead}/v1/messages"},
    ),
    messages_row("A-28", received=to_chat(), reply=Reply(completion_reply().body, 201), answer=message()),
]

# Matrix E2, towards Chat clients.

TO_CHAT = {
    (400, "invalid_request_error", "bad"): (400, "invalid_request_error", None),
    (401, "authentication_error", "invalid x-api-key"): (401, "invalid_request_error", "invalid_api_key"),
    (402, "billing_error", "no credit"): (429, "insufficient_quota", "insufficient_quota"),
    (403, "permission_error", "no"): (403, "permission_error", None),
    (404, "not_found_error", "model: m"): (404, "invalid_request_error", "model_not_found"),
    (409, "conflict_error", "no"): (409, "invalid_request_error", None),
    (413, "request_too_large", "no"): (413, "invalid_request_error", "request_too_large"),
    (500, "api_error", "no"): (500, "server_error", None),
    (504, "timeout_error", "no"): (504, "server_error", "timeout"),
    (529, "overloaded_error", "no"): (503, "server_error", "overloaded_error"),
}


def chat_failed_row(id: str, reply, status: int, error: dict, **other) -> Case:
    return chat_row(
        f"E2 {id}", received=to_anthropic(), reply=reply, status=status, answer=error, settings=ONCE, **other
    )


def their_error(type: str, words: str) -> dict:
    return {"type": "error", "error": {"type": type, "message": words}, "request_id": "req_theirs"}


ONCE = {"MAX_RETRIES": "0"}
CHAT_FAILURES = [
    *(
        chat_failed_row(
            f"{status}",
            Reply(their_error(type, words), status),
            told,
            openai_error(chat_type, code, words),
            fields={"x-should-retry": "false"} if status == 402 else {},
        )
        for (status, type, words), (told, chat_type, code) in TO_CHAT.items()
    ),
    chat_failed_row(
        "overflow",
        Reply(their_error("invalid_request_error", "prompt is too long: 5 tokens > 4 maximum"), 400),
        400,
        openai_error("invalid_request_error", "context_length_exceeded", WORDS, "messages"),
    ),
    chat_failed_row(
        "an error with status 200",
        Reply(their_error("overloaded_error", "busy")),
        503,
        openai_error("server_error", "overloaded_error", "busy"),
    ),
    chat_failed_row(
        "a page", Reply(b"<html>host.internal</html>"), 502, openai_error("server_error", None, NO_HOST)
    ),
    chat_failed_row("nothing", Reply(b""), 502, openai_error("server_error")),
    chat_failed_row("another shape", Reply([]), 502, openai_error("server_error")),
]

ROWS = [*FAILURES, *CHAT_FAILURES]
