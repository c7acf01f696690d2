"""`claude-proxy smoke`: one real request to the upstream, or one of each kind through a running daemon."""

import json
import subprocess

import pytest

from support.daemon import BINARY, environment
from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import SERVER_KEY


def smoke(*arguments: str, **env: str) -> subprocess.CompletedProcess:
    command = [str(BINARY), "smoke", *arguments]
    return subprocess.run(command, env=environment(env), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("protocol", "model"),
    [(MESSAGES, "claude-3-5-sonnet-latest"), (CHAT, "gpt-4o-mini")],
    ids=["anthropic", "openai"],
)
def test_one_ping_goes_to_the_upstream(folder, upstream, protocol, model):
    config = folder / "smoke.env"
    config.write_text("".join(f"{name}={value}\n" for name, value in protocol.settings(upstream).items()))
    upstream.answer(lambda exchange: exchange.reply(200, protocol.reply, [JSON]))
    outcome = smoke("--config", str(config))
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.startswith("status 200\n{")
    [request] = upstream.requests
    assert request.head.get("authorization") == f"Bearer {SERVER_KEY}"
    body = json.loads(request.body)
    assert body["model"] == model and "ping" in request.body.decode()
    assert body["max_tokens"] == 128
    assert SERVER_KEY not in outcome.stdout + outcome.stderr


def test_an_upstreams_error_is_shown(folder, upstream):
    config = folder / "smoke.env"
    config.write_text(f"UPSTREAM_API_URL={upstream.url('/v1/messages')}\nUPSTREAM_API_KEY={SERVER_KEY}\n")
    upstream.answer(lambda exchange: exchange.reply(401, b'{"error":"no"}\x1b[2J' + b"x" * 600, [JSON]))
    outcome = smoke("--config", str(config))
    assert outcome.returncode == 1
    assert outcome.stdout.startswith('status 401\n{"error":"no"}') and "\x1b" not in outcome.stdout
    assert len(outcome.stdout) < 520


@pytest.mark.parametrize("text", ["UPSTREAM_API_URL=http://127.0.0.1:9/v1/messages\n", "", "UPSTREAM=demo\n"])
def test_without_key_or_upstream_nothing_is_asked(folder, text):
    config = folder / "smoke.env"
    config.write_text(text)
    outcome = smoke("--config", str(config))
    assert outcome.returncode == 2 and outcome.stderr


def test_a_running_daemon_is_asked_for_everything(start, folder):
    daemon = start("UPSTREAM=demo\n")
    config = folder / "smoke.env"
    config.write_text("")
    outcome = smoke("--all", "--url", f"http://127.0.0.1:{daemon.port}/", "--config", str(config))
    for kind in ["text", "stream", "tool", "image", "count_tokens"]:
        assert f"{kind}: ok, status 200\n" in outcome.stdout, outcome.stdout
    assert outcome.returncode == 0 and "all 5 answered" in outcome.stdout


def test_a_daemon_that_is_not_there_fails_every_trial(folder):
    config = folder / "smoke.env"
    config.write_text("")
    outcome = smoke("--all", "--url", "http://127.0.0.1:9", "--config", str(config))
    assert outcome.returncode == 1
    assert "5 of 5 failed" in outcome.stdout
