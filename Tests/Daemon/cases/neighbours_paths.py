"""Neighbours of T42-T54, T115-T122 and T140: paths, methods, Azure, names, keys and header fields."""

import json

from support.secrets import CLIENT_KEY, MARK, SERVER_KEY

from .case import Ask, Case, Reply, Step
from .masks import WORDS, Like, With
from .rows import chat_row, messages_row
from .spelling import (
    ANTHROPIC,
    FORWARD,
    OPENAI,
    anthropic_error,
    ask,
    chat_body,
    chat_fields,
    completion,
    completion_reply,
    message,
    messages_body,
    openai_error,
    text,
    to_anthropic,
    to_chat,
)

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"

# Paths that are none, and methods nobody serves.

NOTHING_OPENAI = openai_error("invalid_request_error", "not_found")
NOTHING_ANTHROPIC = anthropic_error("not_found_error")


def path_row(method: str, path: str, status: int, body, **fields) -> Case:
    sent = b"{}" if method in ("POST", "PUT", "PATCH") else None
    fields = {name.replace("_", "-"): value for name, value in fields.items()}
    step = Step(ask(path, sent, method=method), status, body, fields=fields)
    return Case(f"E4 {method} {path}", {**ANTHROPIC, **OPENAI}, (step,))


PATHS = [
    path_row("POST", "/nothing", 404, NOTHING_OPENAI),
    path_row("GET", "/v1/nothing", 404, NOTHING_OPENAI),
    path_row("POST", "/v1/messages/batches", 404, NOTHING_ANTHROPIC),
    path_row("POST", "/v1//messages", 404, NOTHING_OPENAI),
    path_row("POST", "/v1/messages/", 404, NOTHING_ANTHROPIC),
    path_row("POST", "/v1/responses", 404, NOTHING_OPENAI),
    path_row(
        "GET", CHAT, 405, openai_error("invalid_request_error", "method_not_allowed"), allow=Like(".*POST.*")
    ),
    path_row("DELETE", MESSAGES, 405, NOTHING_ANTHROPIC, allow=Like(".*POST.*")),
    path_row(
        "PUT",
        "/v1/models",
        405,
        openai_error("invalid_request_error", "method_not_allowed"),
        allow=Like(".*GET.*"),
    ),
    path_row("POST", "/admin/reload", 404, NOTHING_OPENAI),
    path_row(
        "GET",
        "/v1/models/nobodys",
        404,
        openai_error("invalid_request_error", "model_not_found", param="model"),
    ),
    path_row(
        "GET",
        "/v1/models/a%2Fb",
        404,
        openai_error("invalid_request_error", "model_not_found", param="model"),
    ),
    path_row("HEAD", "/", 200, None),
    path_row("HEAD", "/api/hello", 200, None),
    path_row("GET", "/api/hello", 200, With(status="running")),
    path_row("HEAD", CHAT, 405, None, allow=Like(".*POST.*")),
]

# Azure's spelling, on either side.

AZURE = {"AZURE_API_VERSION": "2024-03-01-preview", "OPENAI_BASE_URL": "{upstream}"}
DEPLOYED = "/openai/deployments/m/chat/completions"


def azure_row(id: str, target: str, **settings: str) -> Case:
    received = to_chat(
        chat_fields(api_key=SERVER_KEY),
        max_tokens=...,
        max_completion_tokens=200,
    )
    received = type(received)(target, received.fields, received.body)
    return messages_row(f"C2 {id}", received=received, settings={**AZURE, **settings})


def deployed_row(id: str, target: str, body: dict, *fields, model="m", status=200) -> Case:
    step = Step(
        ask(target, body, *fields, key=None),
        status,
        completion(model=model)
        if status == 200
        else openai_error("invalid_request_error", "invalid_api_key"),
        (ANSWERED,) if status == 200 else (),
        (to_anthropic(model=model),) if status == 200 else (),
    )
    return Case(f"0.4 {id}", ANTHROPIC, (step,))


