"""The official `anthropic` client in conversations through the daemon, with upstreams of either protocol."""

import asyncio
import base64
import contextlib
import json
import statistics
import threading

import anthropic
import pytest

from support.secrets import CLIENT_KEY, PROMPT, REPLY, SERVER_KEY
from support.upstream import Exchange
from support.vendors import Fault, Pace, Turn, Vendor, anthropic_vendor, broken, openai_vendor
from support.waiting import DEADLINE

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [{"name": name, "description": name, "input_schema": CITY} for name in ("get_weather", "get_time")]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n not a picture").decode()
PDF = base64.b64encode(b"%PDF- not a document").decode()
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["name", "people"],
    "additionalProperties": False,
}
LATER = (("retry-after", "7"),)

# Clients before 2.0 know no class of their own for 504.
TOO_LATE = "InternalServerError" if anthropic.__version__.startswith("1.") else "DeadlineExceededError"

# What the vendor answers, and what the client then raises: (fault, status, class).
OPENAI_FAULTS = [
    (Fault(400, "x"), 400, "BadRequestError"),
    (Fault(401, "x"), 401, "AuthenticationError"),
    (Fault(403, "x"), 403, "PermissionDeniedError"),
    (Fault(404, "x"), 404, "NotFoundError"),
    (Fault(409, "x"), 409, "ConflictError"),
    (Fault(413, "x"), 413, "APIStatusError"),
    (Fault(422, "x"), 400, "BadRequestError"),
    (Fault(429, "x", fields=LATER), 429, "RateLimitError"),
    (Fault(429, "insufficient_quota", "insufficient_quota"), 402, "APIStatusError"),
    (Fault(500, "x"), 500, "InternalServerError"),
    (Fault(503, "x"), 529, "OverloadedError"),
    (Fault(504, "x"), 504, TOO_LATE),
]
ANTHROPIC_FAULTS = [
    (Fault(400, "invalid_request_error"), 400, "BadRequestError"),
    (Fault(401, "authentication_error"), 401, "AuthenticationError"),
    (Fault(403, "permission_error"), 403, "PermissionDeniedError"),
    (Fault(404, "not_found_error"), 404, "NotFoundError"),
    (Fault(413, "request_too_large"), 413, "APIStatusError"),
    (Fault(429, "rate_limit_error", fields=LATER), 429, "RateLimitError"),
    (Fault(500, "api_error"), 500, "InternalServerError"),
    (Fault(529, "overloaded_error"), 529, "OverloadedError"),
]


class Line:
    """A client, the daemon it calls and the vendor behind it."""

    def __init__(self, daemon, vendor: Vendor):
        self.vendor = vendor
        self.translates = vendor.protocol == "openai"
        self.daemon = daemon
        self.options = {
            "base_url": f"http://127.0.0.1:{daemon.port}",
            "api_key": CLIENT_KEY,
            "max_retries": 0,
            "timeout": DEADLINE,
        }
        self.client = anthropic.Anthropic(**self.options)

    def ask(self, content=PROMPT, **more) -> dict:
        messages = [{"role": "user", "content": content}]
        return {"model": "claude-sonnet-4-5", "max_tokens": 4000, "messages": messages, **more}

    def complete(self, conversation: dict, streamed: bool = False):
        if not streamed:
            return self.client.messages.create(**conversation)
        with self.client.messages.stream(**conversation) as stream:
            return stream.get_final_message()


@pytest.fixture(params=[openai_vendor, anthropic_vendor], ids=["translated", "same"])
def line(request, start):
    vendor = request.param()
    settings = {"ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0", "ENABLE_CIRCUIT_BREAKER": "false"}
    if vendor.protocol == "anthropic":
        settings |= {"UPSTREAM_API_URL": vendor.url("/v1/messages"), "UPSTREAM_API_KEY": SERVER_KEY}
    else:
        settings |= {"OPENAI_BASE_URL": vendor.url("/v1"), "OPENAI_API_KEY": SERVER_KEY}
        settings |= {"OPENAI_PROFILE": "openai-reasoning", "MIDDLE_MODEL": "o4-mini"}
    line = Line(start(settings), vendor)
    yield line
    line.client.close()
    vendor.close()


STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])


