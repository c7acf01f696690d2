"""Prompt caching survives: what one request of a conversation sent, the next one sends again, to the byte."""

import dataclasses
import itertools
import json

import pytest

from conftest import CLIENT_KEY
from programs.driven import Driven
from scripted import chat, messages
from scripted.backend import Backend
from scripted.turns import Call, turn

TURNS = 10


@dataclasses.dataclass
class Body:
    """A request's bytes, cut where the conversation ends and the closing bytes begin."""

    grown: bytes
    closing: bytes

    @classmethod
    def cut(cls, body: bytes) -> "Body":
        text = body.decode()
        opening = text.index('"messages":') + len('"messages":')
        _, end = json.JSONDecoder().raw_decode(text, opening)
        at = len(text[: end - 1].encode())
        return cls(body[:at], body[at:])


def parting(before: bytes, after: bytes) -> int:
    """The first byte at which they differ."""
    pairs = zip(before, after, strict=False)
    return next((at for at, (old, new) in enumerate(pairs) if old != new), min(len(before), len(after)))


def judge(bodies: list[bytes]) -> None:
    """Says of each request where it parts from the one before it."""
    assert len(bodies) == TURNS
    cuts = [Body.cut(body) for body in bodies]
    faults = []
    for number, (before, after) in enumerate(itertools.pairwise(cuts), 2):
        at = parting(before.grown, after.grown)
        print(
            f"request {number}: {at} of {len(before.grown)} bytes again, {len(after.grown) - at} new,"
            f" closing bytes {'again' if before.closing == after.closing else 'others'}"
        )
        if at < len(before.grown):
            faults.append(f"request {number} parts at {at}: {before.grown[at - 60 : at + 60]!r}")
            faults.append(f"    and now: {after.grown[at - 60 : at + 60]!r}")
        if before.closing != after.closing:
            at = parting(before.closing, after.closing)
            faults.append(f"closing bytes of request {number} part at {at}: {after.closing[at : at + 80]!r}")
    assert not faults, "\n".join(faults)


def steps(call) -> list:
    """Ten answers, nine of which call a tool; each second one two at once."""
    made = [turn(f"Step {number}.", *[call(number)] * (1 + number % 2)) for number in range(TURNS - 1)]
    return [*made, turn("Done.")]


@pytest.mark.client("Claude Code")
@pytest.mark.parametrize("backend", [chat], ids=["Chat"], indirect=True)
def test_messages_to_chat(claude, backend):
    """prompt caching over ten turns"""
    backend.turns(*steps(lambda number: Call("Bash", {"command": f"echo {number}", "description": "Counts"})))
    assert claude.run("Count.").answer() == "Done."
    judge(backend.bodies())


@pytest.mark.client("langchain-openai")
@pytest.mark.parametrize("backend", [messages], ids=["Anthropic"], indirect=True)
def test_chat_to_messages(backend: Backend, daemon, tmp_path):
    """prompt caching over ten turns"""
    backend.turns(*steps(lambda number: Call("weather", {"city": f"City {number}"})))
    program = Driven("drive_langchain", tmp_path)
    try:
        url = f"http://127.0.0.1:{daemon.port}/v1"
        outcome = program.order("loop", "Look up nine cities.", url, CLIENT_KEY, "claude-sonnet-4-5")
    finally:
        program.close()
    assert outcome == {"text": "Done."}
    judge(backend.bodies())
