"""Scripted vendors: an upstream of one protocol that says its turns plain or streamed, as it is asked.

What the genuine service refuses is refused here too, with a 400 that says why; see `refusals`.
"""

import dataclasses
import json
import re
import threading
import time
from collections.abc import Callable

from .refusals import refused_chat, refused_messages
from .upstream import Exchange, Upstream
from .waiting import DEADLINE

JSON = ("Content-Type", "application/json")


@dataclasses.dataclass(frozen=True)
class Turn:
    """One answer: thinking, words and tool calls in this order."""

    words: str = ""
    calls: tuple[tuple[str, str, dict], ...] = ()
    """(id, name, arguments) each."""
    thinking: str = ""


@dataclasses.dataclass(frozen=True)
class Fault:
    """An answer that is an error of the vendor's own."""

    status: int
    type: str
    code: str | None = None
    fields: tuple[tuple[str, str], ...] = ()


class Vendor:
    """The service of one protocol. `received` holds the bodies it has accepted."""

    def __init__(self, protocol: str, refuses: Callable[[dict, dict], str | None]):
        self.protocol = protocol
        self.refuses = refuses
        self.upstream = Upstream()
        self.upstream.answer(self._answer)
        self.received: list[dict] = []
        self.turns: list[Turn | Fault | Callable[[Exchange, dict], None]] = []

    def says(self, *turns) -> None:
        """What it answers to the next requests, one after the other."""
        self.turns.extend(turns)

    def url(self, path: str) -> str:
        return self.upstream.url(path)

    def close(self) -> None:
        self.upstream.close()

    def _answer(self, exchange: Exchange) -> None:
        body = json.loads(exchange.request.body)
        if exchange.request.target.partition("?")[0].endswith("/count_tokens"):
            exchange.reply(200, b'{"input_tokens":2095}', [("Content-Type", "application/json")])
            return
        fields = {name.lower(): value for name, value in exchange.request.head.fields}
        why = self.refuses(fields, body)
        if why:
            self._fail(exchange, Fault(400, "invalid_request_error"), why)
            return
        self.received.append(body)
        turn = self.turns.pop(0) if self.turns else Fault(500, "api_error")
        if isinstance(turn, Fault):
            self._fail(exchange, turn, "said by the vendor")
        elif isinstance(turn, Turn):
            self.say(exchange, turn, bool(body.get("stream")))
        else:
            turn(exchange, body)

    def say(self, exchange: Exchange, turn: Turn, streamed: bool) -> None:
        spelling = SPELLINGS[self.protocol]
        if not streamed:
            exchange.reply(200, json.dumps(spelling.whole(turn)).encode(), [JSON])
            return
        exchange.start_stream()
        for piece in spelling.stream(turn):
            exchange.piece(piece)
        exchange.end_stream()

    def _fail(self, exchange: Exchange, fault: Fault, why: str) -> None:
        error = {"type": fault.type, "message": why}
        whole = {"type": "error", "error": error}
        if self.protocol == "openai":
            whole = {"error": {**error, "param": None, "code": fault.code}}
        exchange.reply(fault.status, json.dumps(whole).encode(), [JSON, *fault.fields])


def anthropic_vendor() -> Vendor:
    return Vendor("anthropic", refused_messages)


def openai_vendor() -> Vendor:
    return Vendor("openai", refused_chat)


class Pace:
    """A stream whose every delta of text is written only when the client has seen the one before."""

    def __init__(self, protocol: str, turn: Turn):
        self.pieces = SPELLINGS[protocol].stream(turn)
        self.written: list[float] = []
        self.seen: list[float] = []
        self.arrived = threading.Semaphore(0)

    def __call__(self, exchange: Exchange, _: dict) -> None:
        exchange.start_stream()
        for piece in self.pieces:
            if not says_words(piece):
                exchange.piece(piece)
                continue
            self.written.append(time.monotonic())
            exchange.piece(piece)
            if not self.arrived.acquire(timeout=DEADLINE):
                exchange.reset()
                return
        exchange.end_stream()

    def see(self) -> None:
        """The client has got a delta."""
        self.seen.append(time.monotonic())
        self.arrived.release()

    @property
    def delays(self) -> list[float]:
        return sorted(seen - written for written, seen in zip(self.written, self.seen, strict=True))


def says_words(piece: bytes) -> bool:
    return b'"text_delta"' in piece or b'"delta": {"content"' in piece


