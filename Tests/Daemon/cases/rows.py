"""Builders of rows: one exchange of one side, with what all of its rows share."""

from support.secrets import CLIENT_KEY

from .case import Ask, Case, Chunks, Events, Step, Stream
from .masks import OneOf
from .spelling import (
    ANTHROPIC,
    OPENAI,
    ask,
    chat_body,
    completion,
    completion_reply,
    message,
    message_reply,
    messages_body,
    to_anthropic,
    to_chat,
)


def chat_row(
    id: str, body=None, received=None, reply=None, answer=None, *, status=200, query="", more=(), **other
) -> Case:
    """System A: a Chat request to the Anthropic upstream. Without `received` the upstream is not asked."""
    settings = {**ANTHROPIC, **other.pop("settings", {})}
    asked = ask(
        "/v1/chat/completions" + query,
        chat_body() if body is None else body,
        *more,
        key=other.pop("key", CLIENT_KEY),
    )
    step = answered(asked, received, reply or message_reply(), answer or completion(), status, other)
    return Case(id, settings, (step,))


def messages_row(id: str, body=None, received=None, reply=None, answer=None, *, status=200, more=(), **other):
    """Systems B, C and D: a Messages request to the OpenAI upstream."""
    settings = other.pop("settings", {})
    settings = settings if "BACKEND_URL" in settings else {**OPENAI, **settings}
    path = other.pop("path", "/v1/messages")
    asked = ask(path, messages_body() if body is None else body, *more, key=other.pop("key", CLIENT_KEY))
    step = answered(asked, received, reply or completion_reply(), answer or message(), status, other)
    return Case(id, settings, (step,))


def answered(asked: Ask, received, reply, answer, status: int, other: dict) -> Step:
    received = () if received is None else received if isinstance(received, tuple) else (received,)
    replies = reply if isinstance(reply, tuple) else (reply,)
    fields = {f"x-proxy-{word}": other.pop(word) for word in ("dropped", "changed") if word in other}
    fields.update(other.pop("fields", {}))
    assert not other, other
    return Step(asked, status, answer, replies if received else (), received, fields)


def streamed_chat(id: str, pieces: tuple, answer: Chunks, ending=None, **other) -> Case:
    reply = Stream(pieces, ending) if ending else Stream(pieces)
    body = {"stream": True, **other.pop("body", {})}
    return chat_row(id, chat_body(**body), to_anthropic(stream=True), reply, answer, **other)


def streamed_messages(id: str, pieces: tuple, answer: Events, ending=None, **other) -> Case:
    reply = Stream(pieces, ending) if ending else Stream(pieces)
    return messages_row(id, messages_body(stream=True), to_chat(stream=True), reply, answer, **other)


def maybe(value: object) -> OneOf:
    return OneOf(None, value)
