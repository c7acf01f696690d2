"""T115-T145: keys, limits, counting, retries and pages of the Anthropic side."""

from support.secrets import CLIENT_KEY, MARK, OTHER_KEY, WRONG_KEY
from support.upstream import Exchange

from .case import Case, Reply, Step, Stream
from .masks import WORDS, Like, Number, With
from .rows import messages_row
from .spelling import (
    FORWARD,
    OPENAI,
    PNG,
    TRUNCATED,
    anthropic_error,
    ask,
    chat_fields,
    completion_reply,
    events,
    failed_event,
    message,
    messages_body,
    result,
    text,
    text_block,
    to_chat,
    user,
    word,
)

DYNAMIC = {"OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": OTHER_KEY}
INVALID_KEY = anthropic_error("authentication_error", Like(".*Invalid API key.*"))
AS_SENT = "claude-3-5-sonnet-20241022"
"""What `BACKEND_URL` makes of M0's model: nothing."""


def key_row(id: str, *fields, status: int = 200, **other) -> Case:
    if status == 200:
        return messages_row(id, received=to_chat(), key=None, more=fields, **other)
    return messages_row(id, key=None, more=fields, status=status, answer=INVALID_KEY, **other)


def forward_row(id: str, *, key: str | None, word: str | None = None, body=None) -> Case:
    if word:
        answer = anthropic_error("authentication_error", Like(f"{word}.*"))
        return messages_row(id, body, key=key, status=401, answer=answer, settings=FORWARD)
    return messages_row(id, received=to_chat(chat_fields(key=key), model=AS_SENT), key=key, settings=FORWARD)


def page_row(id: str, *steps: Step, **settings: str) -> Case:
    return Case(id, {**OPENAI, **settings}, steps)


def turns_row(id: str, messages: list, status: int = 200, answer=None, **settings: str) -> Case:
    received = to_chat(messages=messages) if status == 200 else None
    body = messages_body(messages=messages)
    return messages_row(id, body, received, status=status, answer=answer, settings=settings)


def many(count: int) -> list:
    return [user("x") for _ in range(count)]


def busy_row(id: str, calls: int, retries: str) -> Case:
    return messages_row(
        id,
        received=(to_chat(),) * calls,
        reply=(BUSY,) * calls,
        status=529,
        answer=anthropic_error("overloaded_error", "busy"),
        settings={"MAX_RETRIES": retries},
    )


BUSY = Reply({"error": {"message": "busy", "type": "server_error", "param": None, "code": None}}, 503)
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
FIVE_MIB = 5_242_880
TEN_MIB = 10_485_760
TOO_LARGE = anthropic_error("request_too_large")
TEST_CONNECTION = ask("/test-connection", None, method="GET")
CUSTOM = {"CUSTOM_HEADER_X_FOO": "bar", "CUSTOM_HEADER_USER_AGENT": "ua"}


def padded(size: int) -> bytes:
    """A request of that many bytes, most of them blanks before its end."""
    whole = b'{"model":"m","max_tokens":200,"messages":[{"role":"user","content":"x"}]'
    return whole + b" " * (size - len(whole) - 1) + b"}"


COUNT = "/v1/messages/count_tokens"
COUNTED = {"model": "claude-3-5-sonnet-20241022", "messages": [user("abcdefgh")]}
MIXED = [user([text("héllo wö"), PICTURE, result("t1", "12345678")])]


def count_step(messages: list, tokens: object, counter: str, **more) -> Step:
    return Step(
        ask(COUNT, {**COUNTED, "messages": messages, **more}),
        200,
        {"input_tokens": tokens},
        fields={"x-proxy-count": "local", "x-proxy-counter": counter},
    )


def count_row(id: str, messages: list, tokens: int, **more) -> Case:
    step = count_step(messages, tokens, "chars", **more)
    return Case(id, {**OPENAI, "TOKEN_COUNTER": "chars"}, (step,))


