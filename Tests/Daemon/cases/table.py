"""Plays a row of the table: the daemon it runs in, and the comparison of all that both sides saw."""

import json
import pathlib

from support import sockets
from support.client import Response
from support.daemon import Daemon
from support.fields import Fields
from support.secrets import MARK
from support.upstream import Exchange, Upstream

from .case import Chunks, Events, Received, Step
from .masks import WORDS, Like, OneOf

OF_THE_TRANSPORT = {"host", "content-length", "connection", "transfer-encoding", "expect"}
UNSAID = {
    "date",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "vary",
    "allow",
    "www-authenticate",
    "x-proxy-request-id",
    "x-proxy-upstream",
    "x-proxy-usage",
    "x-should-retry",
    "x-upstream-request-id",
    "access-control-expose-headers",
}
"""Fields of a reply that a row may leave unsaid."""

STREAM_FIELDS = {
    "content-type": Like("text/event-stream(; ?charset=utf-8)?"),
    "cache-control": Like("no-cache.*"),
    "x-accel-buffering": "no",
}


class Bench:
    """One daemon and its upstream, kept as long as the settings stay the same."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.daemon: Daemon | None = None
        self.served = None
        self.started = 0

    def serve(self, settings: dict[str, str], worker_class: str) -> None:
        wanted = (settings, worker_class)
        if self.served == wanted:
            return
        self.close()
        self.upstream = Upstream()
        self.dead = sockets.refusing()
        dead_port = self.dead.getsockname()[1]
        places = {"{upstream}": self.upstream.url(""), "{dead}": str(dead_port)}
        settings = {"GUNICORN_WORKER_CLASS": worker_class, **settings}
        lines = "".join(f"{name}={quoted(value)}\n" for name, value in settings.items())
        for place, value in places.items():
            lines = lines.replace(place, value)
        self.started += 1
        config = self.folder / f"{self.started}.env"
        self.daemon = Daemon(config, lines, {"HOST": "127.0.0.1", "PORT": "0"})
        self.served = wanted

    def close(self) -> None:
        if self.daemon:
            self.served = None
            daemon, self.daemon = self.daemon, None
            self.upstream.close()
            self.dead.close()
            daemon.end()


def quoted(value: str) -> str:
    return f"'{value}'" if value and not value.isalnum() else value


def play(bench: Bench, step: Step) -> None:
    upstream = bench.upstream
    upstream.requests.clear()
    waiting = list(step.replies)

    def script(exchange: Exchange) -> None:
        if waiting:
            waiting.pop(0)(exchange)
        else:
            exchange.reply(418, b"one request too many")

    upstream.answer(script)
    body = step.ask.body and step.ask.body.replace(b"{upstream}", upstream.url("").encode())
    with bench.daemon.client() as client:
        client.request(step.ask.method, step.ask.target, step.ask.fields, body)
        response = client.response(step.ask.method)
    assert response.clean or isinstance(step.body, Events | Chunks), "the reply was cut off"
    compare("status", response.status, step.status, response.body[:500])
    compare_bodies(response, step)
    compare_fields(response, expected_fields(step))
    if response.status >= 400:
        assert MARK.encode() not in response.head.raw + response.body
    got = [received(request) for request in upstream.requests]
    compare("number of requests upstream", len(got), len(step.received), got)
    for one, wanted in zip(got, step.received, strict=True):
        compare("target upstream", one.target, wanted.target)
        compare("fields upstream", one.fields, wanted.fields)
        compare("body upstream", one.body, wanted.body)


def received(request) -> Received:
    fields = {name.lower(): value for name, value in request.head.fields}
    assert len(fields) == len(request.head.fields), f"a field stands twice: {request.head.fields}"
    body = json.loads(request.body)
    if body.get("stream") is False:
        del body["stream"]
    return Received(
        request.target,
        {name: value for name, value in fields.items() if name not in OF_THE_TRANSPORT},
        body,
    )


def compare(what: str, got, wanted, more="") -> None:
    if wanted == got:
        return
    different = f"\n got    {shown(got)}\n wanted {shown(wanted)}"
    if isinstance(got, dict) and isinstance(wanted, dict):
        names = [name for name in {**wanted, **got} if wanted.get(name, ...) != got.get(name, ...)]
        parts = (
            f"\n {name}: got {shown(got.get(name, ...))}, wanted {shown(wanted.get(name, ...))}"
            for name in names
        )
        different = "".join(parts)
    raise AssertionError(f"{what}: {different} {more}")


def shown(value) -> str:
    said = "nothing" if value is ... else repr(value)
    return said if len(said) < 1500 else f"{said[:700]} ... {said[-700:]}"


# Replies.


def compare_bodies(response: Response, step: Step) -> None:
    wanted = step.body
    if wanted is None:
        compare("body", response.body, OneOf(b"", b"OK"))
    elif isinstance(wanted, Events):
        compare_lists("event", list(events(response.body)), wanted)
    elif isinstance(wanted, Chunks):
        compare_lists("chunk", list(chunks(response.body)), wanted)
    else:
        compare("body", response.json(), wanted)


def compare_lists(what: str, got: list, wanted: list) -> None:
    for index, (one, other) in enumerate(zip(got, wanted, strict=False)):
        compare(f"{what} {index}", one, other)
    compare(f"number of {what}s", len(got), len(wanted), got[len(wanted) :] or wanted[len(got) :])


def frames(body: bytes) -> list[list[str]]:
    """The lines of each frame; every frame ends with a blank line, and the whole is UTF-8."""
    words = body.decode()
    assert words.endswith("\n\n"), f"the stream ends within a frame: {words[-200:]!r}"
    return [frame.split("\n") for frame in words.removesuffix("\n\n").split("\n\n")]


def events(body: bytes):
    """(name, data) of each event; the name of the line is that of the data. Pings may stand anywhere."""
    for name, *data in frames(body):
        assert len(data) == 1 and name.startswith("event: ") and data[0].startswith("data: "), (name, data)
        value = json.loads(data[0].removeprefix("data: "))
        assert value["type"] == name.removeprefix("event: ")
        if value["type"] != "ping":
            yield value["type"], value


def chunks(body: bytes):
    """The data of each frame. Comments may stand anywhere."""
    for lines in frames(body):
        if all(line.startswith(":") for line in lines):
            continue
        assert len(lines) == 1 and lines[0].startswith("data: "), lines
        data = lines[0].removeprefix("data: ")
        yield data if data == "[DONE]" else json.loads(data)


def expected_fields(step: Step) -> dict[str, object]:
    usual: dict[str, object] = {"access-control-allow-origin": OneOf(None, "*"), "server": "claude-proxy"}
    path = step.ask.target.partition("?")[0]
    if path.startswith("/v1/") and step.ask.method == "POST":
        usual["request-id" if path.startswith("/v1/messages") else "x-request-id"] = WORDS
    if isinstance(step.body, Events | Chunks):
        usual.update(STREAM_FIELDS)
    elif step.body is not None:
        usual["content-type"] = Like("application/json(; ?charset=utf-8)?")
    return {**usual, **step.fields}


def compare_fields(response: Response, wanted: dict[str, object]) -> None:
    got: Fields = response.head.fields
    for name, value in wanted.items():
        compare(f"field {name}", response.head.get(name), value, got)
    unknown = {name.lower() for name, _ in got} - set(wanted) - UNSAID
    unknown -= {"request-id", "x-request-id"}
    assert not unknown, f"fields nobody expected: {got}"
