"""The SDKs' request types as plain shapes, to check a body against and to walk through."""

import collections.abc
import dataclasses
import functools
import os
import types
import typing

import anthropic.types.beta.message_create_params as beta_messages
import anthropic.types.message_create_params as messages
import openai.types.chat.completion_create_params as chat
import pydantic
import typing_extensions
from anthropic._types import SequenceNotStr as AnthropicSequence
from openai._types import SequenceNotStr as OpenAISequence

REQUESTS = {
    "anthropic": messages.MessageCreateParams,
    "openai-chat": chat.CompletionCreateParams,
    "anthropic-beta": beta_messages.MessageCreateParams,
}
LISTS = (
    list,
    collections.abc.Iterable,
    collections.abc.Sequence,
    AnthropicSequence,
    OpenAISequence,
)
LITERALS = (typing.Literal, typing_extensions.Literal)
REQUIREMENTS = (
    typing.Required,
    typing_extensions.Required,
    typing.NotRequired,
    typing_extensions.NotRequired,
)


@dataclasses.dataclass(frozen=True)
class Scalar:
    """A string, a number, a boolean or null."""

    kind: type


@dataclasses.dataclass(frozen=True)
class Words:
    """One of a closed list of values."""

    values: tuple


@dataclasses.dataclass(frozen=True)
class Anything:
    """A value of the caller's own: schemas, tool inputs, metadata."""

    is_object: bool
    values: object = None


@dataclasses.dataclass(frozen=True)
class Row:
    """An array."""

    element: object


@dataclasses.dataclass(frozen=True)
class Choice:
    """A union."""

    members: tuple


@dataclasses.dataclass(frozen=True)
class Record:
    """An object with named fields; the fields are read when they are asked for, as types may be recursive."""

    type: type

    @property
    def name(self) -> str:
        return self.type.__name__

    @functools.cached_property
    def fields(self) -> dict[str, object]:
        return {name: shape_of(hint) for name, hint in typing_extensions.get_type_hints(self.type).items()}

    @functools.cached_property
    def required(self) -> frozenset[str]:
        """`__required_keys__` is blind where annotations are kept as text, so the marks are read as well."""
        hints = typing_extensions.get_type_hints(self.type, include_extras=True)
        marked = {
            name for name, hint in hints.items() if typing_extensions.get_origin(hint) in REQUIREMENTS[:2]
        }
        return frozenset(marked | self.type.__required_keys__)

    @property
    def says_more(self) -> bool:
        """Whether an object must say anything beside what kind it is."""
        return any(name not in ("type", "role") for name in self.required)

    @functools.cached_property
    def tag(self) -> tuple[str, tuple] | None:
        """The field that tells this member of a union from the others."""
        for name in ("type", "role"):
            shape = self.fields.get(name)
            if isinstance(shape, Words):
                return name, shape.values
        return None


def shape_of(hint: object) -> object:
    origin, arguments = typing_extensions.get_origin(hint), typing_extensions.get_args(hint)
    if hint is None or hint is type(None):
        return Scalar(type(None))
    if origin in REQUIREMENTS or origin is typing.Annotated:
        return shape_of(arguments[0])
    if origin in LITERALS:
        return Words(arguments)
    if origin in (typing.Union, types.UnionType):
        return choice(tuple(shape_of(argument) for argument in arguments if not is_unsendable(argument)))
    if origin is dict:
        values = shape_of(arguments[1])
        return Anything(True, None if isinstance(values, Anything) else values)
    if origin in LISTS:
        return Row(shape_of(arguments[0]))
    if typing_extensions.is_typeddict(hint):
        return record_of(hint)
    if hint is object or hint is typing.Any:
        return Anything(False)
    if hint in (str, int, float, bool):
        return Scalar(hint)
    raise TypeError(f"no shape for {hint!r}")


@functools.cache
def record_of(hint: type) -> Record:
    return Record(hint)


def is_unsendable(hint: object) -> bool:
    """Unions also name what was received, and open files: on the wire they are the other members."""
    bare = typing_extensions.get_origin(hint) or hint
    return isinstance(bare, type) and issubclass(bare, (pydantic.BaseModel, typing.IO, os.PathLike))


def choice(members: tuple) -> object:
    flat: list[object] = []
    for member in members:
        flat += member.members if isinstance(member, Choice) else [member]
    unique = tuple(dict.fromkeys(flat))
    return unique[0] if len(unique) == 1 else Choice(unique)


def request_shape(protocol: str) -> object:
    return shape_of(REQUESTS[protocol])


@dataclasses.dataclass(frozen=True)
class Fault:
    """Where a body does not fit its type. `extra` faults are members the type does not know."""

    path: str
    problem: str
    extra: bool = False


def faults(shape: object, value: object, path: str = "") -> list[Fault]:
    match shape:
        case Scalar(kind):
            return [] if is_scalar(kind, value) else [Fault(path, f"{kind.__name__} wanted, {value!r} found")]
        case Words(values):
            return [] if value in values else [Fault(path, f"one of {values} wanted, {value!r} found")]
        case Anything(is_object, values):
            if not is_object:
                return []
            if not isinstance(value, dict):
                return [Fault(path, f"object wanted, {value!r} found")]
            return [fault for key in value if values for fault in faults(values, value[key], f"{path}.{key}")]
        case Row(element):
            if not isinstance(value, list):
                return [Fault(path, f"array wanted, {value!r} found")]
            return [fault for i, item in enumerate(value) for fault in faults(element, item, f"{path}[{i}]")]
        case Record():
            return record_faults(shape, value, path)
        case Choice(members):
            return choice_faults(members, value, path)
    raise TypeError(shape)


def is_scalar(kind: type, value: object) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def record_faults(shape: Record, value: object, path: str) -> list[Fault]:
    if not isinstance(value, dict):
        return [Fault(path, f"{shape.name} wanted, {value!r} found")]
    found = [Fault(f"{path}.{name}", "missing") for name in sorted(shape.required - value.keys())]
    for name, member in value.items():
        if name in shape.fields:
            found += faults(shape.fields[name], member, f"{path}.{name}")
        else:
            found.append(Fault(f"{path}.{name}", f"{shape.name} has no such member", extra=True))
    return found


def choice_faults(members: tuple, value: object, path: str) -> list[Fault]:
    """None if a member fits; otherwise what is wrong with the member the value means to be."""
    if isinstance(value, dict):
        meant = tuple(member for member in members if isinstance(member, Record) and is_meant(member, value))
        members = meant + tuple(member for member in members if not isinstance(member, Record))
    every = [(member, faults(member, value, path)) for member in members]
    if not all(found for _, found in every):
        return []
    close = [
        found for member, found in every if isinstance(member, Record if isinstance(value, dict) else Row)
    ]
    if close and isinstance(value, (dict, list)):
        return min(close, key=weight)
    return [Fault(path, f"none of {len(members)} types fits {value!r:.80}")]


def weight(found: list[Fault]) -> tuple[int, int]:
    return sum(not fault.extra for fault in found), len(found)


def is_meant(member: Record, value: dict) -> bool:
    return member.tag is None or value.get(member.tag[0], member.tag[1][0]) in member.tag[1]
