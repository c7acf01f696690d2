"""Fixtures: the real binary between real client programs and scripted backends that judge what they get."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Daemon"))

import pytest

from programs.claude_code import ClaudeCode
from programs.process import PYTHON
from scripted.backend import DIALECTS, Backend
from support.daemon import BINARY, Daemon

CLIENT_KEY = "sk-client-key-0001"


def pytest_addoption(parser):
    parser.addoption("--write-matrix", action="store_true", help="refresh the table in the README")


def pytest_configure(config):
    config.addinivalue_line("markers", "client(name): the program that a test runs")


def pytest_sessionstart():
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} is not built; `make build`, or name one in CLAUDE_PROXY_BINARY")
    if not PYTHON.exists():
        raise pytest.UsageError("the client programs are not installed; scripts/install-client-deps does it")


@pytest.fixture
def start(tmp_path):
    """Starts daemons and ends them with the test."""
    running: list[Daemon] = []

    def start(**settings: str) -> Daemon:
        config = tmp_path / f"claude-proxy-{len(running)}.env"
        daemon = Daemon(config, settings, {"HOST": "127.0.0.1", "PORT": "0"})
        running.append(daemon)
        return daemon

    yield start
    for daemon in running:
        daemon.end()


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.NAME)
def backend(request):
    backend = Backend(request.param)
    yield backend
    backend.close()
    assert not backend.unexpected
    assert not backend.refused


@pytest.fixture
def daemon(start, backend) -> Daemon:
    return start(**backend.settings(), ALLOWED_API_KEYS=CLIENT_KEY)


@pytest.fixture
def claude(tmp_path, daemon):
    environment = {
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{daemon.port}",
        "ANTHROPIC_API_KEY": CLIENT_KEY,
    }
    claude = ClaudeCode(tmp_path, environment)
    yield claude
    claude.close()
