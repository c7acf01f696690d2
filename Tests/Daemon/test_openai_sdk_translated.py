"""The official `openai` client in conversations through the daemon, with upstreams of either protocol."""

import asyncio
import base64
import contextlib
import json
import statistics
import threading

import openai
import pydantic
import pytest

from support.secrets import CLIENT_KEY, PROMPT, REPLY, SERVER_KEY
from support.upstream import Exchange
from support.vendors import Fault, Pace, Turn, Vendor, anthropic_vendor, broken, openai_vendor
from support.waiting import DEADLINE

MODELS = {"anthropic": "claude-sonnet-4-5", "openai": "gpt-4o"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = [
    {"type": "function", "function": {"name": name, "description": name, "parameters": CITY}}
    for name in ("get_weather", "get_time")
]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n not a picture").decode()
PDF = base64.b64encode(b"%PDF- not a document").decode()

# What the vendor answers, and what the client then raises: (fault, status, class).
ANTHROPIC_FAULTS = [
    (Fault(400, "invalid_request_error"), 400, openai.BadRequestError),
    (Fault(401, "authentication_error"), 401, openai.AuthenticationError),
    (Fault(402, "billing_error"), 429, openai.RateLimitError),
    (Fault(403, "permission_error"), 403, openai.PermissionDeniedError),
    (Fault(404, "not_found_error"), 404, openai.NotFoundError),
    (Fault(409, "conflict_error"), 409, openai.ConflictError),
    (Fault(413, "request_too_large"), 413, openai.APIStatusError),
    (Fault(429, "rate_limit_error", fields=(("retry-after", "7"),)), 429, openai.RateLimitError),
    (Fault(500, "api_error"), 500, openai.InternalServerError),
    (Fault(504, "timeout_error"), 504, openai.InternalServerError),
    (Fault(529, "overloaded_error"), 503, openai.InternalServerError),
]
OPENAI_FAULTS = [
    (Fault(status, "x"), status, kind)
    for status, kind in {
        400: openai.BadRequestError,
        401: openai.AuthenticationError,
        403: openai.PermissionDeniedError,
        404: openai.NotFoundError,
        409: openai.ConflictError,
        413: openai.APIStatusError,
        422: openai.UnprocessableEntityError,
        500: openai.InternalServerError,
        503: openai.InternalServerError,
    }.items()
] + [(Fault(429, "x", fields=(("retry-after", "7"),)), 429, openai.RateLimitError)]


class City(pydantic.BaseModel):
    name: str
    people: int


class Line:
    """A client, the daemon it calls and the vendor behind it."""

    def __init__(self, daemon, vendor: Vendor):
        self.vendor = vendor
        self.translates = vendor.protocol == "anthropic"
        self.daemon = daemon
        self.options = {
            "base_url": f"http://127.0.0.1:{daemon.port}/v1",
            "api_key": CLIENT_KEY,
            "max_retries": 0,
            "timeout": DEADLINE,
        }
        self.client = openai.OpenAI(**self.options)

    def ask(self, content=PROMPT, **more) -> dict:
        return {
            "model": MODELS[self.vendor.protocol],
            "messages": [{"role": "user", "content": content}],
            **more,
        }

    def complete(self, conversation: dict, streamed: bool = False):
        if not streamed:
            return self.client.chat.completions.create(**conversation)
        with self.client.chat.completions.stream(**conversation) as stream:
            return stream.get_final_completion()


@pytest.fixture(params=[anthropic_vendor, openai_vendor], ids=["translated", "same"])
def line(request, start):
    vendor = request.param()
    settings = {"ALLOWED_API_KEYS": CLIENT_KEY, "MAX_RETRIES": "0", "ENABLE_CIRCUIT_BREAKER": "false"}
    if vendor.protocol == "anthropic":
        settings |= {"UPSTREAM_API_URL": vendor.url("/v1/messages"), "UPSTREAM_API_KEY": SERVER_KEY}
    else:
        settings |= {"OPENAI_BASE_URL": vendor.url("/v1"), "OPENAI_API_KEY": SERVER_KEY}
    line = Line(start(settings), vendor)
    yield line
    line.client.close()
    vendor.close()


STREAMED = pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])


