"""Every field of the SDKs' request types, one at a time, as a request that holds it."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Literal, TypedDict

from anthropic.types import ThinkingConfigParam
from anthropic.types.beta.message_create_params import OutputFormat

from agreement import samples
from agreement.samples import ABSENT
from agreement.shapes import Anything, Choice, Record, Row, Scalar, Words, shape_of

NULL = Scalar(type(None))


class Reasoning(TypedDict, total=False):
    """OpenRouter's way to ask for reasoning."""

    effort: Literal["low", "medium", "high", "xhigh"]
    max_tokens: int


# What clients send beside the types of these versions: members of older ones, and the vendors' own.
BEYOND: dict[str, dict[str, object]] = {
    "MessageCreateParamsNonStreaming": {
        "temperature": float,
        "top_p": float,
        "top_k": int,
        "output_format": OutputFormat,
    },
    "CompletionCreateParamsNonStreaming": {
        "thinking": ThinkingConfigParam,
        "reasoning": Reasoning,
        "enable_thinking": bool,
        "thinking_budget": int,
        "chat_template_kwargs": dict[str, object],
        "top_k": int,
        "extra_body": dict[str, object],
    },
    "ChatCompletionAssistantMessageParam": {
        "reasoning_content": str,
        "reasoning": str,
        "reasoning_details": list[dict[str, object]],
    },
    "ChatCompletionToolMessageParam": {"name": str, "status": Literal["error", "success"]},
}


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a value stands in a request."""

    protocol: str
    # For people and for the table of exceptions: member names, with the union's member in brackets.
    key: str
    # As the engine spells it.
    path: str
    name: str
    put: Callable[[object], dict]
    record: Record | None = None
    is_optional: bool = True
    stack: tuple = ()

    def body(self, value: object) -> dict:
        return samples.completed(self.protocol, self.put(value))

    @property
    def is_member(self) -> bool:
        """Whether it is an object's member, which null leaves unsaid."""
        return self.is_optional and bool(self.name) and not self.path.endswith("]")


@dataclasses.dataclass(frozen=True)
class Field:
    """A value under test. Values must tell themselves apart in what goes upstream, or be lost aloud."""

    place: Place
    shape: object

    @property
    def values(self) -> list:
        if isinstance(self.shape, Record):
            return [samples.sample(self.shape, self.place.name)]
        return samples.values(self.shape, self.place.name, self.place.record)


def root(protocol: str, shape: object) -> Iterator[Field]:
    """The fields of the request itself."""
    record = shape.members[0] if isinstance(shape, Choice) else shape
    yield from fields_of(
        Place(protocol, "", "", "", lambda value: {**samples.request(protocol), **value}),
        record,
        is_root=True,
    )


def fields_of(place: Place, record: Record, is_root: bool = False) -> Iterator[Field]:
    """What is inside of a record: each field, with nothing else set that need not be."""
    least = {} if is_root else samples.sample(record, place.name)
    beyond = {name: shape_of(hint) for name, hint in BEYOND.get(record.name, {}).items()}
    for name, shape in {**record.fields, **beyond}.items():
        if is_given(shape, name in record.required):
            continue

        def put(value, name=name):
            return place.put({**least, name: value} if value is not ABSENT else least)

        inner = Place(
            place.protocol,
            f"{place.key}.{name}".removeprefix("."),
            f"{place.path}.{name}".removeprefix("."),
            name,
            put,
            record,
            name not in samples.needed(record),
            (*place.stack, record),
        )
        if is_root and name == "messages":
            yield from messages(inner, shape)
        else:
            yield from members(inner, shape)


def messages(place: Place, shape: Row) -> Iterator[Field]:
    def put(value):
        return place.put(samples.around(place.protocol, value))

    inner = dataclasses.replace(place, key="messages[]", path="messages[2]", put=put, is_optional=False)
    yield from members(inner, shape.element)


def members(place: Place, shape: object) -> Iterator[Field]:
    """The shape itself, the members of a union, the elements of an array."""
    match shape:
        case Choice(choices):
            for choice in choices:
                key = f"{place.key}{label(choice)}" if len(choices) > 1 else place.key
                yield from members(dataclasses.replace(place, key=key), choice)
        case Row(element):

            def put(value):
                return place.put([] if value is ABSENT else [value])

            inner = dataclasses.replace(
                place,
                key=f"{place.key}[]",
                path=f"{place.path}[0]",
                put=put,
                is_optional=isinstance(element, (Choice, Record)),
            )
            yield from members(inner, element)
        case Record():
            if shape not in place.stack:
                yield Field(place, shape)
        case Words() | Anything():
            yield Field(place, shape)
        case Scalar():
            if shape != NULL:
                yield Field(place, shape)


def label(shape: object) -> str:
    if isinstance(shape, Record):
        return f"<{shape.tag[1][0] if shape.tag else shape.name}>"
    return ""


def is_given(shape: object, is_required: bool) -> bool:
    """What can only be as it is, like a word that tells the members of a union apart."""
    return is_required and isinstance(shape, Words) and len(shape.values) == 1
