"""The official clients read every golden answer as the golden means it."""

import asyncio
import json

import anthropic
import openai
import pytest

from agreement import goldens
from agreement.facts import facts_of_completion, facts_of_message

JSON = "application/json"
ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read_anthropic(client, url: str) -> list:
    def plain():
        return client.with_options(base_url=url).messages.create(max_tokens=100, **ASK)

    async def waiting():
        async with anthropic.AsyncAnthropic(base_url=url, api_key="sk-replay", max_retries=0) as client:
            return await client.messages.create(max_tokens=100, **ASK)

    return [plain(), asyncio.run(waiting())]


def read_openai(client, url: str) -> list:
    def plain():
        return client.with_options(base_url=url).chat.completions.create(**ASK)

    async def waiting():
        async with openai.AsyncOpenAI(base_url=url, api_key="sk-replay", max_retries=0) as client:
            return await client.chat.completions.create(**ASK)

    return [plain(), asyncio.run(waiting())]


READERS = {
    "anthropic": (read_anthropic, anthropic.types.Message, facts_of_message),
    "openai-chat": (read_openai, openai.types.chat.ChatCompletion, facts_of_completion),
}


@pytest.mark.parametrize("golden", goldens.REPLIES, ids=str)
def test_a_reply_is_read(golden, replay, ran, anthropic_client, openai_client):
    read, model, facts = READERS[golden.client]
    client = anthropic_client if golden.client == "anthropic" else openai_client
    expected = json.loads(golden.output)
    for body in (golden.output, golden.translated):
        model.model_validate_json(body)
        for answer in read(client, replay.put(body, JSON)):
            assert isinstance(answer, model)
            assert facts(answer.to_dict(mode="json")) == facts(expected)
            ran("reply", golden)
