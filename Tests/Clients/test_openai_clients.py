"""Programs that speak Chat Completions, over both backends."""

import json

import pytest

from conftest import CLIENT_KEY
from programs.driven import CommandLine, Driven
from scripted.turns import Call, Fault, Think, turn

PROGRAMS = {
    "llm": (CommandLine, ""),
    "langchain-openai": (Driven, "drive_langchain"),
    "pydantic-ai": (Driven, "drive_pydantic_ai"),
    "openai-agents": (Driven, "drive_openai_agents"),
}
SYSTEM = "You know the weather of every city."
TRIP = {"city": "Rome", "days": 3}


def rain(city: str) -> Call:
    return Call("weather", {"city": city})


@pytest.fixture(scope="session", params=PROGRAMS)
def program(request, tmp_path_factory):
    kind, driver = PROGRAMS[request.param]
    program = kind(driver, tmp_path_factory.mktemp("driven"))
    yield program
    program.close()


@pytest.fixture
def order(program, daemon, backend):
    """Lets the program do something; what came of it."""

    def order(scenario: str, prompt: str = "How was the weather?") -> dict:
        model = "gpt-4o" if backend.is_chat else "claude-sonnet-4-5"
        return program.order(scenario, prompt, f"http://127.0.0.1:{daemon.port}/v1", CLIENT_KEY, model)

    return order


def test_plain(order, backend):
    """a plain turn"""
    backend.turns(turn("It rained."))
    outcome = order("plain")
    assert outcome["text"] == "It rained."
    assert outcome.get("input", 1000) == 1000
    (asked,) = backend.asked
    assert SYSTEM in asked.system and asked.user == ["How was the weather?"]


def test_streamed(order, backend):
    """a streamed turn"""
    backend.turns(turn("It rained, and then it rained again."))
    outcome = order("streamed")
    assert outcome["text"] == "It rained, and then it rained again."
    assert outcome.get("pieces", 2) > 1
    assert outcome.get("input", 1000) == 1000
    assert backend.asked[0].streams


def test_loop(order, backend):
    """a loop of tools"""
    backend.turns(turn("I look.", rain("Rome")), turn(rain("Oslo")), turn("It rained in both."))
    assert "It rained in both." in order("loop")["text"]
    results = [result.text for result in backend.asked[2].results]
    assert results == ["It rained in Rome.", "It rained in Oslo."]


def test_parallel(order, backend):
    """two parallel calls"""
    backend.turns(turn(rain("Rome"), rain("Oslo")), turn("It rained in both."))
    assert "It rained in both." in order("parallel")["text"]
    results = [result.text for result in backend.asked[1].results]
    assert sorted(results) == ["It rained in Oslo.", "It rained in Rome."]


def test_streamed_loop(order, backend):
    """a streamed loop of tools, two calls interleaved"""
    backend.turns(turn("I look.", rain("Rome"), rain("Oslo"), interleaved=True), turn("It rained in both."))
    assert "It rained in both." in order("streamed loop")["text"]
    assert backend.asked[1].streams
    assert len(backend.asked[1].results) == 2


def test_structured(order, backend):
    """structured output"""

    def script(asked):
        text = json.dumps(TRIP)
        is_told = (
            "response_format" in asked.raw or "output_config" in asked.raw or "output_format" in asked.raw
        )
        return turn(text) if is_told else turn(Call(asked.tools[0], TRIP))

    backend.play(script)
    assert order("structured", "Where to, and for how long?")["data"] == TRIP


def test_thinking(order, backend):
    """thinking on, carried over a loop of tools"""
    backend.turns(
        turn(Think("Rome first."), rain("Rome")),
        turn(Think("Then Oslo."), rain("Oslo")),
        turn("It rained in both."),
    )
    assert "It rained in both." in order("thinking")["text"]
    if backend.is_chat:
        assert [asked.raw["reasoning_effort"] for asked in backend.asked] == ["medium"] * 3
    else:
        assert all(asked.raw["thinking"]["type"] == "enabled" for asked in backend.asked)
        assert backend.asked[2].thoughts == ["Rome first.", "Then Oslo."]


def test_retry(order, backend):
    """429 with `retry-after`, retried by the client"""
    limited = Fault(429, "Slow down.", "rate_limit_error", "rate_limit", (("retry-after", "1"),))
    backend.turns([limited, turn("It rained.")])
    assert order("retry")["text"] == "It rained."
    assert len(backend.asked) == 2


def test_refused(order, backend):
    """401, told to the user"""
    backend.play(lambda asked: Fault(401, "The key is no good.", "authentication_error", "invalid_api_key"))
    outcome = order("refused")
    assert outcome["status"] == 401 and "The key is no good." in outcome["message"]
