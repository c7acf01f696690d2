"""`claude-proxy explain`: what it prints is what is sent, byte for byte."""

import json
import re
import subprocess

import pytest

from support import sockets
from support.client import Client
from support.daemon import BINARY, environment
from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY, MARK, PROMPT, SERVER_KEY
from support.waiting import eventually

USER_ID = re.compile(rb"user_[0-9a-f]{64}_account__session_[0-9a-f-]{36}")
FRAMING = {"host", "content-length"}
TURN = {"role": "user", "content": PROMPT}
TOOL = {"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {}}}


def explain(*arguments: str, body: bytes = b"{}") -> subprocess.CompletedProcess:
    command = [str(BINARY), "explain", *arguments]
    return subprocess.run(command, input=body, env=environment({}), capture_output=True, timeout=20)


def anthropic(upstream, **more):
    url = upstream.url("/v1/messages?beta=true")
    return {"UPSTREAM_API_URL": url, "UPSTREAM_API_KEY": SERVER_KEY, **more}


def openai(upstream, **more):
    return {"OPENAI_BASE_URL": upstream.url("/v1"), "OPENAI_API_KEY": SERVER_KEY, **more}


def backend(upstream, **more):
    return {"BACKEND_URL": upstream.url("/v1/chat/completions"), **more}


CASES = {
    "chat to Messages": (
        anthropic,
        {"MODEL_ALIASES": "al:real", "UPSTREAM_X_APP": "", "UPSTREAM_ANTHROPIC_BETA": "b-1"},
        "/v1/chat/completions?max_tokens=77",
        {"model": "al", "messages": [TURN], "temperature": 0.3, "stop": ["x"], "seed": 7},
    ),
    "chat to Messages, streamed": (
        anthropic,
        {"DEFAULT_SYSTEM_PROMPT": "", "UPSTREAM_EXTRA_HEADERS_JSON": f'{{"x-vendor":"{SERVER_KEY}"}}'},
        "/v1/chat/completions",
        {"model": "m", "messages": [TURN], "stream": True, "tools": [{"type": "function", "function": TOOL}]},
    ),
    "Messages to chat": (
        openai,
        {"SMALL_MODEL": "tiny", "CUSTOM_HEADER_X_TEAM": "core", "MAX_TOKENS_LIMIT": "50"},
        "/v1/messages?beta=true",
        {"model": "claude-3-5-haiku", "max_tokens": 99, "messages": [TURN], "top_k": 5, "tools": [TOOL]},
    ),
    "Messages to a backend": (
        backend,
        {},
        "/v1/messages",
        {"model": "Org/M", "max_tokens": 9, "messages": [TURN], "stream": True},
    ),
    "Messages as they came": (
        anthropic,
        {"UPSTREAM_EXTRA_HEADERS_JSON": '{"x-vendor":"1"}'},
        "/v1/messages?beta=true",
        {"model": "m", "max_tokens": 9, "messages": [TURN], "unknown": [1.50]},
    ),
    "chat with an alias": (
        openai,
        {"MODEL_ALIASES": "al:real"},
        "/v1/chat/completions",
        {"model": "al", "messages": [TURN]},
    ),
}


def sent_and_explained(start, upstream, name):
    settings, more, path, body = CASES[name]
    body = json.dumps(body, indent=1).encode()
    reply = MESSAGES.reply if settings is anthropic else CHAT.reply
    upstream.answer(lambda exchange: exchange.reply(200, reply, [JSON]))
    daemon = start(settings(upstream, **more))
    fields = [JSON, ("anthropic-version", "2023-06-01"), ("x-api-key", CLIENT_KEY), ("x-mine", "1")]
    daemon.ask("POST", path, fields, body)
    options = ["--config", str(daemon.config), "--path", path, "--socket", "/nonexistent"]
    for name, value in fields:
        options += ["--header", f"{name}: {value}"]
    return upstream.requests[0], options, body


@pytest.mark.parametrize("name", CASES)
def test_the_bytes_explained_are_the_bytes_sent(start, upstream, name):
    request, options, body = sent_and_explained(start, upstream, name)
    told = explain("--raw", *options, body=body)
    assert told.returncode == 0, told.stderr
    assert USER_ID.sub(b"*", told.stdout) == USER_ID.sub(b"*", request.body)


@pytest.mark.parametrize("name", CASES)
def test_the_header_fields_explained_are_those_sent_and_no_key_is_shown(start, upstream, name):
    request, options, body = sent_and_explained(start, upstream, name)
    told = explain(*options, body=body)
    text, _, explained = told.stdout.partition(b"\nbody: ")[2].partition(b"\n")
    assert text == b"%d bytes" % len(request.body)
    assert USER_ID.sub(b"*", explained) == USER_ID.sub(b"*", request.body) + b"\n"
    head = told.stdout.partition(b"\nbody: ")[0].decode()
    assert MARK not in head and MARK.encode() not in told.stderr
    lines = head.partition("\nheaders:\n")[2].partition("\nlosses")[0].split("\n")
    shown = dict(line.strip().split(": ", 1) for line in lines)
    sent = {name: value for name, value in request.head.fields if name.lower() not in FRAMING}
    assert shown.keys() == sent.keys()
    assert all(value in (sent[name], "***") for name, value in shown.items())
    # A query may hold a key, so all that is said of it is that there is one.
    url = f"http://127.0.0.1:{upstream.port}{request.target.partition('?')[0]}"
    assert f"\nurl: {url}{'?...' if '?' in request.target else ''}\n" in head


def test_rules_losses_and_what_varies_are_told(start, upstream):
    _, options, body = sent_and_explained(start, upstream, "chat to Messages")
    text = explain(*options, body=body).stdout.decode()
    assert "model: al -> real (MODEL_ALIASES)" in text
    assert "profile: anthropic (host and model)" in text
    assert "tokens: at most 16384" in text
    assert "  dropped seed: " in text
    assert "metadata.user_id: made by the daemon" in text


def test_the_running_daemon_is_not_needed_and_no_key_is(folder):
    config = folder / "explained.env"
    config.write_text(f"OPENAI_API_KEY={SERVER_KEY}\nALLOWED_API_KEYS={CLIENT_KEY}\n")
    body = json.dumps({"model": "claude-opus", "max_tokens": 5, "messages": [TURN]}).encode()
    told = explain("--config", str(config), "--socket", "/nonexistent", body=body)
    text = told.stdout.decode()
    assert told.returncode == 0, told.stderr
    assert "key: none was given; an accepted one is assumed" in text
    assert "model: claude-opus -> gpt-4o" in text and "the upstream's own list of models is not known" in text
    assert MARK not in text.partition("\nbody: ")[0]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/messages", b"{bad", 400),
        ("/v1/messages", b'{"model":"m","max_tokens":-1,"messages":[]}', 400),
        ("/nothing", b"{}", 404),
    ],
)
def test_what_would_not_be_sent_is_told_as_the_client_would_hear_it(folder, path, body, status):
    config = folder / "explained.env"
    config.write_text(f"OPENAI_API_KEY={SERVER_KEY}\n")
    told = explain("--config", str(config), "--path", path, "--socket", "/nonexistent", body=body)
    assert told.returncode == 1
    assert f"answered here: status {status}" in told.stdout.decode()


