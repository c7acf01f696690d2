"""What `claude-proxy client-config` prints, used as it stands."""

import subprocess
import sys

import pytest

from conftest import CLIENT_KEY
from programs.claude_code import ClaudeCode
from programs.process import run
from scripted import chat, messages
from scripted.turns import turn
from support.daemon import BINARY, environment

SHELLS = {
    "openai-sdk": (
        "import openai; answer = openai.OpenAI().chat.completions.create("
        "model='gpt-4o', messages=[{'role': 'user', 'content': 'Hello?'}]); "
        "print(answer.choices[0].message.content)"
    ),
    "anthropic-sdk": (
        "import anthropic; answer = anthropic.Anthropic().messages.create("
        "model='claude-sonnet-4-5', max_tokens=99, messages=[{'role': 'user', 'content': 'Hello?'}]); "
        "print(answer.content[0].text)"
    ),
}


def printed(daemon, program: str, **env: str) -> str:
    """The text for that program. The tests' daemon has taken any free port, so the address is told."""
    address = f"http://127.0.0.1:{daemon.port}"
    command = [BINARY, "client-config", program, "--config", daemon.config, "--url", address]
    done = subprocess.run(
        command, env=environment(env), capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout


@pytest.mark.client("Claude Code")
def test_claude_code(daemon, backend, tmp_path):
    """settings as `client-config` prints them"""
    claude = ClaudeCode(tmp_path, {})
    (claude.home / ".claude").mkdir()
    (claude.home / ".claude/settings.json").write_text(printed(daemon, "claude-code"))
    backend.turns(turn("Hello from the backend."))
    assert claude.run("Say hello.").answer() == "Hello from the backend."


@pytest.mark.parametrize("program", SHELLS)
@pytest.mark.parametrize(
    "keys", [{"ALLOWED_API_KEYS": f"{CLIENT_KEY},another-key"}, {}], ids=["keys", "open"]
)
@pytest.mark.parametrize("backend", [messages], ids=["Anthropic"], indirect=True)
def test_sdks(start, backend, keys, program, tmp_path):
    daemon = start(**backend.settings(), **keys)
    backend.turns(turn("Hello from the backend."))
    (tmp_path / "work").mkdir()
    (tmp_path / "program.py").write_text(SHELLS[program])
    script = f"{printed(daemon, program)}exec {sys.executable} {tmp_path}/program.py"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    ended = run(["sh", "-c", script], bare, tmp_path / "work")
    assert ended.output.strip() == "Hello from the backend.", ended.errors


@pytest.mark.parametrize("backend", [chat], ids=["Chat"], indirect=True)
def test_the_clients_own_key_where_it_is_sent_on(start, backend):
    settings = backend.settings()
    del settings["OPENAI_API_KEY"]
    daemon = start(**settings)
    assert "'sk-own-key'" in printed(daemon, "openai-sdk", CLAUDE_PROXY_KEY="sk-own-key")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        printed(daemon, "openai-sdk")
    assert "CLAUDE_PROXY_KEY" in refused.value.stderr


@pytest.mark.parametrize("backend", [messages], ids=["Anthropic"], indirect=True)
@pytest.mark.parametrize(
    ("listening", "address"),
    [
        ({"PORT": "5000"}, "http://127.0.0.1:5000"),
        ({"HOST": "0.0.0.0", "PORT": "8082"}, "http://127.0.0.1:8082"),
        ({"HOST": "::1"}, "http://[::1]:5000"),
    ],
)
def test_the_address_is_where_the_daemon_listens(backend, tmp_path, listening, address):
    config = tmp_path / "claude-proxy.env"
    settings = {**backend.settings(), **listening, "ALLOWED_API_KEYS": CLIENT_KEY}
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    command = [BINARY, "client-config", "anthropic-sdk", "--config", config]
    done = subprocess.run(
        command, env=environment({}), capture_output=True, text=True, timeout=20, check=True
    )
    assert f"export ANTHROPIC_BASE_URL='{address}'\n" in done.stdout
