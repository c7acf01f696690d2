"""The official stream helpers add every golden stream up to what the golden says."""

import dataclasses
import json
from collections.abc import Callable

import anthropic
import openai
import pydantic
import pytest

from agreement import facts, goldens
from agreement.clients import ANTHROPIC_ASK, ASK, Clients

SSE = "text/event-stream; charset=utf-8"
EVENT = pydantic.TypeAdapter(anthropic.types.RawMessageStreamEvent)

CHAT_ERRORS = (openai.APIError, openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError)

# The helper of the `openai` package cannot add up calls of custom tools; reading chunk by chunk must do.
CUSTOM_TOOLS = {"X-CUST-01"}


@dataclasses.dataclass
class Outcome:
    """What a way of reading made of a stream: what it added up to, and the error it ended in."""

    way: str
    whole: dict | None = None
    error: Exception | None = None


def helper(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("messages.stream")
    with clients.messages(url).stream(**ANTHROPIC_ASK) as stream:
        try:
            outcome.whole = stream.get_final_message().to_dict(mode="json")
        except anthropic.APIError as error:
            outcome.error, outcome.whole = error, stream.current_message_snapshot.to_dict(mode="json")
    return outcome


def waiting_helper(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("async messages.stream")

    async def read():
        async with clients.async_messages(url).stream(**ANTHROPIC_ASK) as stream:
            try:
                outcome.whole = (await stream.get_final_message()).to_dict(mode="json")
            except anthropic.APIError as error:
                outcome.error, outcome.whole = error, stream.current_message_snapshot.to_dict(mode="json")

    clients.wait(read())
    return outcome


def raw_events(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("messages.create(stream=True)")
    text = b""
    try:
        for event in clients.messages(url).create(stream=True, **ANTHROPIC_ASK):
            text += b"data: " + event.to_json(indent=None).encode() + b"\n\n"
    except anthropic.APIError as error:
        outcome.error = error
    outcome.whole = facts.message_of_stream(text)
    return outcome


def chat_helper(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("chat.completions.stream")
    with clients.completions(url).stream(**ASK) as stream:
        try:
            stream.until_done()
            outcome.whole = stream.get_final_completion().to_dict(mode="json")
        except CHAT_ERRORS as error:
            outcome.error, outcome.whole = error, stream.current_completion_snapshot.to_dict(mode="json")
    return outcome


def waiting_chat_helper(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("async chat.completions.stream")

    async def read():
        async with clients.async_completions(url).stream(**ASK) as stream:
            try:
                await stream.until_done()
                outcome.whole = (await stream.get_final_completion()).to_dict(mode="json")
            except CHAT_ERRORS as error:
                outcome.error, outcome.whole = error, stream.current_completion_snapshot.to_dict(mode="json")

    clients.wait(read())
    return outcome


def raw_chunks(clients: Clients, url: str) -> Outcome:
    outcome = Outcome("chat.completions.create(stream=True)")
    text = b""
    try:
        for chunk in clients.completions(url).create(stream=True, **ASK):
            text += b"data: " + chunk.to_json(indent=None).encode() + b"\n\n"
    except openai.APIError as error:
        outcome.error = error
    outcome.whole = facts.completion_of_stream(text)
    return outcome


WAYS: dict[str, list[Callable]] = {
    "anthropic": [helper, waiting_helper, raw_events],
    "openai-chat": [chat_helper, waiting_chat_helper, raw_chunks],
}


@pytest.mark.parametrize("golden", goldens.STREAMS, ids=str)
def test_a_stream_is_read(golden, replay, ran, clients):
    for body in (golden.output, golden.translated):
        check_types(golden, body)
        url = replay.put(body, SSE)
        for way in WAYS[golden.client]:
            if way in (chat_helper, waiting_chat_helper) and golden.id in CUSTOM_TOOLS:
                with pytest.raises((TypeError, AttributeError, AssertionError)):
                    way(clients, url)
            else:
                check(golden, way(clients, url))
            ran("stream", golden)


def check_types(golden: goldens.Golden, body: bytes) -> None:
    for name, data in facts.frames(body):
        if golden.client == "anthropic":
            event = json.loads(data)
            assert event["type"] == name
            if name == "error":
                anthropic.types.ErrorResponse.model_validate(event)
            elif name != "ping":
                EVENT.validate_python(event)
        else:
            assert not name, "a Chat frame has no event line"
            if data != "[DONE]" and not json.loads(data).get("error") and '"custom"' not in data:
                openai.types.chat.ChatCompletionChunk.model_validate_json(data)


def check(golden: goldens.Golden, outcome: Outcome) -> None:
    error = facts.error_in(golden.output)
    if golden.client == "anthropic":
        expected = facts.facts_of_message(facts.message_of_stream(golden.output))
        found = facts.facts_of_message(outcome.whole)
    else:
        expected = facts.facts_of_completion(facts.completion_of_stream(golden.output))
        found = facts.facts_of_completion(outcome.whole)
    assert found == expected, outcome.way
    if error is None and "create" not in outcome.way and golden.client == "openai-chat":
        reason = expected["choices"][0]["finish_reason"]
        wanted = {
            "length": openai.LengthFinishReasonError,
            "content_filter": openai.ContentFilterFinishReasonError,
        }.get(reason, type(None))
        assert type(outcome.error) is wanted, outcome.way
    elif error is None:
        assert outcome.error is None, outcome.way
    elif golden.client == "anthropic":
        assert isinstance(outcome.error, anthropic.APIStatusError), outcome.way
        assert outcome.error.type == error["type"]
        assert outcome.error.body["error"] == error
    else:
        assert type(outcome.error) is openai.APIError, outcome.way
        assert outcome.error.message == error["message"]
        assert (outcome.error.type, outcome.error.code) == (error["type"], error["code"])


@pytest.mark.parametrize(
    ("id", "right", "wrong"),
    [
        ("STR-C2A-06", b"event: content_block_delta\n", b""),
        ("STR-C2A-06", b'"index":2', b'"index":3'),
        ("STR-C2A-06", b'"thinking":"me see"', b'"text":"me see"'),
        ("STR-A2C-03", b'"tool_calls":[{"index":1', b'"tool_calls":[{"index":2'),
        ("STR-A2C-01", b'{"content"', b'{"role":"assistant","content"'),
    ],
)
def test_the_check_can_fail(id, right, wrong, replay, clients):
    """A stream that breaks one of the SDKs' rules is not read as the golden means it."""
    golden = next(golden for golden in goldens.STREAMS if golden.id == id)
    assert right in golden.output
    url = replay.put(golden.output.replace(right, wrong), SSE)
    with pytest.raises((AssertionError, AttributeError, IndexError, TypeError)):
        check(golden, WAYS[golden.client][0](clients, url))
