"""The official `anthropic` client against the built-in demo upstream."""

import json

import anthropic
import pytest

from support.secrets import CLIENT_KEY, PROMPT, WRONG_KEY

WEATHER = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}

STATUSES = {
    400: anthropic.BadRequestError,
    401: anthropic.AuthenticationError,
    403: anthropic.PermissionDeniedError,
    404: anthropic.NotFoundError,
    413: anthropic.ContentTooLargeError,
    429: anthropic.RateLimitError,
    500: anthropic.InternalServerError,
    529: anthropic.OverloadedError,
}


@pytest.fixture
def daemon(start):
    return start({"UPSTREAM": "demo", "ALLOWED_API_KEYS": CLIENT_KEY})


def client_of(daemon, key: str = CLIENT_KEY) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=f"http://127.0.0.1:{daemon.port}", api_key=key, max_retries=0)


@pytest.fixture
def client(daemon):
    with client_of(daemon) as client:
        yield client


def ask(words: str, **more) -> dict:
    return {
        "model": "demo",
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": f"[pause 0] {words}"}],
        **more,
    }


def text_of(message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_a_plain_answer_is_a_message(client):
    message = client.messages.create(**ask(PROMPT))
    assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
    assert PROMPT in text_of(message)
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0


def test_a_streamed_answer_comes_word_by_word_and_is_the_same(client):
    with client.messages.stream(**ask(PROMPT)) as stream:
        pieces = list(stream.text_stream)
        message = stream.get_final_message()
    assert len(pieces) > 5
    assert "".join(pieces) == text_of(message)
    assert PROMPT in text_of(message)
    assert message.stop_reason == "end_turn"
    assert message.usage.output_tokens > 0


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_tool_is_called_and_its_result_answered(client, streamed):
    conversation = ask("[tool] weather, please", tools=[WEATHER])
    message = complete(client, conversation, streamed)
    assert message.stop_reason == "tool_use"
    call = next(block for block in message.content if block.type == "tool_use")
    assert call.name == "get_weather"
    assert set(call.input) >= {"city", "days"} and isinstance(call.input["days"], int)

    result = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny all week"}
    conversation["messages"] += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": [result]},
    ]
    assert "sunny all week" in text_of(complete(client, conversation, streamed))


def complete(client, conversation: dict, streamed: bool):
    if not streamed:
        return client.messages.create(**conversation)
    with client.messages.stream(**conversation) as stream:
        return stream.get_final_message()


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_thinking_comes_signed_and_before_the_text(client, streamed):
    message = complete(client, ask("[think] why?", thinking={"type": "adaptive"}), streamed)
    assert [block.type for block in message.content] == ["thinking", "text"]
    assert message.content[0].thinking and message.content[0].signature


def test_ten_thousand_deltas_arrive(client):
    with client.messages.stream(**ask("[events 10000]", max_tokens=100_000)) as stream:
        assert sum(1 for _ in stream.text_stream) == 10_000


@pytest.mark.parametrize(("status", "exception"), STATUSES.items(), ids=str)
def test_a_status_is_the_sdks_own_exception(client, status, exception):
    with pytest.raises(exception) as raised:
        client.messages.create(**ask(f"[fail {status}]"))
    assert raised.value.status_code == status
    assert raised.value.body["type"] == "error"


def test_retry_after_reaches_the_sdk(client):
    with pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(**ask("[fail 429 30]"))
    assert raised.value.response.headers["retry-after"] == "30"


def test_a_wrong_key_is_an_authentication_error(daemon):
    with client_of(daemon, WRONG_KEY) as client, pytest.raises(anthropic.AuthenticationError):
        client.messages.create(**ask("hello"))


def test_a_failure_in_mid_stream_is_an_exception(client):
    with pytest.raises(anthropic.APIError), client.messages.stream(**ask("[fail midstream]")) as stream:
        stream.until_done()


def test_a_broken_stream_is_an_exception(client):
    with pytest.raises(anthropic.APIError), client.messages.stream(**ask("[break]")) as stream:
        stream.until_done()


def test_a_body_the_daemon_refuses_is_a_bad_request(client):
    with pytest.raises(anthropic.BadRequestError) as raised:
        client.post("/v1/messages", cast_to=object, content=b"{bad", options={"headers": {}})
    assert json.loads(raised.value.response.text)["error"]["type"] == "invalid_request_error"


def test_the_beta_route_with_its_query_is_served(client):
    message = client.beta.messages.create(**ask("beta"), betas=["future-2030-01-01"])
    assert "beta" in text_of(message)