def test_a_bad_configuration_is_not_explained(folder):
    config = folder / "explained.env"
    config.write_text("PORT=abc\n")
    told = explain("--config", str(config))
    assert (told.returncode, told.stdout) == (2, b"")
    assert b"check" in told.stderr


def with_admin(start, folder, settings):
    """A daemon on passed sockets: its client's, and the path of the administrator's."""
    public = sockets.tcp()
    path = folder / "admin.sock"
    daemon = start(settings, sockets={"claude-proxy.socket": public, "admin": sockets.unix(path)})
    return daemon, public.getsockname(), path


def test_the_running_daemon_says_which_models_there_are(start, folder, upstream):
    listed = {"object": "list", "data": [{"id": "Org/Model-X", "object": "model", "owned_by": "vllm"}]}
    upstream.catalogue = lambda exchange: exchange.reply(200, json.dumps(listed).encode(), [JSON])
    upstream.answer(lambda exchange: exchange.reply(200, CHAT.reply, [JSON]))
    daemon, _, admin = with_admin(start, folder, openai(upstream))
    body = json.dumps({"model": "org/model-x", "max_tokens": 5, "messages": [TURN]}).encode()

    def explained() -> str:
        options = ["--config", str(daemon.config), "--socket", str(admin)]
        return explain(*options, body=body).stdout.decode()

    assert eventually(lambda: "model: org/model-x -> Org/Model-X (the upstream's own list)" in explained())
    text = explained()
    assert "profile: vllm (the upstream's own list)" in text
    assert "varies: nothing" in text


def test_the_running_daemon_says_which_user_it_is(start, folder, upstream):
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    daemon, address, admin = with_admin(start, folder, anthropic(upstream))
    body = json.dumps({"model": "m", "messages": [TURN]}).encode()
    with Client(address) as client:
        client.ask("POST", "/v1/chat/completions", [JSON], body)
    path = ["--path", "/v1/chat/completions"]
    told = explain("--raw", "--config", str(daemon.config), "--socket", str(admin), *path, body=body)
    assert USER_ID.search(told.stdout)
    assert told.stdout == upstream.requests[0].body


def test_the_running_daemon_says_what_its_upstream_has_refused(start, folder, upstream):
    def answer(exchange) -> None:
        if b'"temperature"' in exchange.request.body:
            return exchange.reply(400, b'{"error":{"message":"Unknown parameter: temperature"}}', [JSON])
        return exchange.reply(200, CHAT.reply, [JSON])

    upstream.answer(answer)
    daemon, address, admin = with_admin(start, folder, openai(upstream, MAX_RETRIES="0"))
    asked = {"model": "claude-opus", "max_tokens": 5, "messages": [TURN], "temperature": 0.5}
    body = json.dumps(asked).encode()
    with Client(address) as client:
        assert client.ask("POST", "/v1/messages", [JSON], body).status == 200
    options = ["--config", str(daemon.config), "--socket", str(admin)]
    assert explain("--raw", *options, body=body).stdout == upstream.requests[-1].body
    told = explain(*options, body=body).stdout.decode()
    assert (
        "dropped temperature: the upstream takes no sampling parameters" in told and "varies: nothing" in told
    )
    options = ["--config", str(daemon.config), "--socket", "/nonexistent"]
    assert "refused before are not known here" in explain(*options, body=body).stdout.decode()


def test_what_the_daemon_keeps_of_earlier_turns_is_said_to_vary(folder):
    config = folder / "explained.env"
    config.write_text("UPSTREAM_API_URL=http://127.0.0.1:9/v1/messages\nUPSTREAM_API_KEY=a-key-of-mine\n")
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    turns = [TURN, {"role": "assistant", "content": None, "tool_calls": [call]}]
    turns += [{"role": "tool", "tool_call_id": "c1", "content": "r"}]
    body = json.dumps({"model": "m", "messages": turns, "tools": [{"type": "function", "function": TOOL}]})
    options = ["--config", str(config), "--path", "/v1/chat/completions", "--socket", "/nonexistent"]
    told = explain(*options, body=body.encode()).stdout.decode()
    assert "messages: what the daemon keeps of reasoning before earlier calls (1) is put back" in told