@STREAMED
def test_a_plain_answer(line, streamed):
    line.vendor.says(Turn(REPLY))
    completion = line.complete(line.ask(), streamed)
    (choice,) = completion.choices
    assert (choice.message.content, choice.finish_reason) == (REPLY, "stop")
    if not streamed:
        usage = completion.usage
        assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (10, 5, 15)
    (received,) = line.vendor.received
    assert PROMPT in json.dumps(received["messages"])


def test_usage_ends_a_stream_that_asked_for_it(line):
    line.vendor.says(Turn(REPLY))
    asked = line.ask(stream=True, stream_options={"include_usage": True})
    *_, last = line.client.chat.completions.create(**asked)
    assert last.choices == [] and last.usage.total_tokens == 15


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
        for chunk in line.client.chat.completions.create(**line.ask(stream=True)):
            if chunk.choices and chunk.choices[0].delta.content:
                said += chunk.choices[0].delta.content
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
    conversation = line.ask(tools=TOOLS, parallel_tool_calls=True)
    answers = {"call_1": "sunny", "call_2": "noon", "call_3": "rain"}
    expected = [("Let me see.", ["call_1", "call_2"]), (None, ["call_3"])]
    for words, ids in expected:
        choice = line.complete(conversation, streamed).choices[0]
        assert choice.finish_reason == "tool_calls"
        assert (choice.message.content or None) == words
        assert [call.id for call in choice.message.tool_calls] == ids
        assert all(set(json.loads(call.function.arguments)) == {"city"} for call in choice.message.tool_calls)
        conversation["messages"] += [choice.message.model_dump(exclude_none=True, exclude={"parsed"})]
        conversation["messages"] += [
            {"role": "tool", "tool_call_id": id, "content": answers[id]} for id in ids
        ]
    assert line.complete(conversation, streamed).choices[0].message.content == REPLY
    last = json.dumps(line.vendor.received[-1])
    assert all(word in last for word in ("sunny", "noon", "rain", "Basel"))


def test_a_named_tool_is_forced_and_parallel_calls_are_forbidden(line):
    line.vendor.says(Turn(calls=(("call_1", "get_time", {"city": "Bonn"}),)))
    choice = {"type": "function", "function": {"name": "get_time"}}
    line.complete(line.ask(tools=TOOLS, tool_choice=choice, parallel_tool_calls=False))
    (received,) = line.vendor.received
    if line.translates:
        named = {"type": "tool", "name": "get_time", "disable_parallel_tool_use": True}
        assert received["tool_choice"] == named
    else:
        assert (received["tool_choice"], received["parallel_tool_calls"]) == (choice, False)


def test_images_and_documents(line):
    parts = [
        {"type": "text", "text": PROMPT},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}},
        {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}},
    ]
    line.vendor.says(Turn(REPLY))
    line.complete(line.ask(parts))
    (received,) = line.vendor.received
    wanted = parts
    if line.translates:
        wanted = [
            parts[0],
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}},
            {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}},
            {
                "type": "document",
                "title": "a.pdf",
                "source": {"type": "base64", "media_type": "application/pdf", "data": PDF},
            },
        ]
    assert received["messages"][-1]["content"] == wanted


def test_a_structured_output_is_parsed(line):
    line.vendor.says(Turn('{"name": "Bonn", "people": 330000}'))
    completion = line.client.chat.completions.parse(**line.ask(response_format=City))
    assert completion.choices[0].message.parsed == City(name="Bonn", people=330000)
    (received,) = line.vendor.received
    if line.translates:
        form = received["output_config"]["format"]
        assert form["type"] == "json_schema" and form["schema"]["additionalProperties"] is False
    else:
        form = received["response_format"]["json_schema"]
    assert set(form["schema"]["properties"]) == {"name", "people"}


