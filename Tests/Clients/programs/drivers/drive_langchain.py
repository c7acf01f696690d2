"""langchain-openai: its chat model, with a loop of tools around it."""

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from orders import SYSTEM, Order, serve, weather
from pydantic import BaseModel, Field


class Trip(BaseModel):
    """Where to go, and for how long."""

    city: str = Field(description="The city")
    days: int = Field(description="How many days")


look_up = tool(weather)


def model(order: Order, **more) -> ChatOpenAI:
    return ChatOpenAI(base_url=order.base_url, api_key=order.key, model=order.model, max_retries=2, **more)


def opening(order: Order) -> list:
    return [SystemMessage(SYSTEM), HumanMessage(order.prompt)]


def plain(order: Order) -> dict:
    answer = model(order).invoke(opening(order))
    return {"text": answer.text, "input": answer.usage_metadata["input_tokens"]}


def streamed(order: Order) -> dict:
    chunks = list(model(order, stream_usage=True).stream(opening(order)))
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    texts = [chunk.text for chunk in chunks if chunk.text]
    return {"text": whole.text, "pieces": len(texts), "input": whole.usage_metadata["input_tokens"]}


def loop(order: Order, **more) -> dict:
    able = model(order, **more).bind_tools([look_up])
    messages = opening(order)
    while True:
        answer = able.invoke(messages)
        messages.append(answer)
        if not answer.tool_calls:
            return {"text": answer.text}
        for call in answer.tool_calls:
            result = look_up.invoke(call["args"])
            messages.append(ToolMessage(result, tool_call_id=call["id"]))


def thinking(order: Order) -> dict:
    return loop(order, reasoning_effort="medium")


def streamed_loop(order: Order) -> dict:
    able = model(order).bind_tools([look_up])
    messages = opening(order)
    while True:
        answer = None
        for chunk in able.stream(messages):
            answer = chunk if answer is None else answer + chunk
        messages.append(answer)
        if not answer.tool_calls:
            return {"text": answer.text}
        for call in answer.tool_calls:
            messages.append(ToolMessage(look_up.invoke(call["args"]), tool_call_id=call["id"]))


def structured(order: Order) -> dict:
    trip = model(order).with_structured_output(Trip).invoke(opening(order))
    return {"data": trip.model_dump()}


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
