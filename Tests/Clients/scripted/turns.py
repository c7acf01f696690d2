"""What a scripted model answers, in no protocol's words."""

import dataclasses
import json
import threading


@dataclasses.dataclass(frozen=True)
class Say:
    text: str


@dataclasses.dataclass(frozen=True)
class Think:
    text: str


@dataclasses.dataclass(frozen=True)
class Call:
    name: str
    arguments: dict

    @property
    def text(self) -> str:
        return json.dumps(self.arguments)


Part = Say | Think | Call


@dataclasses.dataclass(frozen=True)
class Turn:
    """One whole answer, and how it is told."""

    parts: tuple[Part, ...]
    awaits: threading.Event | None = None
    """The first word comes once this has happened; the head is sent at once."""
    interleaved: bool = False
    """Arguments of several calls in alternating pieces, where the protocol can say so."""
    breaks: bool = False
    """The connection is cut in the middle of the stream."""
    hangs: bool = False
    """Half of the answer, then nothing, until the other side leaves."""
    input_tokens: int = 1000
    output_tokens: int = 20

    @property
    def calls(self) -> list[Call]:
        return [part for part in self.parts if isinstance(part, Call)]


@dataclasses.dataclass(frozen=True)
class Fault:
    """An error instead of an answer."""

    status: int
    message: str
    type: str
    code: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


def turn(*parts: Part | str, **how) -> Turn:
    return Turn(tuple(Say(part) if isinstance(part, str) else part for part in parts), **how)


def pieces(text: str, size: int = 7) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]
