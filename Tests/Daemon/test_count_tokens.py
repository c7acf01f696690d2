"""How many tokens a request has: asked of an upstream that knows, else counted here, everywhere alike."""

import json
import select
import subprocess

import pytest

from support.daemon import BINARY, environment
from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY, PROMPT, SERVER_KEY, WRONG_KEY
from support.upstream import Exchange
from support.waiting import DEADLINE, eventually

PATH = "/v1/messages/count_tokens"
CLASSES = ("async", "gthread", "sync")
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
WEATHER = {
    "name": "weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALL = {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Köln"}}
RESULT = {
    "type": "tool_result",
    "tool_use_id": "t1",
    "content": [{"type": "text", "text": "regnerisch, 7 °C"}],
}
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
WORDS = "Der Regen fiel, and nobody counted the drops; 雨が降った。 "


def user(content) -> dict:
    return {"role": "user", "content": content}


def body(*messages: dict, model: str = "claude-3-5-haiku-latest", **more) -> bytes:
    return json.dumps({"model": model, "messages": list(messages), **more}).encode()


REQUESTS = {
    "text": body(user(PROMPT)),
    "system": body(user("hi"), system=[{"type": "text", "text": WORDS}]),
    "tools": body(user("hi"), {"role": "assistant", "content": [CALL]}, user([RESULT]), tools=[WEATHER]),
    "picture": body(user([{"type": "text", "text": "What is this?"}, PICTURE])),
    "long": body(*(user(f"{number}. {WORDS * 20}") for number in range(100))),
    "nothing": body(),
}


def settings(upstream, **more: str) -> dict[str, str]:
    return {**CHAT.settings(upstream), "SMALL_MODEL": "gpt-4o-mini", **more}


def by_command(folder, request: bytes, config) -> int:
    """What the program says of the same request by the same settings."""
    path = folder / "request.json"
    path.write_bytes(request)
    command = [str(BINARY), "count-tokens", "--request", str(path), "--config", str(config)]
    done = subprocess.run(command, env=environment({}), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def count(daemon, request: bytes, target: str = PATH):
    response = daemon.ask("POST", target, MESSAGES.fields(), request)
    return response, response.json()


@pytest.mark.parametrize("more", [{}, {"TOKEN_COUNTER": "chars"}, {"TOKEN_ENCODING": "cl100k_base"}], ids=str)
@pytest.mark.parametrize("worker_class", CLASSES)
def test_the_route_counts_what_the_command_counts(start, upstream, folder, worker_class, more):
    daemon = start(settings(upstream, GUNICORN_WORKER_CLASS=worker_class, **more))
    numbers = {}
    for name, request in REQUESTS.items():
        response, counted = count(daemon, request, f"{PATH}?beta=true")
        assert response.status == 200 and response.get("x-proxy-count") == "local", name
        assert counted == {"input_tokens": by_command(folder, request, daemon.config)}, name
        counter = {"chars": "chars"}.get(more.get("TOKEN_COUNTER"), more.get("TOKEN_ENCODING", "o200k_base"))
        assert response.get("x-proxy-counter") == counter
        numbers[name] = counted["input_tokens"]
    assert numbers["nothing"] < numbers["text"] < numbers["tools"] < numbers["long"]
    assert upstream.requests == []


def test_a_stream_begins_with_that_number_and_ends_with_it_if_the_upstream_has_none(start, upstream):
    daemon = start(settings(upstream))
    request = json.loads(REQUESTS["long"]) | {"max_tokens": 64, "stream": True}
    _, counted = count(daemon, REQUESTS["long"])

    def unpriced(exchange: Exchange) -> None:
        exchange.start_stream()
        exchange.piece(CHAT.event)
        exchange.piece(b'data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')
        exchange.piece(b"data: [DONE]\n\n")
        exchange.end_stream()

    upstream.answer(unpriced)
    response = daemon.ask("POST", "/v1/messages", MESSAGES.fields(), json.dumps(request).encode())
    data = [json.loads(line[6:]) for line in response.body.splitlines() if line.startswith(b"data: ")]
    [begun] = [event for event in data if event["type"] == "message_start"]
    [ended] = [event for event in data if event["type"] == "message_delta"]
    assert begun["message"]["usage"]["input_tokens"] == counted["input_tokens"]
    assert ended["usage"]["input_tokens"] == counted["input_tokens"]
    assert ended["usage"]["output_tokens"] > 0


@pytest.fixture
def asked(start, upstream):
    """A daemon whose upstream can be asked."""
    more = {"ALLOWED_API_KEYS": CLIENT_KEY, "MODEL_ALIASES": "claude-3-5-haiku-latest:haiku-of-the-upstream"}
    daemon = start({**MESSAGES.settings(upstream), **more, "MAX_RETRIES": "0"})

    def ask(reply=None, request: bytes = REQUESTS["text"], key: str = CLIENT_KEY, **fields: str):
        upstream.requests.clear()
        upstream.answer(reply or (lambda exchange: exchange.reply(200, b'{"input_tokens":2095}', [JSON])))
        more = [(name.replace("_", "-"), value) for name, value in fields.items()]
        return daemon.ask("POST", f"{PATH}?beta=true", MESSAGES.fields(("x-api-key", key), *more), request)

    ask.daemon = daemon
    return ask


def test_an_upstream_that_speaks_messages_is_asked(asked, upstream):
    response = asked(anthropic_beta="token-counting-2024-11-01")
    assert (response.status, response.body) == (200, b'{"input_tokens":2095}')
    assert response.get("x-proxy-count") == "upstream"
    [request] = upstream.requests
    assert request.target.partition("?")[0].endswith("/v1/messages/count_tokens")
    assert "beta=true" in request.target
    assert request.head.get("authorization") == f"Bearer {SERVER_KEY}"
    assert request.head.get("anthropic-beta") == "token-counting-2024-11-01"
    assert CLIENT_KEY.encode() not in request.head.raw
    assert request.body == REQUESTS["text"].replace(b"claude-3-5-haiku-latest", b"haiku-of-the-upstream")


def test_what_the_client_did_wrong_it_hears_from_the_upstream(asked):
    for status in (400, 401, 429):
        error = b'{"type":"error","error":{"type":"x","message":"of the upstream"}}'
        response = asked(lambda exchange, status=status, error=error: exchange.reply(status, error, [JSON]))
        assert (response.status, response.body) == (status, error)
        assert response.get("x-proxy-count") == "upstream"


BROKEN = {
    "404": lambda exchange: exchange.reply(404, b"{}", [JSON]),
    "405": lambda exchange: exchange.reply(405, b"", []),
    "501": lambda exchange: exchange.reply(501, b"", []),
    "529": lambda exchange: exchange.reply(529, b"{}", [JSON]),
    "no number": lambda exchange: exchange.reply(200, b"{}", [JSON]),
    "reset": lambda exchange: exchange.reset(),
    "cut off": lambda exchange: (exchange.head(200, [JSON, ("Content-Length", "99")]), exchange.close()),
}


@pytest.mark.parametrize("how", BROKEN)
def test_where_the_upstream_cannot_the_number_is_counted_here(asked, folder, how):
    response = asked(BROKEN[how])
    assert (response.status, response.get("x-proxy-count")) == (200, "local"), response
    wanted = by_command(folder, REQUESTS["text"], asked.daemon.config)
    assert response.json() == {"input_tokens": wanted}


def test_an_open_breaker_takes_no_number_away(asked, upstream):
    for _ in range(5):
        assert asked(BROKEN["529"]).status == 200
    response = asked()
    assert (response.status, response.get("x-proxy-count")) == (200, "local")
    assert upstream.requests == []


def test_the_key_comes_before_everything(asked, upstream):
    for request in (REQUESTS["text"], b"{bad"):
        response = asked(request=request, key=WRONG_KEY)
        assert response.status == 401
        assert MESSAGES.error(response)["type"] == "authentication_error"
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("request_body", "place"),
    [
        (b'{"model":"m"}', "messages"),
        (b'{"messages":[]}', "model"),
        (b'{"model":"m","messages":[{"role":"user"}]}', r"messages[0].content"),
        (b'{"model":"m","messages":[{"role":"x","content":"a"}]}', "messages[0].role"),
        (b"{bad", "JSON"),
    ],
)
def test_what_is_no_request_is_refused_with_the_place_at_fault(start, upstream, request_body, place):
    response, _ = count(start(settings(upstream)), request_body)
    assert response.status == 400
    error = MESSAGES.error(response)
    assert error["type"] == "invalid_request_error" and place in error["message"]