@STREAMED
def test_thinking_is_told_and_comes_back_with_the_calls_it_led_to(line, streamed):
    model = "claude-opus-4-6" if line.translates else "o4-mini"
    line.vendor.says(
        Turn("First", (("call_1", "get_time", {"city": "Bonn"}),), thinking="why not"), Turn(REPLY)
    )
    conversation = line.ask(tools=TOOLS, reasoning_effort="high") | {"model": model}
    message = line.complete(conversation, streamed).choices[0].message
    assert message.reasoning_content == "why not"
    calls = [call.model_dump(exclude={"function": {"parsed_arguments"}}) for call in message.tool_calls]
    conversation["messages"] += [
        {"role": "assistant", "content": message.content, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_1", "content": "noon"},
    ]
    assert line.complete(conversation, streamed).choices[0].message.content == REPLY
    first, second = line.vendor.received
    if line.translates:
        assert first["thinking"]["type"] == "adaptive" and first["output_config"]["effort"] == "high"
        block = second["messages"][1]["content"][0]
        assert block == {"type": "thinking", "thinking": "why not", "signature": "signed-by-the-vendor"}
    else:
        assert first["reasoning_effort"] == "high"


@STREAMED
def test_errors_are_the_sdks_own_exceptions(line, streamed):
    for fault, status, kind in ANTHROPIC_FAULTS if line.translates else OPENAI_FAULTS:
        line.vendor.says(fault)
        with pytest.raises(kind) as raised:
            line.client.chat.completions.create(**line.ask(stream=streamed))
        assert raised.value.status_code == status
        assert "said by the vendor" in raised.value.message
        later = dict(fault.fields).get("retry-after")
        assert raised.value.response.headers.get("retry-after") == later


def test_a_request_without_messages_is_a_bad_request(line):
    with pytest.raises(openai.BadRequestError) as raised:
        line.complete(line.ask() | {"messages": []})
    assert raised.value.body["message"]


@pytest.mark.parametrize("end", ["reset", "close", "end_stream"])
def test_a_stream_that_breaks_off_is_an_exception(line, end):
    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), getattr(Exchange, end)))
    said = ""
    # A clean end of an equal protocol's stream is relayed as what it is.
    stays_clean = end == "end_stream" and not line.translates
    with contextlib.nullcontext() if stays_clean else pytest.raises(openai.APIError):
        for chunk in line.client.chat.completions.create(**line.ask(stream=True)):
            said += chunk.choices[0].delta.content or ""
    assert said and REPLY.startswith(said)


def test_an_error_in_mid_stream_is_an_exception(line):
    error = {"type": "overloaded_error", "message": "too much"}
    frame = {"type": "error", "error": error} if line.translates else {"error": error}
    name = "event: error\n" if line.translates else ""

    def fail(exchange: Exchange) -> None:
        exchange.piece(f"{name}data: {json.dumps(frame)}\n\n".encode())
        exchange.end_stream()

    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), fail))
    with pytest.raises(openai.APIError) as raised:
        list(line.client.chat.completions.create(**line.ask(stream=True)))
    assert raised.value.message == "too much"


def test_a_client_that_closes_its_stream_cancels_the_upstream(line):
    left = threading.Event()

    def hold(exchange: Exchange) -> None:
        if exchange.sees_close():
            left.set()
        exchange.close()

    line.vendor.says(broken(line.vendor.protocol, Turn(REPLY), hold))
    stream = line.client.chat.completions.create(**line.ask(stream=True))
    for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    stream.close()
    assert left.wait(DEADLINE)


def test_fifty_streams_at_once_each_get_their_own_words(line):
    together = threading.Barrier(50)

    def own_words(exchange: Exchange, body: dict) -> None:
        number = body["messages"][-1]["content"].split()[-1]
        together.wait(DEADLINE)
        line.vendor.say(exchange, Turn(f"{REPLY} for number {number}"), streamed=True)

    line.vendor.says(*[own_words] * 50)

    async def one(client: openai.AsyncOpenAI, number: int) -> str:
        stream = await client.chat.completions.create(**line.ask(f"{PROMPT} {number}", stream=True))
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]
        return "".join(pieces)

    async def all_of_them() -> list[str]:
        async with openai.AsyncOpenAI(**line.options) as client:
            return await asyncio.gather(*(one(client, number) for number in range(50)))

    assert asyncio.run(all_of_them()) == [f"{REPLY} for number {number}" for number in range(50)]