def broken(protocol: str, turn: Turn, end: Callable[[Exchange], None]) -> Callable[[Exchange, dict], None]:
    """A stream that says its first words and then ends in another way."""
    pieces = SPELLINGS[protocol].stream(turn)
    first = next(number for number, piece in enumerate(pieces) if says_words(piece))

    def answer(exchange: Exchange, _: dict) -> None:
        exchange.start_stream()
        for piece in pieces[: first + 1]:
            exchange.piece(piece)
        end(exchange)

    return answer


# Spellings.


def parts(words: str) -> list[str]:
    """Word by word."""
    return re.findall(r"\S+\s*", words)


class AnthropicSpelling:
    @staticmethod
    def whole(turn: Turn) -> dict:
        thinking = {"type": "thinking", "thinking": turn.thinking, "signature": "signed-by-the-vendor"}
        content = [thinking] if turn.thinking else []
        content += [{"type": "text", "text": turn.words}] if turn.words else []
        content += [
            {"type": "tool_use", "id": id, "name": name, "input": input} for id, name, input in turn.calls
        ]
        return {
            "id": "msg_of_the_vendor",
            "type": "message",
            "role": "assistant",
            "model": "of-the-vendor",
            "content": content,
            "stop_reason": "tool_use" if turn.calls else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 10, "output_tokens": 5},
        }

    @classmethod
    def stream(cls, turn: Turn) -> list[bytes]:
        whole = cls.whole(turn)
        start = {**whole, "content": [], "stop_reason": None}
        pieces = [cls.event("message_start", message=start), cls.event("ping")]
        for index, block in enumerate(whole["content"]):
            pieces += cls.block(index, block)
        delta = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        pieces.append(cls.event("message_delta", delta=delta, usage={"output_tokens": 5}))
        return [*pieces, cls.event("message_stop")]

    @classmethod
    def block(cls, index: int, block: dict) -> list[bytes]:
        if block["type"] == "text":
            empty, deltas = {"text": ""}, cls.deltas("text_delta", "text", block["text"])
        elif block["type"] == "thinking":
            empty = {"thinking": "", "signature": ""}
            deltas = cls.deltas("thinking_delta", "thinking", block["thinking"])
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
        else:
            empty = {"input": {}}
            deltas = cls.deltas("input_json_delta", "partial_json", json.dumps(block["input"]))
        start = cls.event("content_block_start", index=index, content_block={**block, **empty})
        inside = [cls.event("content_block_delta", index=index, delta=delta) for delta in deltas]
        return [start, *inside, cls.event("content_block_stop", index=index)]

    @staticmethod
    def deltas(type: str, member: str, words: str) -> list[dict]:
        return [{"type": type, member: part} for part in parts(words)]

    @staticmethod
    def event(name: str, **data) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


class ChatSpelling:
    @classmethod
    def whole(cls, turn: Turn) -> dict:
        message = {"role": "assistant", "content": turn.words or None}
        if turn.thinking:
            message["reasoning_content"] = turn.thinking
        if turn.calls:
            message["tool_calls"] = [
                {"id": id, "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
                for id, name, arguments in turn.calls
            ]
        choice = {"index": 0, "message": message, "finish_reason": cls.finish(turn)}
        return {**cls.frame("chat.completion"), "choices": [choice], "usage": USAGE}

    @classmethod
    def stream(cls, turn: Turn) -> list[bytes]:
        deltas: list[dict] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": part} for part in parts(turn.thinking)]
        deltas += [{"content": part} for part in parts(turn.words)]
        for index, (id, name, arguments) in enumerate(turn.calls):
            first = {
                "index": index,
                "id": id,
                "type": "function",
                "function": {"name": name, "arguments": ""},
            }
            rest = [
                {"index": index, "function": {"arguments": part}} for part in parts(json.dumps(arguments))
            ]
            deltas += [{"tool_calls": [call]} for call in (first, *rest)]
        pieces = [cls.chunk(delta) for delta in deltas]
        usage = cls.data({**cls.frame(), "choices": [], "usage": USAGE})
        return [*pieces, cls.chunk({}, cls.finish(turn)), usage, b"data: [DONE]\n\n"]

    @classmethod
    def chunk(cls, delta: dict, finish: str | None = None) -> bytes:
        return cls.data({**cls.frame(), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    @staticmethod
    def finish(turn: Turn) -> str:
        return "tool_calls" if turn.calls else "stop"

    @staticmethod
    def frame(kind: str = "chat.completion.chunk") -> dict:
        return {"id": "chatcmpl-of-the-vendor", "object": kind, "created": 1, "model": "of-the-vendor"}

    @staticmethod
    def data(value: dict) -> bytes:
        return f"data: {json.dumps(value)}\n\n".encode()


SPELLINGS = {"anthropic": AnthropicSpelling, "openai": ChatSpelling}