def text_of(message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def calls_of(message) -> list:
    return [block for block in message.content if block.type == "tool_use"]


@STREAMED
def test_a_plain_answer(line, streamed):
    line.vendor.says(Turn(REPLY))
    message = line.complete(line.ask(), streamed)
    assert (text_of(message), message.stop_reason) == (REPLY, "end_turn")
    assert (message.usage.input_tokens, message.usage.output_tokens) == (10, 5)
    (received,) = line.vendor.received
    assert PROMPT in json.dumps(received["messages"])
    if line.translates:
        assert message.model == "claude-sonnet-4-5" and received["model"] == "o4-mini"


def test_tokens_are_counted(line):
    line.vendor.says(Turn(REPLY))
    conversation = line.ask(tools=TOOLS)
    del conversation["max_tokens"]
    assert line.client.messages.count_tokens(**conversation).input_tokens > 50


@pytest.mark.measured
def test_each_delta_is_at_the_client_before_the_next_is_written_and_within_50_ms(line):
    words = (
        "One after the other, these twenty words are written, and none before the last was seen by who asked."
    )
    slowest = []
    # What the machine holds up once, the daemon holds up in each round.
    while len(slowest) < 3 and min(slowest, default=1) >= 0.05:
        pace = Pace(line.vendor.protocol, Turn(words))
        line.vendor.says(pace)
        said = ""
        with line.client.messages.stream(**line.ask()) as stream:
            for part in stream.text_stream:
                said += part
                pace.see()
        assert said == words
        slowest.append(pace.delays[-1])
    print(f"slowest {min(slowest) * 1000:.1f} ms, median {statistics.median(pace.delays) * 1000:.1f} ms")
    assert min(slowest) < 0.05


@STREAMED
def test_tools_and_parallel_tools_over_several_turns(line, streamed):
    line.vendor.says(
        Turn(
            "Let me see.",
            (("call_1", "get_weather", {"city": "Bonn"}), ("call_2", "get_time", {"city": "Bonn"})),
        ),
        Turn(calls=(("call_3", "get_weather", {"city": "Basel"}),)),
        Turn(REPLY),
    )
    conversation = line.ask(tools=TOOLS)
    answers = {"call_1": "sunny", "call_2": "noon", "call_3": "rain"}
    for words, ids in [("Let me see.", ["call_1", "call_2"]), ("", ["call_3"])]:
        message = line.complete(conversation, streamed)
        assert (message.stop_reason, text_of(message)) == ("tool_use", words)
        assert [call.id for call in calls_of(message)] == ids
        assert all(set(call.input) == {"city"} for call in calls_of(message))
        results = [{"type": "tool_result", "tool_use_id": id, "content": answers[id]} for id in ids]
        conversation["messages"] += [
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": [*results, {"type": "text", "text": "go on"}]},
        ]
    assert text_of(line.complete(conversation, streamed)) == REPLY
    last = json.dumps(line.vendor.received[-1])
    assert all(word in last for word in ("sunny", "noon", "rain", "Basel", "go on"))


def test_a_named_tool_is_forced_and_parallel_calls_are_forbidden(line):
    line.vendor.says(Turn(calls=(("call_1", "get_time", {"city": "Bonn"}),)))
    choice = {"type": "tool", "name": "get_time", "disable_parallel_tool_use": True}
    line.complete(line.ask(tools=TOOLS, tool_choice=choice))
    (received,) = line.vendor.received
    if line.translates:
        assert received["tool_choice"] == {"type": "function", "function": {"name": "get_time"}}
        assert received["parallel_tool_calls"] is False
    else:
        assert received["tool_choice"] == choice


def test_images_and_documents(line):
    parts = [
        {"type": "text", "text": PROMPT},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
        {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}},
        {
            "type": "document",
            "title": "a.pdf",
            "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
        },
    ]
    line.vendor.says(Turn(REPLY))
    line.complete(line.ask(parts))
    (received,) = line.vendor.received
    wanted = parts
    if line.translates:
        wanted = [
            parts[0],
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
            {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}},
            {
                "type": "file",
                "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"},
            },
        ]
    assert received["messages"][-1]["content"] == wanted


@STREAMED
def test_a_structured_output_has_its_schema(line, streamed):
    line.vendor.says(Turn('{"name": "Bonn", "people": 330000}'))
    form = {"type": "json_schema", "schema": SCHEMA}
    message = line.complete(line.ask(output_config={"format": form}), streamed)
    assert json.loads(text_of(message)) == {"name": "Bonn", "people": 330000}
    (received,) = line.vendor.received
    if line.translates:
        schema = {"name": "output", "schema": SCHEMA, "strict": True}
        assert received["response_format"] == {"type": "json_schema", "json_schema": schema}
    else:
        assert received["output_config"]["format"] == form


