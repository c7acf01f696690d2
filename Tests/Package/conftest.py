"""Fixtures: the package, and machines it is installed on."""

import os
import pathlib
import subprocess

import pytest

from booted import root
from booted.image import Image
from booted.machine import Machine
from booted.site import Site

CONFIGURATION = "/etc/claude-proxy/claude-proxy.env"
KEEPALIVE = "GUNICORN_KEEPALIVE=75"
"""As packaged: with less than nginx's own, a request could meet a connection that is just being closed."""
SOCKETS = ["claude-proxy.socket", "claude-proxy-8082.socket", "claude-proxy-admin.socket"]


FIGURES: list[str] = []


def figure(words: str) -> None:
    """Puts a measurement into the summary."""
    FIGURES.append(words)


def pytest_terminal_summary(terminalreporter):
    for words in FIGURES:
        terminalreporter.write_line(words)


def missing() -> str | None:
    """What this run is not allowed to do."""
    if os.geteuid() != 0:
        return "booting a container needs root"
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode:
        return "booting a container needs the right to mount"
    return None


def pytest_collection_modifyitems(items):
    if reason := missing():
        print(f"SKIPPED: {reason}")
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def package() -> pathlib.Path:
    """Another package than the one of this tree can be named by CLAUDE_PROXY_DEB."""
    if named := os.environ.get("CLAUDE_PROXY_DEB"):
        return pathlib.Path(named).resolve()
    built = subprocess.run([root.ROOT / "packaging/build-deb"], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(built.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def shared(package):
    """The machine most files of tests do their work on, one after another."""
    machine = Machine(root.base())
    machine.install(package)
    yield machine
    machine.end()


@pytest.fixture(scope="module")
def fresh(package):
    """A machine of one file's own on which nothing was done but the installation."""
    machine = Machine(root.base())
    machine.install(package)
    yield machine
    machine.end()


@pytest.fixture(scope="session")
def image(package):
    image = Image(root.base(), package)
    yield image
    image.end()


@pytest.fixture
def bare():
    """A machine without the package."""
    machine = Machine(root.base())
    yield machine
    machine.end()


@pytest.fixture(scope="session")
def nginx(shared) -> Site:
    return Site(shared)


@pytest.fixture
def site(nginx) -> Site:
    """nginx with the shipped site."""
    nginx.put(nginx.text)
    return nginx


def configure(machine: Machine, *lines: str) -> None:
    machine.file(CONFIGURATION).write_text("".join(line + "\n" for line in (*lines, KEEPALIVE)))


SETTLING = f"""
rm -rf /etc/claude-proxy/conf.d/*
if [ -e /etc/systemd/system/claude-proxy.service.d ]; then
  rm -r /etc/systemd/system/claude-proxy.service.d
  systemctl daemon-reload
fi
systemctl stop claude-proxy.service
systemctl reset-failed
systemctl start {" ".join(SOCKETS)}
"""


def settle(machine: Machine) -> Machine:
    """The service is stopped, its sockets listen, and the next start would be with the demo upstream."""
    machine.run("sh", "-euc", SETTLING)
    configure(machine, "UPSTREAM=demo")
    return machine


@pytest.fixture
def machine(shared) -> Machine:
    return settle(shared)