def test_without_its_tables_the_daemon_counts_characters_and_says_so(start, upstream, folder):
    daemon = start(settings(upstream, TOKEN_DATA_DIR=str(folder)))
    response, counted = count(daemon, body(user("abcdefgh")))
    assert counted == {"input_tokens": 2}
    assert (response.get("x-proxy-count"), response.get("x-proxy-counter")) == ("local", "chars")
    for encoding in ("cl100k_base", "o200k_base"):
        assert len([line for line in daemon.log if encoding in line and "by characters" in line]) == 1


def test_health_says_what_is_counted_by(start, upstream, folder):
    keys = {"ALLOWED_API_KEYS": CLIENT_KEY}
    for more, counter, encodings in (
        ({}, "tiktoken", ["cl100k_base", "o200k_base"]),
        ({"TOKEN_COUNTER": "chars"}, "chars", []),
        ({"TOKEN_DATA_DIR": str(folder)}, "chars", []),
    ):
        daemon = start(settings(upstream, **keys, **more))
        health = daemon.ask("GET", "/health", [("x-api-key", CLIENT_KEY)]).json()
        assert (health["token_counter"], health["token_encodings"]) == (counter, encodings)


LONG = body(user(WORDS * 30_000))
"""Two and a half million bytes."""


def is_answered(client) -> bool:
    return bool(select.select([client.sock], [], [], 0)[0])


@pytest.mark.parametrize("worker_class", ["async", "gthread"])
def test_a_long_request_is_counted_between_the_turns_of_others(start, upstream, worker_class):
    more = {"GUNICORN_WORKERS": "1", "GUNICORN_WORKER_CLASS": worker_class, "GUNICORN_THREADS": "4"}
    daemon = start(settings(upstream, **more))
    with daemon.client() as client, daemon.client() as other:
        assert other.ask("GET", "/livez").status == 200
        client.request("POST", PATH, MESSAGES.fields(), LONG)
        served = 0
        while not is_answered(client):
            assert other.ask("GET", "/livez").status == 200
            served += 1
        assert client.response().json()["input_tokens"] > 100_000
        assert served > 2


def test_a_client_that_leaves_is_not_counted_for(start, upstream):
    daemon = start(settings(upstream, GUNICORN_WORKERS="1", ALLOWED_API_KEYS=CLIENT_KEY))
    fields = MESSAGES.fields(("x-api-key", CLIENT_KEY))
    with daemon.client() as client:
        client.request("POST", PATH, fields, LONG)
        client.reset()

    def is_idle() -> bool:
        health = daemon.ask("GET", "/health", [("x-api-key", CLIENT_KEY)]).json()
        return health["requests_in_flight"] == 0

    assert eventually(is_idle, DEADLINE)
    assert daemon.ask("POST", PATH, fields, REQUESTS["text"]).status == 200
