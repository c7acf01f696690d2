"""What one row of the table says."""

import dataclasses
import json
from collections.abc import Callable

from support.fields import Fields
from support.upstream import Exchange

JSON_TYPE = ("Content-Type", "application/json")


@dataclasses.dataclass(frozen=True)
class Ask:
    """What the client sends. `{upstream}` in the body becomes the upstream's address."""

    method: str
    target: str
    fields: Fields
    body: bytes | None = None


@dataclasses.dataclass(frozen=True)
class Reply:
    """A whole answer of the upstream's."""

    body: object
    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()

    def __call__(self, exchange: Exchange) -> None:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        exchange.reply(self.status, body, [JSON_TYPE, *self.fields])


@dataclasses.dataclass(frozen=True)
class Stream:
    """A streamed answer of the upstream's, a chunk of the transfer a piece."""

    pieces: tuple[bytes, ...]
    ending: Callable[[Exchange], None] = Exchange.end_stream

    def __call__(self, exchange: Exchange) -> None:
        exchange.start_stream()
        for piece in self.pieces:
            exchange.piece(piece)
        self.ending(exchange)


def held(exchange: Exchange) -> None:
    """The upstream keeps its answer open until the other side ends it."""
    exchange.sees_close()
    exchange.close()


@dataclasses.dataclass(frozen=True)
class Received:
    """One request as the upstream must get it: all fields but those of the transport, the whole body."""

    target: str
    fields: dict[str, object]
    body: object


class Events(list):
    """The events of an Anthropic stream: (name, data) each."""


class Chunks(list):
    """The frames of a Chat stream: the data of each."""


@dataclasses.dataclass(frozen=True)
class Step:
    ask: Ask
    status: int
    body: object
    replies: tuple[Callable[[Exchange], None], ...] = ()
    received: tuple[Received, ...] = ()
    fields: dict[str, object] = dataclasses.field(default_factory=dict)
    """Header fields of the reply beside those every reply of its kind has; None = must not be there."""


@dataclasses.dataclass(frozen=True)
class Case:
    id: str
    settings: dict[str, str]
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return self.id

    @property
    def number(self) -> str:
        return self.id.split(" ")[0]