ANSWERED = Reply(
    {
        "id": "msg_of_the_upstream",
        "type": "message",
        "role": "assistant",
        "model": "name-of-the-upstream",
        "content": [text("and the canary was answered")],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
)
AS_API_KEY = ("api-key", CLIENT_KEY)

AZURE_ROWS = [
    azure_row(
        "Azure by the resource",
        "/openai/deployments/middle-1/chat/completions?api-version=2024-03-01-preview",
    ),
    azure_row(
        "Azure by the deployment (C-22)",
        "/openai/deployments/d/chat/completions?api-version=2024-03-01-preview",
        OPENAI_BASE_URL="{upstream}/openai/deployments/d",
    ),
    azure_row(
        "Azure's v1",
        "/openai/v1/chat/completions?api-version=preview",
        OPENAI_BASE_URL="{upstream}/openai/v1",
        AZURE_API_VERSION="preview",
    ),
    deployed_row("a deployment", f"{DEPLOYED}?api-version=1", chat_body(), AS_API_KEY),
    deployed_row(
        "a deployment names the model", f"{DEPLOYED}?api-version=1", chat_body(model=...), AS_API_KEY
    ),
    deployed_row("Azure's v1", "/openai/v1/chat/completions", chat_body(), AS_API_KEY),
    deployed_row("no key", DEPLOYED, chat_body(), status=401),
    deployed_row("api-key is Azure's alone", CHAT, chat_body(), AS_API_KEY, status=401),
]

# Names of models.

SIZES = {
    "gpt-5.1": "gpt-5.1",
    "o1": "o1",
    "o4-mini": "o4-mini",
    "chatgpt-4o-latest": "chatgpt-4o-latest",
    "ep-2024": "ep-2024",
    "doubao-x": "doubao-x",
    "gpt-oss:20b": "gpt-oss:20b",
    "claude-opus-haiku": "small-1",
    "CLAUDE-SONNET": "middle-1",
    "opus": "big-1",
}


def named_row(id: str, asked: str, sent: str, **settings: str) -> Case:
    return messages_row(
        f"C3 {id}",
        messages_body(model=asked),
        to_chat(model=sent),
        answer=message(model=asked),
        settings=settings,
    )


CHAIN = "a:b,b:c,claude-3-5-haiku:mini:latest, c : d "
NAMES = [
    *(named_row(asked, asked, sent) for asked, sent in SIZES.items()),
    named_row("an alias is looked up once", "a", "b", MODEL_ALIASES=CHAIN),
    named_row("an alias before its size", "claude-3-5-haiku", "mini:latest", MODEL_ALIASES=CHAIN),
    named_row("an alias among blanks", "c", "d", MODEL_ALIASES=CHAIN),
    named_row("an alias in another case is none", "A", "big-1", MODEL_ALIASES=CHAIN),
    named_row("MIDDLE is BIG where it is not said", "claude-sonnet-4", "b", BIG_MODEL="b", MIDDLE_MODEL=""),
    chat_row(
        "A2 the default is looked up too",
        chat_body(model=...),
        to_anthropic(model="real"),
        answer=completion(model=WORDS),
        settings={"DEFAULT_MODEL": "al", "MODEL_ALIASES": "al:real"},
    ),
]

# Keys (M5) and header fields.

KEY = CLIENT_KEY


def key_row(id: str, *fields, status: int = 200) -> Case:
    if status == 200:
        return chat_row(f"M5 {id}", received=to_anthropic(), key=None, more=fields)
    error = openai_error("invalid_request_error", "invalid_api_key", Like(".*Invalid API key.*"))
    return chat_row(f"M5 {id}", key=None, more=fields, status=status, answer=error)


KEYS = [
    key_row("x-api-key", ("x-api-key", KEY)),
    key_row("an empty x-api-key is none", ("x-api-key", ""), ("Authorization", f"Bearer {KEY}")),
    key_row("another scheme is ignored", ("x-api-key", KEY), ("Authorization", "Basic abc")),
    key_row("another scheme alone", ("Authorization", f"Basic {KEY}"), status=401),
    key_row("the bare word", ("Authorization", "Bearer"), status=401),
    key_row("blanks", ("Authorization", f"BEARER   {KEY} ")),
    key_row("a piece of a key", ("Authorization", f"Bearer {KEY[:-1]}"), status=401),
    key_row("more than a key", ("Authorization", f"Bearer {KEY}x"), status=401),
    messages_row(
        "D-35",
        received=to_chat(chat_fields(key=f"cpk_{MARK}"), model="claude-3-5-sonnet-20241022"),
        key=None,
        more=(("Authorization", "Basic abc"), ("x-api-key", f"cpk_{MARK}")),
        settings=FORWARD,
    ),
    messages_row(
        "C2 CUSTOM_HEADER_ over everything",
        received=to_chat(chat_fields(authorization="Token t", accept="*/*")),
        settings={"CUSTOM_HEADER_AUTHORIZATION": "Token t", "CUSTOM_HEADER_Accept": "*/*"},
    ),
    chat_row(
        "A2 extra fields of every kind",
        received=to_anthropic(
            {
                **to_anthropic().fields,
                "x-n": "5",
                "x-b": "true",
                "x-o": '{"a":1}',
                "anthropic-beta": "b1",
            }
        ),
        settings={
            "UPSTREAM_EXTRA_HEADERS_JSON": json.dumps(
                {"x-n": 5, "x-b": True, "x-o": {"a": 1}, "Anthropic-Beta": "b1", "authorization": "no"},
                separators=(",", ":"),
            )
        },
    ),
]

# Bodies that are not said to be JSON, and those that no web page may send without leave.

NO_JSON = openai_error("invalid_request_error", "unsupported_media_type")
NO_JSON_THERE = anthropic_error("invalid_request_error")


def typed_row(id: str, path: str, *fields, refusal=None) -> Case:
    body = chat_body() if path == CHAT else messages_body()
    ask = Ask("POST", path, [*fields, ("x-api-key", CLIENT_KEY)], json.dumps(body).encode())
    answer = refusal or (completion() if path == CHAT else message())
    reply, sent = (ANSWERED, to_anthropic()) if path == CHAT else (completion_reply(), to_chat())
    told = {"access-control-allow-origin": "https://b.example"} if FROM_A_PAGE in fields else {}
    replies, received = ((), ()) if refusal else ((reply,), (sent,))
    step = Step(ask, 415 if refusal else 200, answer, replies, received, told)
    return Case(f"A-12 {id}", {**OPENAI, **ANTHROPIC, "ANTHROPIC_API_KEY": ""}, (step,))


FROM_A_PAGE = ("Origin", "https://b.example")
TYPES = [
    typed_row("a text", CHAT, ("Content-Type", "text/plain"), refusal=NO_JSON),
    typed_row("a form", CHAT, ("Content-Type", "application/x-www-form-urlencoded"), refusal=NO_JSON),
    typed_row("a text for Anthropic", MESSAGES, ("Content-Type", "text/plain"), refusal=NO_JSON_THERE),
    typed_row("a page that says nothing", CHAT, FROM_A_PAGE, refusal=NO_JSON),
    typed_row("nothing said", CHAT),
    typed_row("nothing said for Anthropic", MESSAGES),
    typed_row("JSON with words", CHAT, ("Content-Type", "Application/JSON; charset=utf-8")),
    typed_row("JSON of a kind", MESSAGES, ("Content-Type", "application/problem+json")),
]

ROWS = [*TYPES, *PATHS, *AZURE_ROWS, *NAMES, *KEYS]
