"""The official clients, made once: each costs 50 ms of certificates."""

import asyncio
from collections.abc import Coroutine

import anthropic
import openai

OPTIONS = {"api_key": "sk-replay", "max_retries": 0}
ASK = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
ANTHROPIC_ASK = {"max_tokens": 100, **ASK}


class Clients:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._anthropic = anthropic.Anthropic(**OPTIONS)
        self._async_anthropic = anthropic.AsyncAnthropic(**OPTIONS)
        self._openai = openai.OpenAI(**OPTIONS)
        self._async_openai = openai.AsyncOpenAI(**OPTIONS)

    def messages(self, url: str):
        return self._anthropic.with_options(base_url=url).messages

    def async_messages(self, url: str):
        return self._async_anthropic.with_options(base_url=url).messages

    def completions(self, url: str):
        return self._openai.with_options(base_url=url).chat.completions

    def async_completions(self, url: str):
        return self._async_openai.with_options(base_url=url).chat.completions

    def wait(self, work: Coroutine):
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        self._anthropic.close()
        self._openai.close()
        self.wait(self._async_anthropic.close())
        self.wait(self._async_openai.close())
        self.loop.close()