@STREAMED
def test_thinking_is_told_and_may_come_back(line, streamed):
    line.vendor.says(
        Turn("First", (("call_1", "get_time", {"city": "Bonn"}),), thinking="why not"), Turn(REPLY)
    )
    conversation = line.ask(tools=TOOLS, thinking={"type": "enabled", "budget_tokens": 2000})
    message = line.complete(conversation, streamed)
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert message.content[0].thinking == "why not" and message.content[0].signature
    conversation["messages"] += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "content": "noon"}]},
    ]
    assert text_of(line.complete(conversation, streamed)) == REPLY
    first, second = line.vendor.received
    if line.translates:
        assert first["reasoning_effort"] == "low"
        assert "signature" not in json.dumps(second)
    else:
        block = second["messages"][1]["content"][0]
        assert block == {"type": "thinking", "thinking": "why not", "signature": "signed-by-the-vendor"}


@STREAMED
def test_errors_are_the_sdks_own_exceptions(line, streamed):
    for fault, status, kind in OPENAI_FAULTS if line.translates else ANTHROPIC_FAULTS:
        line.vendor.says(fault)
        with pytest.raises(getattr(anthropic, kind, anthropic.APIStatusError)) as raised:
            line.client.messages.create(**line.ask(stream=streamed))
        assert raised.value.status_code == status
        assert raised.value.body["type"] == "error"
        assert raised.value.body["error"]["message"] == "said by the vendor"
        later = dict(fault.fields).get("retry-after")
        assert raised.value.response.headers.get("retry-after") == later


def test_a_prompt_too_long_is_told_in_the_words_its_client_looks_for(line):
    told = "prompt is too long: 1200 tokens > 1000 maximum"
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": told}}
    if line.translates:
        words = "This model's maximum context length is 1000 tokens. However, you requested 1200 tokens."
        code = "context_length_exceeded"
        error = {
            "error": {"message": words, "type": "invalid_request_error", "param": "messages", "code": code}
        }

    def fail(exchange: Exchange, _: dict) -> None:
        exchange.reply(400, json.dumps(error).encode(), [("Content-Type", "application/json")])

    line.vendor.says(fail)
    with pytest.raises(anthropic.BadRequestError) as raised:
        line.complete(line.ask())
    assert raised.value.body["error"]["message"] == told


def test_a_request_without_messages_is_a_bad_request(line):
    with pytest.raises(anthropic.BadRequestError) as raised:
        line.complete(line.ask() | {"messages": []})
    assert raised.value.body["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("end", ["reset", "close", "end_stream"])
def test_a_stream_that_breaks_off_is_an_exception(line, end):
    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), getattr(Exchange, end)))
    said = ""
    # A clean end of an equal protocol's stream is relayed as what it is.
    stays_clean = end == "end_stream" and not line.translates
    with contextlib.nullcontext() if stays_clean else pytest.raises(anthropic.APIError):
        for event in line.client.messages.create(**line.ask(stream=True)):
            if event.type == "content_block_delta":
                said += event.delta.text
    assert said and REPLY.startswith(said)


def test_an_error_in_mid_stream_is_an_exception(line):
    error = {"type": "overloaded_error", "message": "too much"}
    frame = (
        {"error": {**error, "type": "x", "code": "overloaded"}}
        if line.translates
        else {"type": "error", "error": error}
    )
    name = "" if line.translates else "event: error\n"

    def fail(exchange: Exchange) -> None:
        exchange.piece(f"{name}data: {json.dumps(frame)}\n\n".encode())
        exchange.end_stream()

    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), fail))
    with pytest.raises(anthropic.APIError) as raised:
        line.complete(line.ask(), streamed=True)
    assert raised.value.body["error"] == error


def test_a_client_that_closes_its_stream_cancels_the_upstream(line):
    left = threading.Event()

    def hold(exchange: Exchange) -> None:
        if exchange.sees_close():
            left.set()
        exchange.close()

    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), hold))
    with line.client.messages.stream(**line.ask()) as stream:
        next(iter(stream.text_stream))
    assert left.wait(DEADLINE)


def test_fifty_streams_at_once_each_get_their_own_words(line):
    together = threading.Barrier(50)

    def own_words(exchange: Exchange, body: dict) -> None:
        number = body["messages"][-1]["content"].split()[-1]
        together.wait(DEADLINE)
        line.vendor.say(exchange, Turn(f"{REPLY} for number {number}"), streamed=True)

    line.vendor.says(*[own_words] * 50)

    async def one(client: anthropic.AsyncAnthropic, number: int) -> str:
        async with client.messages.stream(**line.ask(f"{PROMPT} {number}")) as stream:
            return await stream.get_final_text()

    async def all_of_them() -> list[str]:
        async with anthropic.AsyncAnthropic(**line.options) as client:
            return await asyncio.gather(*(one(client, number) for number in range(50)))

    assert asyncio.run(all_of_them()) == [f"{REPLY} for number {number}" for number in range(50)]