ROWS = [
    key_row("T115 no key", status=401),
    key_row("T115 wrong key", ("Authorization", f"Bearer {WRONG_KEY}"), status=401),
    key_row("T115 bearer", ("Authorization", f"bearer {CLIENT_KEY}")),
    key_row("T115 x-api-key", ("x-api-key", CLIENT_KEY)),
    key_row("T116", ("x-api-key", WRONG_KEY), ("Authorization", f"Bearer {CLIENT_KEY}"), status=401),
    key_row("T117", settings={"ANTHROPIC_API_KEY": ""}),
    forward_row("T118", key=None, word="missing_api_key", body=b"{bad"),
    forward_row("T119", key=f"sk-ant-oat-{MARK}", word="invalid_auth_token"),
    forward_row("T120", key=f"cpk_{MARK}"),
    messages_row(
        "T121 foo",
        key=f"foo-{MARK}",
        status=401,
        answer=anthropic_error("authentication_error"),
        settings=DYNAMIC,
    ),
    messages_row(
        "T121 sk-foo",
        received=to_chat(chat_fields(key=f"sk-foo-{MARK}")),
        key=f"sk-foo-{MARK}",
        settings=DYNAMIC,
    ),
    key_row("T122", ("x-api-key", f"any-{MARK}-key"), settings={"ANTHROPIC_API_KEY": ""}),
    turns_row(
        "T125",
        many(10_001),
        400,
        anthropic_error("invalid_request_error", Like("too_many_messages.*")),
        MAX_MESSAGES="10000",
    ),
    turns_row("T125 the most", many(10_000), MAX_MESSAGES="10000"),
    turns_row(
        "T126",
        [user("x" * (FIVE_MIB + 1))],
        413,
        anthropic_error("request_too_large", Like("content_too_large.*")),
        MAX_CONTENT_BYTES=str(FIVE_MIB),
    ),
    turns_row("T126 the most", [user("x" * FIVE_MIB)], MAX_CONTENT_BYTES=str(FIVE_MIB)),
    page_row(
        "T127",
        Step(ask("/v1/messages", padded(TEN_MIB + 1)), 413, TOO_LARGE),
        Step(
            ask("/v1/messages", padded(TEN_MIB)),
            200,
            message(model="m"),
            (completion_reply(),),
            (to_chat(model="big-1", messages=[user("x")]),),
        ),
        MAX_BODY_BYTES=str(TEN_MIB),
    ),
    count_row("T135", messages=[user("abcdefgh")], tokens=2),
    count_row("T135 no message", messages=[], tokens=1),
    count_row("T136", system="1234", messages=MIXED, tokens=3 + 256 + 2),
    Case("T136 by tokens", OPENAI, (count_step(MIXED, Number(256), counter="cl100k_base", system="1234"),)),
    Case(
        "T137",
        OPENAI,
        tuple(
            Step(ask(COUNT, body, key=key), 401, INVALID_KEY)
            for key in (None, WRONG_KEY)
            for body in (COUNTED, b"{bad")
        ),
    ),
    page_row(
        "T138",
        Step(
            ask("/health", None, ("Accept-Encoding", "gzip"), key=None, method="GET"),
            200,
            {"status": "ok", "version": WORDS},
            fields={"content-encoding": None},
        ),
    ),
    messages_row(
        "T138 streamed",
        messages_body(stream=True),
        to_chat(stream=True),
        Stream((word("A"),), Exchange.reset),
        events(text_block(0, "A")[:2], failure=failed_event("api_error", TRUNCATED)),
        more=(("Accept-Encoding", "gzip"),),
        fields={"content-encoding": None},
    ),
    messages_row(
        "T140",
        received=to_chat(chat_fields(x_foo="bar", user_agent="ua")),
        settings=CUSTOM,
    ),
    busy_row("T141", 3, "2"),
    busy_row("T141 never again", 1, "0"),
    messages_row(
        "T141 after the first byte",
        messages_body(stream=True),
        to_chat(stream=True),
        Stream((word("A"),), Exchange.reset),
        events(text_block(0, "A")[:2], failure=failed_event("api_error", TRUNCATED)),
        settings={"MAX_RETRIES": "2"},
    ),
    page_row(
        "T143",
        Step(
            TEST_CONNECTION,
            200,
            With(status="success", message=WORDS, model_used="small-1", timestamp=WORDS, response_id=WORDS),
            (completion_reply(),),
            (to_chat(model="small-1", max_tokens=5, messages=[user("Hello")]),),
        ),
    ),
    page_row(
        "T143 down",
        Step(
            TEST_CONNECTION,
            503,
            With(status="failed", error_type=WORDS, message=WORDS, timestamp=WORDS, suggestions=[WORDS] * 3),
            (BUSY,),
            (to_chat(model="small-1", max_tokens=5, messages=[user("Hello")]),),
        ),
    ),
    page_row(
        "T144",
        Step(
            ask("/", None, key=None, method="GET"),
            200,
            With(
                status="running",
                endpoints=With(
                    messages="/v1/messages",
                    count_tokens="/v1/messages/count_tokens",
                    health="/health",
                    test_connection="/test-connection",
                ),
            ),
        ),
    ),
]
