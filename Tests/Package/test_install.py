"""What `apt install` leaves, and what `apt purge` does not."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from booted.machine import Machine
from booted.root import ROOT, base
from conftest import CONFIGURATION, SOCKETS

UNITS = ["claude-proxy.service", *SOCKETS]


def test_lintian_has_nothing_to_say(package):
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", package], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("socket", SOCKETS)
def test_the_sockets_listen_from_now_on(installed, socket):
    assert installed.show(socket, "ActiveState") == "active"
    assert installed.show(socket, "UnitFileState") == "enabled"


def test_the_service_waits_for_a_request_and_nothing_failed(installed):
    assert installed.show("claude-proxy.service", "ActiveState") == "inactive"
    assert installed.show("claude-proxy.service", "UnitFileState") == "disabled"
    assert installed.systemctl("--failed", "--quiet") == ""


def test_nothing_warned_in_the_journal(installed):
    installed.run("journalctl", "--sync")
    units = [f"--unit={unit}" for unit in UNITS]
    assert [entry["MESSAGE"] for entry in installed.journal.read("--priority=warning", *units)] == []


def test_the_units_verify(installed):
    done = installed.run("systemd-analyze", "verify", "--man=no", *UNITS)
    assert done.stdout + done.stderr == ""


def test_the_sandbox_leaves_little_open(installed):
    text = installed.run("systemd-analyze", "security", "--no-pager", "claude-proxy.service").stdout
    exposure = float(re.search(r"Overall exposure level.*: ([\d.]+)", text).group(1))
    print(f"exposure {exposure}")
    assert exposure <= 1.5


@pytest.mark.parametrize(
    ("path", "mode", "group"),
    [
        ("/etc/claude-proxy", 0o755, "root"),
        (CONFIGURATION, 0o640, "claude-proxy-conf"),
        ("/etc/claude-proxy/conf.d", 0o750, "claude-proxy-conf"),
        ("/run/claude-proxy/nginx.sock", 0o660, "www-data"),
        ("/run/claude-proxy-admin/admin.sock", 0o660, "adm"),
        ("/usr/bin/claude-proxy", 0o755, "root"),
    ],
)
def test_who_may_what(installed, path, mode, group):
    status = installed.file(path).stat()
    number = installed.run("getent", "group", group).stdout.split(":")[2]
    assert (oct(stat.S_IMODE(status.st_mode)), status.st_uid, str(status.st_gid)) == (oct(mode), 0, number)


def test_nginx_reaches_its_socket_and_not_the_admins(installed):
    def status(path: str) -> str:
        curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
        words = ["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups", *curl]
        return installed.run(*words, "--unix-socket", path, "http://x/livez", check=False).stdout

    assert status("/run/claude-proxy/nginx.sock") == "200"
    assert status("/run/claude-proxy-admin/admin.sock") == "000"


def test_without_an_upstream_requests_name_the_file_to_edit(installed):
    reply = installed.ask("POST", "/v1/messages", {"model": "m", "max_tokens": 1, "messages": []})
    assert reply.status == 503
    assert CONFIGURATION in reply.json()["error"]["message"]


def test_the_binary_is_stripped_and_brings_swift_along(installed):
    assert installed.run("claude-proxy", "version").stdout.startswith("claude-proxy 0.")
    symbols = subprocess.run(["nm", installed.file("/usr/bin/claude-proxy")], capture_output=True, text=True)
    assert "no symbols" in symbols.stderr


def test_the_service_can_be_enabled_for_every_boot(installed):
    installed.systemctl("stop", "claude-proxy.service")
    installed.systemctl("enable", "--now", "claude-proxy")
    assert installed.show("claude-proxy.service", "ActiveState") == "active"
    assert (
        installed.systemctl("is-enabled", "claude-proxy.service", "claude-proxy.socket") == "enabled\nenabled"
    )
    installed.systemctl("disable", "--now", "claude-proxy.service")


@pytest.fixture
def other():
    """A second machine without the package."""
    machine = Machine(base())
    yield machine
    machine.end()


def commands_of(section: str) -> list[str]:
    """The lines of a section's first block of the README, as typed, without remarks."""
    text = (ROOT / "README.md").read_text().split(f"\n## {section}\n", 1)[1]
    block = text.split("```sh\n", 1)[1].split("```", 1)[0]
    return [line.split("  #", 1)[0].strip() for line in block.splitlines() if line.strip()]


def test_the_readmes_installation_is_these_commands_and_no_others(other, package):
    made, *commands = commands_of("Install")
    assert made == "make deb"
    other.file("/var/tmp/dist").mkdir()
    shutil.copy(package, other.file("/var/tmp/dist"))
    for command in commands:
        name, *words = command.removeprefix("sudo ").split()
        other.run("env", "--chdir=/var/tmp", name, *words)
    assert other.show("claude-proxy.service", "ActiveState") == "active"
    assert other.show("claude-proxy.service", "UnitFileState") == "enabled"
    assert other.ask("GET", "/livez").status == 200


def files(machine: Machine) -> set[str]:
    """All names on the disk but those of logs and of apt's and dpkg's own notes."""
    passing = (
        "/var/log",
        "/var/cache",
        "/var/lib/dpkg",
        "/var/lib/apt",
        "/var/lib/systemd/deb-systemd",
        "/var/lib/systemd/timers",
        "/var/tmp",
    )
    mounts = {"/proc", "/sys", "/run", "/dev", "/tmp"}
    found = set()
    root = str(machine.file("/")).rstrip("/")
    for folder, names, entries in os.walk(root):
        place = folder.removeprefix(root)
        names[:] = [name for name in names if f"{place}/{name}" not in mounts]
        found.update(f"{place}/{name}" for name in [*names, *entries])
    return {path for path in found if not path.startswith(passing)}


def test_purge_leaves_nothing(other, package):
    # On a host without nginx.
    other.run("apt-get", "purge", "--yes", "-qq", "nginx", "nginx-common")
    before = files(other)
    other.install(package)
    other.file("/etc/claude-proxy/conf.d/own.env").write_text("UPSTREAM=demo\n")
    assert other.ask("GET", "/livez").status == 200
    other.run("apt-get", "purge", "--yes", "-qq", "claude-proxy")
    assert sorted(files(other) - before - {"/etc/group-", "/etc/gshadow-"}) == []
    with pytest.raises(ConnectionRefusedError):
        other.connect(5000)
