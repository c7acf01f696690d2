"""openai-agents with its model for Chat Completions."""

import asyncio

from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, function_tool
from openai import AsyncOpenAI
from openai.types.responses import ResponseTextDeltaEvent
from openai.types.shared import Reasoning
from orders import SYSTEM, Order, serve, weather
from pydantic import BaseModel


class Trip(BaseModel):
    """Where to go, and for how long."""

    city: str
    days: int


look_up = function_tool(weather)


def agent(order: Order, **more) -> Agent:
    client = AsyncOpenAI(base_url=order.base_url, api_key=order.key, max_retries=2)
    model = OpenAIChatCompletionsModel(model=order.model, openai_client=client)
    return Agent(name="Weather", instructions=SYSTEM, model=model, **more)


def run(able: Agent, order: Order) -> dict:
    done = Runner.run_sync(able, order.prompt)
    return {"text": done.final_output, "input": done.context_wrapper.usage.input_tokens}


def plain(order: Order) -> dict:
    return run(agent(order), order)


async def follow(able: Agent, prompt: str) -> dict:
    done = Runner.run_streamed(able, prompt)
    pieces = 0
    async for event in done.stream_events():
        if event.type == "raw_response_event":
            pieces += isinstance(event.data, ResponseTextDeltaEvent)
    return {"text": done.final_output, "pieces": pieces}


def streamed(order: Order) -> dict:
    return asyncio.run(follow(agent(order), order.prompt))


def loop(order: Order) -> dict:
    return run(agent(order, tools=[look_up]), order)


def thinking(order: Order) -> dict:
    settings = ModelSettings(reasoning=Reasoning(effort="medium"))
    return run(agent(order, tools=[look_up], model_settings=settings), order)


def streamed_loop(order: Order) -> dict:
    return asyncio.run(follow(agent(order, tools=[look_up]), order.prompt))


def structured(order: Order) -> dict:
    done = Runner.run_sync(agent(order, output_type=Trip), order.prompt)
    return {"data": done.final_output.model_dump()}


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
