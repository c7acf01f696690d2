"""The official `openai` client against the built-in demo upstream."""

import json

import openai
import pytest

from support.secrets import CLIENT_KEY, PROMPT, WRONG_KEY

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city", "days"],
        },
    },
}

STATUSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@pytest.fixture
def daemon(start):
    return start({"UPSTREAM": "demo", "ALLOWED_API_KEYS": CLIENT_KEY})


def client_of(daemon, key: str = CLIENT_KEY) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"http://127.0.0.1:{daemon.port}/v1", api_key=key, max_retries=0)


@pytest.fixture
def client(daemon):
    with client_of(daemon) as client:
        yield client


def ask(words: str, **more) -> dict:
    return {"model": "demo", "messages": [{"role": "user", "content": f"[pause 0] {words}"}], **more}


def test_a_plain_answer_is_a_completion(client):
    completion = client.chat.completions.create(**ask(PROMPT))
    assert completion.object == "chat.completion"
    assert completion.choices[0].finish_reason == "stop"
    assert PROMPT in completion.choices[0].message.content
    assert completion.usage.total_tokens > 0


def test_a_streamed_answer_comes_word_by_word_and_is_the_same(client):
    chunks = list(client.chat.completions.create(**ask(PROMPT), stream=True))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert len(pieces) > 5
    assert "".join(pieces) == client.chat.completions.create(**ask(PROMPT)).choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_usage_ends_a_stream_that_asked_for_it(client):
    *_, last = client.chat.completions.create(
        **ask("hello"), stream=True, stream_options={"include_usage": True}
    )
    assert last.choices == [] and last.usage.completion_tokens > 0


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_tool_is_called_and_its_result_answered(client, streamed):
    conversation = ask("[tool] weather, please", tools=[WEATHER])
    choice = complete(client, conversation, streamed).choices[0]
    assert choice.finish_reason == "tool_calls"
    (call,) = choice.message.tool_calls
    assert call.function.name == "get_weather"
    assert set(json.loads(call.function.arguments)) >= {"city", "days"}

    conversation["messages"] += [
        choice.message,
        {"role": "tool", "tool_call_id": call.id, "content": "sunny all week"},
    ]
    assert "sunny all week" in complete(client, conversation, streamed).choices[0].message.content


def complete(client, conversation: dict, streamed: bool):
    if not streamed:
        return client.chat.completions.create(**conversation)
    with client.chat.completions.stream(**conversation) as stream:
        return stream.get_final_completion()


def test_thinking_comes_as_reasoning_content(client):
    message = client.chat.completions.create(**ask("[think] why?")).choices[0].message
    assert message.reasoning_content and message.content


def test_ten_thousand_deltas_arrive(client):
    stream = client.chat.completions.create(**ask("[events 10000]"), stream=True)
    assert sum(1 for chunk in stream if chunk.choices[0].delta.content) == 10_000


@pytest.mark.parametrize(("status", "exception"), STATUSES.items(), ids=str)
def test_a_status_is_the_sdks_own_exception(client, status, exception):
    with pytest.raises(exception) as raised:
        client.chat.completions.create(**ask(f"[fail {status}]"))
    assert raised.value.status_code == status
    assert raised.value.body["message"]


def test_retry_after_reaches_the_sdk(client):
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(**ask("[fail 429 30]"))
    assert raised.value.response.headers["retry-after"] == "30"


def test_a_wrong_key_is_an_authentication_error(daemon):
    with client_of(daemon, WRONG_KEY) as client, pytest.raises(openai.AuthenticationError) as raised:
        client.chat.completions.create(**ask("hello"))
    assert raised.value.code == "invalid_api_key"


def test_a_failure_in_mid_stream_is_an_exception(client):
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(**ask("[fail midstream]"), stream=True))


def test_a_broken_stream_is_an_exception(client):
    with pytest.raises(openai.APIError):
        list(client.chat.completions.create(**ask("[break]"), stream=True))


def test_a_path_that_is_not_served_is_not_found(client):
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="demo", input="x")
