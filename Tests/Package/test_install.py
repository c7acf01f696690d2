"""What `apt install` leaves, and what `apt purge` does not."""

import os
import re
import shutil
import stat
import subprocess

import pytest

from booted.root import ROOT
from conftest import CONFIGURATION, SOCKETS, figure

UNITS = ["claude-proxy.service", *SOCKETS]


@pytest.mark.parametrize("said", ["", "Swift version 6.2.1 (swift-6.2.1-RELEASE)"])
def test_without_a_swift_that_is_new_enough_the_build_says_where_to_get_it(tmp_path, said):
    swift = tmp_path / "swift"
    swift.write_text(f"#!/bin/sh\necho '{said}'\n")
    swift.chmod(0o755)
    rules = ["make", "--file", ROOT / "packaging/debian/rules", "override_dh_auto_build", f"SWIFT={swift}"]
    clean = {name: value for name, value in os.environ.items() if name != "CLAUDE_PROXY_BINARY"}
    done = subprocess.run(rules, cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert done.returncode != 0
    assert "Swift 6.3 or later is needed" in done.stderr and "www.swift.org/install" in done.stderr


def test_lintian_has_nothing_to_say(package):
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", package], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("socket", SOCKETS)
def test_the_sockets_listen_from_now_on(fresh, socket):
    assert fresh.show(socket, "ActiveState") == "active"
    assert fresh.show(socket, "UnitFileState") == "enabled"


def test_the_service_waits_for_a_request_and_nothing_failed(fresh):
    assert fresh.show("claude-proxy.service", "ActiveState") == "inactive"
    assert fresh.show("claude-proxy.service", "UnitFileState") == "disabled"
    assert fresh.systemctl("--failed", "--quiet") == ""


def test_nothing_warned_in_the_journal(fresh):
    fresh.run("journalctl", "--sync")
    units = [f"--unit={unit}" for unit in UNITS]
    assert [entry["MESSAGE"] for entry in fresh.journal.read("--priority=warning", *units)] == []


def test_the_units_verify(fresh):
    done = fresh.run("systemd-analyze", "verify", "--man=no", *UNITS)
    assert done.stdout + done.stderr == ""


def test_the_sandbox_leaves_little_open(fresh):
    text = fresh.run("systemd-analyze", "security", "--no-pager", "claude-proxy.service").stdout
    exposure = float(re.search(r"Overall exposure level.*: ([\d.]+)", text).group(1))
    figure(f"exposure {exposure}")
    assert exposure <= 1.5


PROPERTIES = {
    "Type": "notify",
    "NotifyAccess": "main",
    "DynamicUser": "yes",
    "Restart": "on-failure",
    "TimeoutStopUSec": "30s",
    "TimeoutAbortUSec": "10s",
    "LimitNOFILE": "65536",
    "LimitCORE": "0",
    "TasksMax": "1024",
    "StateDirectory": "claude-proxy",
    "RuntimeDirectory": "",
    "SupplementaryGroups": "claude-proxy-conf",
    "StartLimitIntervalUSec": "0",
}


def test_systemd_has_understood_the_unit(fresh):
    text = fresh.run("systemctl", "show", f"--property={','.join(PROPERTIES)}", "claude-proxy.service").stdout
    assert dict(line.split("=", 1) for line in text.splitlines()) == PROPERTIES
    assert int(fresh.show("claude-proxy.service", "MemoryMax")) > 0


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
def test_who_may_what(fresh, path, mode, group):
    status = fresh.file(path).stat()
    number = fresh.run("getent", "group", group).stdout.split(":")[2]
    assert (oct(stat.S_IMODE(status.st_mode)), status.st_uid, str(status.st_gid)) == (oct(mode), 0, number)


def test_nginx_reaches_its_socket_and_not_the_admins(fresh):
    def status(path: str) -> str:
        curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"]
        words = ["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups", *curl]
        return fresh.run(*words, "--unix-socket", path, "http://x/livez", check=False).stdout

    assert status("/run/claude-proxy/nginx.sock") == "200"
    assert status("/run/claude-proxy-admin/admin.sock") == "000"


def test_without_an_upstream_requests_name_the_file_to_edit(fresh):
    reply = fresh.ask("POST", "/v1/messages", {"model": "m", "max_tokens": 1, "messages": []})
    assert reply.status == 503
    assert CONFIGURATION in reply.json()["error"]["message"]


def test_the_binary_is_stripped_and_brings_swift_along(fresh):
    assert fresh.run("claude-proxy", "version").stdout.startswith("claude-proxy 0.")
    symbols = subprocess.run(["nm", fresh.file("/usr/bin/claude-proxy")], capture_output=True, text=True)
    assert "no symbols" in symbols.stderr


def test_the_service_can_be_enabled_for_every_boot(fresh):
    fresh.systemctl("stop", "claude-proxy.service")
    fresh.systemctl("enable", "--now", "claude-proxy")
    assert fresh.show("claude-proxy.service", "ActiveState") == "active"
    assert fresh.systemctl("is-enabled", "claude-proxy.service", "claude-proxy.socket") == "enabled\nenabled"
    fresh.systemctl("disable", "--now", "claude-proxy.service")


def commands_of(section: str) -> list[str]:
    """The lines of a section's first block of the README, as typed, without remarks."""
    text = (ROOT / "README.md").read_text().split(f"\n## {section}\n", 1)[1]
    block = text.split("```sh\n", 1)[1].split("```", 1)[0]
    return [line.split("  #", 1)[0].strip() for line in block.splitlines() if line.strip()]


def test_the_readmes_installation_is_these_commands_and_no_others(bare, package):
    made, *commands = commands_of("Install")
    assert made == "make deb"
    bare.file("/var/tmp/dist").mkdir()
    shutil.copy(package, bare.file("/var/tmp/dist"))
    for command in commands:
        name, *words = command.removeprefix("sudo ").split()
        bare.run("env", "--chdir=/var/tmp", name, *words)
    assert bare.show("claude-proxy.service", "ActiveState") == "active"
    assert bare.show("claude-proxy.service", "UnitFileState") == "enabled"
    assert bare.ask("GET", "/livez").status == 200
