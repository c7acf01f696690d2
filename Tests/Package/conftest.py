"""Fixtures: the package, and machines it is installed on."""

import os
import pathlib
import subprocess

import pytest

from booted import root
from booted.machine import Machine

CONFIGURATION = "/etc/claude-proxy/claude-proxy.env"
SOCKETS = ["claude-proxy.socket", "claude-proxy-8082.socket", "claude-proxy-admin.socket"]


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


@pytest.fixture(scope="module")
def bare():
    """A machine without the package."""
    machine = Machine(root.base())
    yield machine
    machine.end()


@pytest.fixture(scope="module")
def installed(bare, package) -> Machine:
    """A machine on which nothing was done but the installation, shared by a file of tests."""
    bare.install(package)
    return bare


def configure(machine: Machine, *lines: str) -> None:
    machine.file(CONFIGURATION).write_text("".join(line + "\n" for line in lines))


@pytest.fixture
def machine(installed) -> Machine:
    """The service is stopped, its sockets listen, and the next start would be with the demo upstream."""
    installed.run("rm", "-rf", "/etc/systemd/system/claude-proxy.service.d")
    installed.systemctl("daemon-reload")
    installed.systemctl("stop", "claude-proxy.service")
    installed.systemctl("reset-failed")
    installed.systemctl(
        "start", "claude-proxy.socket", "claude-proxy-8082.socket", "claude-proxy-admin.socket"
    )
    configure(installed, "UPSTREAM=demo")
    return installed
