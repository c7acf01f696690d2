"""The subcommands an operator types."""

import dataclasses
import subprocess

import pytest

from support import sockets
from support.client import Client
from support.daemon import BINARY, environment
from support.protocols import MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY


@dataclasses.dataclass
class Outcome:
    status: int
    output: str
    errors: str

    @property
    def text(self) -> str:
        return self.output + self.errors


def run(*arguments: str, env: dict[str, str] | None = None) -> Outcome:
    command = [str(BINARY), *arguments]
    done = subprocess.run(command, env=environment(env or {}), capture_output=True, text=True, timeout=20)
    return Outcome(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def config(folder):
    return folder / "checked.env"


def test_check_accepts_a_good_file_and_says_what_follows(config):
    config.write_text(f"UPSTREAM_API_URL=http://127.0.0.1:9/v1/messages\nUPSTREAM_API_KEY={SERVER_KEY}\n")
    outcome = run("check", "--config", str(config))
    assert outcome.status == 0
    assert "http://127.0.0.1:9/v1/messages" in outcome.output
    assert SERVER_KEY not in outcome.text


def test_check_names_every_fault_of_a_bad_file(config):
    config.write_text("PORT=abc\n# fine\nGUNICORN_WORKERS=none\n")
    outcome = run("check", "--config", str(config))
    assert outcome.status == 1
    for line, key, value in [(1, "PORT", "abc"), (3, "GUNICORN_WORKERS", "none")]:
        assert f'{config}:{line}: {key}: "{value}"' in outcome.text


def test_check_shows_no_secret(config):
    config.write_text(f"UPSTREAM=demo\nALLOWED_API_KEYS={CLIENT_KEY}\nUPSTREAM_API_KEY={SERVER_KEY}\x01\n")
    outcome = run("check", "--config", str(config))
    assert CLIENT_KEY not in outcome.text and SERVER_KEY not in outcome.text


def test_check_misses_a_file_that_was_named(config):
    outcome = run("check", "--config", str(config))
    assert outcome.status == 1
    assert str(config) in outcome.text


def test_check_judges_a_public_bind(config):
    config.write_text("UPSTREAM_API_URL=http://127.0.0.1:9/v1/messages\nUPSTREAM_API_KEY=x\nHOST=0.0.0.0\n")
    assert run("check", "--config", str(config)).status == 1
    assert run("check", "--config", str(config), "--socket-activated").status == 0


@pytest.fixture
def served(start, upstream, folder, notify):
    """A daemon with an admin socket beside its own, and the paths of both."""
    passed = {"claude-proxy.socket": sockets.unix(folder / "open"), "admin": sockets.unix(folder / "admin")}
    settings = {**MESSAGES.settings(upstream), "ALLOWED_API_KEYS": CLIENT_KEY}
    daemon = start(settings, sockets=passed, notify=notify)
    notify.wait_for("READY=1")
    return daemon, str(folder / "open"), str(folder / "admin")


def test_reload_waits_until_the_new_settings_count(served, upstream):
    daemon, path, admin = served
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply))
    daemon.configure({**MESSAGES.settings(upstream), "ALLOWED_API_KEYS": OTHER_KEY})
    outcome = run("reload", "--socket", admin)
    assert outcome.status == 0, outcome
    with Client(path) as client:
        fields = MESSAGES.fields(("x-api-key", OTHER_KEY))
        assert client.ask("POST", MESSAGES.path, fields, MESSAGES.body()).status == 200


def test_reload_of_a_bad_file_says_where_and_why(served):
    daemon, _, admin = served
    daemon.configure("UPSTREAM=demo\nGUNICORN_WORKERS=x\n")
    outcome = run("reload", "--socket", admin)
    assert outcome.status == 1
    assert f'{daemon.config}:2: GUNICORN_WORKERS: "x"' in outcome.text


def test_reload_is_served_on_the_admin_socket_alone(served):
    _, path, _ = served
    assert run("reload", "--socket", path).status == 1
    with Client(path) as client:
        fields = [("x-api-key", CLIENT_KEY)]
        assert client.ask("POST", "/admin/reload", fields, b"").status == 404


def test_reload_without_a_daemon_says_so(folder):
    outcome = run("reload", "--socket", str(folder / "nobody"))
    assert outcome.status == 1
    assert str(folder / "nobody") in outcome.text


def test_version_is_what_health_shows(start):
    version = run("version").output.split()
    assert version[0] == "claude-proxy"
    assert start({"UPSTREAM": "demo"}).ask("GET", "/health").json()["version"] == version[1]


@pytest.mark.parametrize("arguments", [(), ("no-such-command",), ("serve", "--no-such-option")], ids=" ".join)
def test_a_wrong_word_is_status_2_and_shows_the_usage(arguments):
    outcome = run(*arguments)
    assert outcome.status == 2
    assert "usage: claude-proxy" in outcome.errors


@pytest.mark.parametrize("command", ["serve", "check", "reload"])
def test_help_is_no_error(command):
    outcome = run(command, "--help")
    assert outcome.status == 0
    assert f"usage: claude-proxy {command}" in outcome.output
