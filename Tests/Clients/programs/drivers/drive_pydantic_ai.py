"""pydantic-ai with its model for Chat Completions."""

import asyncio

from orders import SYSTEM, Order, serve, weather
from pydantic import BaseModel
from pydantic_ai import Agent, PartDeltaEvent, PartStartEvent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIChatModelSettings
from pydantic_ai.providers.openai import OpenAIProvider


class Trip(BaseModel):
    """Where to go, and for how long."""

    city: str
    days: int


def agent(order: Order, **more) -> Agent:
    provider = OpenAIProvider(base_url=order.base_url, api_key=order.key)
    return Agent(OpenAIChatModel(order.model, provider=provider), system_prompt=SYSTEM, **more)


def plain(order: Order) -> dict:
    done = agent(order).run_sync(order.prompt)
    return {"text": done.output, "input": done.usage.input_tokens}


async def follow(able: Agent, prompt: str) -> dict:
    pieces = 0

    async def count(_, events) -> None:
        nonlocal pieces
        async for event in events:
            pieces += isinstance(event, PartStartEvent | PartDeltaEvent)

    done = await able.run(prompt, event_stream_handler=count)
    return {"text": done.output, "pieces": pieces, "input": done.usage.input_tokens}


def streamed(order: Order) -> dict:
    return asyncio.run(follow(agent(order), order.prompt))


def loop(order: Order) -> dict:
    return {"text": agent(order, tools=[weather]).run_sync(order.prompt).output}


def thinking(order: Order) -> dict:
    settings = OpenAIChatModelSettings(openai_reasoning_effort="medium")
    return {"text": agent(order, tools=[weather], model_settings=settings).run_sync(order.prompt).output}


def streamed_loop(order: Order) -> dict:
    return asyncio.run(follow(agent(order, tools=[weather]), order.prompt))


def structured(order: Order) -> dict:
    return {"data": agent(order, output_type=Trip).run_sync(order.prompt).output.model_dump()}


if __name__ == "__main__":
    serve(
        {
            "plain": plain,
            "streamed": streamed,
            "loop": loop,
            "parallel": loop,
            "streamed loop": streamed_loop,
            "structured": structured,
            "thinking": thinking,
            "retry": plain,
            "refused": plain,
        }
    )
