"""The official clients read every golden answer as the golden means it."""

import json

import anthropic
import openai
import pytest

from agreement import goldens
from agreement.clients import ANTHROPIC_ASK, ASK, Clients
from agreement.facts import facts_of_completion, facts_of_message

JSON = "application/json"


def read_anthropic(clients: Clients, url: str) -> list:
    return [
        clients.messages(url).create(**ANTHROPIC_ASK),
        clients.wait(clients.async_messages(url).create(**ANTHROPIC_ASK)),
    ]


def read_openai(clients: Clients, url: str) -> list:
    return [
        clients.completions(url).create(**ASK),
        clients.wait(clients.async_completions(url).create(**ASK)),
    ]


READERS = {
    "anthropic": (read_anthropic, anthropic.types.Message, facts_of_message),
    "openai-chat": (read_openai, openai.types.chat.ChatCompletion, facts_of_completion),
}


def body_of(answer: bytes, golden: goldens.Golden) -> bytes:
    """An upstream's failure that is an answer in the client's protocol comes with its status and headers."""
    return json.dumps(json.loads(answer)["body"]).encode() if golden.mode == "error" else answer


@pytest.mark.parametrize("golden", goldens.REPLIES, ids=str)
def test_a_reply_is_read(golden, replay, ran, clients):
    read, model, facts = READERS[golden.client]
    expected = json.loads(body_of(golden.output, golden))
    for body in (body_of(golden.output, golden), body_of(golden.translated, golden)):
        model.model_validate_json(body)
        for answer in read(clients, replay.put(body, JSON)):
            assert isinstance(answer, model)
            assert facts(answer.to_dict(mode="json")) == facts(expected)
            ran("reply", golden)
