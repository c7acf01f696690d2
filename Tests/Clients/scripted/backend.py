"""A scripted upstream of one protocol that judges what it gets, records it, and answers as a script says."""

import contextlib
import json
import threading
from collections.abc import Callable
from types import ModuleType

from support.upstream import Exchange, Upstream
from support.waiting import DEADLINE

from . import chat, messages
from .asked import Asked
from .turns import Fault, Turn

Answer = Turn | Fault
Script = Callable[[Asked], Answer]
JSON = ("Content-Type", "application/json")


class Backend:
    def __init__(self, dialect: ModuleType):
        self.dialect = dialect
        self.upstream = Upstream()
        self.upstream.answer(self._serve)
        self.script: Script | None = None
        self.asked: list[Asked] = []
        """The requests it accepted, in order."""
        self.refused: list[str] = []
        self.takes_also: set[str] = set()
        """Fields of one vendor's own."""
        self.unexpected: list[str] = []
        self.abandoned = threading.Event()
        """Set once a hanging answer's client has left."""
        self.hanging = threading.Event()

    @property
    def name(self) -> str:
        return self.dialect.NAME

    @property
    def is_chat(self) -> bool:
        return self.dialect is chat

    def settings(self) -> dict[str, str]:
        """What leads a daemon to it."""
        if self.is_chat:
            return {"OPENAI_BASE_URL": self.upstream.url("/v1"), "OPENAI_API_KEY": "sk-server-key-0001"}
        return {
            "UPSTREAM_API_URL": self.upstream.url("/v1/messages"),
            "UPSTREAM_API_KEY": "sk-server-key-0001",
        }

    def play(self, script: Script) -> None:
        self.script = script

    def turns(self, *answers: Answer | list[Answer]) -> None:
        """The n-th answer of a conversation; of a list, one for each attempt, and the last one stays."""
        self.play(turns(*answers))

    def bodies(self) -> list[bytes]:
        return [request.body for request in self.upstream.requests]

    def close(self) -> None:
        self.upstream.close()

    def _serve(self, exchange: Exchange) -> None:
        request = exchange.request
        raw = json.loads(request.body)
        headers = {name.lower(): value for name, value in request.head.fields}
        known = {name: value for name, value in raw.items() if name not in self.takes_also}
        fault = self.dialect.refusal(known, headers)
        if fault:
            self.refused.append(fault.message)
            self._fail(exchange, fault)
            return
        asked = self.dialect.read(raw, headers)
        self.asked.append(asked)
        try:
            answer = self.script(asked)
        except Exception as error:
            self.unexpected.append(f"{type(error).__name__}: {error}")
            answer = Fault(400, f"the script has no answer: {error}", "invalid_request_error")
        if isinstance(answer, Fault):
            self._fail(exchange, answer)
        elif asked.streams:
            self._stream(exchange, answer, asked)
        else:
            exchange.reply(200, self.dialect.whole(answer, asked), [JSON])

    def _fail(self, exchange: Exchange, fault: Fault) -> None:
        exchange.reply(fault.status, self.dialect.error(fault), [JSON, *fault.fields])

    def _stream(self, exchange: Exchange, answer: Turn, asked: Asked) -> None:
        events = self.dialect.events(answer, asked)
        # Whoever leaves in the middle is noticed by what the test looks at, not by this thread.
        with contextlib.suppress(OSError):
            exchange.start_stream()
            if answer.awaits:
                answer.awaits.wait(DEADLINE)
            if answer.hangs or answer.breaks:
                for event in events[: len(events) // 2]:
                    exchange.piece(event)
                if answer.hangs:
                    self.hanging.set()
                    if exchange.sees_close(DEADLINE * 2):
                        self.abandoned.set()
                exchange.close()
                return
            for event in events:
                exchange.piece(event)
            exchange.end_stream()


def turns(*answers: Answer | list[Answer]) -> Script:
    plans = [list(answer) if isinstance(answer, list) else [answer] for answer in answers]

    def script(asked: Asked) -> Answer:
        plan = plans[asked.answers]
        return plan.pop(0) if len(plan) > 1 else plan[0]

    return script


DIALECTS = [messages, chat]
