"""Restart and upgrade with long streams open, what an upgrade keeps, and what a purge leaves."""

import contextlib
import http.client
import json
import pathlib
import subprocess

import pytest

from booted import root
from booted.files import files
from booted.knocker import Knocker
from booted.machine import Machine
from booted.web import Connection
from conftest import CONFIGURATION, SOCKETS, configure, figure, settle

SERVICE = "claude-proxy.service"
GRACEFUL_SECONDS = 3
OWN = "/etc/claude-proxy/conf.d/own.env"
SNIPPET = "/etc/nginx/snippets/claude-proxy.conf"


STREAM = {
    "model": "demo",
    "max_tokens": 64,
    "stream": True,
    "messages": [{"role": "user", "content": "[pause 30000] one two three"}],
}
"""Ten minutes of it."""


def version(package: pathlib.Path) -> str:
    field = subprocess.run(["dpkg-deb", "-f", package, "Version"], check=True, capture_output=True, text=True)
    return field.stdout.strip()


@pytest.fixture(scope="module")
def next_package(package, tmp_path_factory) -> pathlib.Path:
    """The package of the next version: another program, and a sample file that has changed.

    The program says another version and is the same code otherwise: what a compiler makes of a source whose
    version alone has changed, without the minutes it takes. So a process tells which of the two it is.
    """
    folder = tmp_path_factory.mktemp("next")
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    old = version(package)
    new = old[:-1] + "n"
    program = tree / "usr/bin/claude-proxy"
    data = program.read_bytes()
    assert old.encode() in data
    program.write_bytes(data.replace(old.encode(), new.encode()))
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace(f"\nVersion: {old}\n", f"\nVersion: {new}\n"))
    sample = tree / CONFIGURATION.removeprefix("/")
    sample.write_text(sample.read_text() + "\n# A line of the next version.\n")
    made = folder / package.name.replace(old, new)
    build = ["dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", tree, made]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return made


def upgrade(machine: Machine, package: pathlib.Path) -> None:
    """As unattended-upgrades does it: whoever has changed a file keeps it."""
    machine.file(f"/var/tmp/{package.name}").write_bytes(package.read_bytes())
    keep = ["-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"]
    machine.run("apt-get", "install", "--yes", "-qq", "--allow-downgrades", *keep, f"/var/tmp/{package.name}")


class LongStreams:
    """One stream of each protocol whose first event has come."""

    def __init__(self, machine: Machine):
        self.connections: list[Connection] = []
        self.replies: list[http.client.HTTPResponse] = []
        for path in ("/v1/messages", "/v1/chat/completions"):
            connection = machine.open("POST", path, STREAM)
            reply = connection.response()
            assert reply.status == 200
            while not reply.readline().startswith(b"data: {"):
                pass
            self.connections.append(connection)
            self.replies.append(reply)

    def are_cut_with_an_error(self) -> bool:
        """Whether each ended with its own protocol's error as the last event."""
        messages, chat = (self.last(reply) for reply in self.replies)
        for connection in self.connections:
            connection.sock.close()
        return messages.get("type") == "error" and "message" in chat.get("error", {})

    @staticmethod
    def last(reply: http.client.HTTPResponse) -> dict:
        data: dict = {}
        # After an error the body has no proper end, for it is not whole.
        with contextlib.suppress(http.client.IncompleteRead):
            while line := reply.readline():
                data = json.loads(line[6:]) if line.startswith(b"data: {") else data
        return data


@pytest.fixture(scope="module")
def host(package):
    """A machine without nginx, so that what there is of it is the package's; and its files before that."""
    machine = Machine(root.base())
    machine.run("apt-get", "purge", "--yes", "-qq", "nginx", "nginx-common")
    before = files(machine)
    machine.install(package)
    yield machine, before
    machine.end()


@pytest.fixture
def machine(host) -> Machine:
    return settle(host[0])


@pytest.fixture
def patient(machine) -> Machine:
    """The service with a short patience for open streams at its end."""
    configure(machine, "UPSTREAM=demo", f"GUNICORN_GRACEFUL_TIMEOUT={GRACEFUL_SECONDS}")
    machine.systemctl("start", SERVICE)
    return machine


def test_a_restart_with_long_streams_refuses_nobody_and_is_over_in_time(patient):
    # One of three, for a machine that is busy with other things may stop anybody for a second.
    for _ in range(3):
        streams = LongStreams(patient)
        with Knocker(patient) as knocker:
            patient.systemctl("restart", SERVICE)
        assert set(knocker.answers) == {200}
        assert streams.are_cut_with_an_error()
        figure(f"restart with streams open: the slowest answer came after {knocker.slowest_seconds:.2f} s")
        if knocker.slowest_seconds < GRACEFUL_SECONDS + 1:
            return
    raise AssertionError("no restart of three was over in time")


def test_a_restart_without_streams_delays_nobody_by_more_than_a_second(patient):
    for _ in range(3):
        with Knocker(patient) as knocker:
            patient.systemctl("restart", SERVICE)
        assert set(knocker.answers) == {200}
        figure(f"restart without streams: the slowest answer came after {knocker.slowest_seconds:.2f} s")
        if knocker.slowest_seconds < 1:
            return
    raise AssertionError("no restart of three was over in time")


def running_version(machine: Machine) -> str:
    """Of the process that answers, not of the file."""
    return machine.ask("GET", "/health", at="/run/claude-proxy-admin/admin.sock").json()["version"]


def change(machine: Machine, what: str, packages: list[pathlib.Path], open_streams=None) -> None:
    """Installs the first of these over another one while clients come and go.

    The others follow only if that took too long, for a machine that is busy with other things may stop
    anybody for a second.
    """
    patience = 1 + (GRACEFUL_SECONDS if open_streams else 0)
    for package in packages:
        streams = open_streams and open_streams(machine)
        with Knocker(machine) as knocker:
            upgrade(machine, package)
        assert set(knocker.answers) == {200}
        assert streams is None or streams.are_cut_with_an_error()
        assert running_version(machine) == version(package)
        assert machine.run("dpkg-query", "-W", "claude-proxy").stdout.endswith(f"\t{version(package)}\n")
        figure(f"{what}: the slowest of {len(knocker.answers)} answers after {knocker.slowest_seconds:.2f} s")
        if knocker.slowest_seconds < patience:
            return
    raise AssertionError(f"no {what} was over in time")


def test_an_upgrade_keeps_what_is_local_and_refuses_nobody(patient, package, next_package):
    with patient.file(CONFIGURATION).open("a") as file:
        file.write("# a line of this host\n")
    patient.file(OWN).write_text("LOG_LEVEL=debug\n")
    patient.file(SNIPPET).write_text(patient.file(SNIPPET).read_text() + "# a line of this host\n")
    patient.run("chmod", "0600", CONFIGURATION)
    kept = {path: patient.file(path).read_text() for path in (CONFIGURATION, OWN, SNIPPET)}
    assert running_version(patient) == version(package)
    change(
        patient, "upgrade with ten-minute streams open", [next_package, package, next_package], LongStreams
    )
    assert {path: patient.file(path).read_text() for path in kept} == kept
    assert patient.file(CONFIGURATION).stat().st_mode & 0o777 == 0o600
    for socket in SOCKETS:
        assert patient.show(socket, "ActiveState") == "active"
        assert patient.show(socket, "UnitFileState") == "enabled"


def test_an_upgrade_without_streams_delays_nobody_by_more_than_a_second(patient, package, next_package):
    """Back to the first version, which is a change of program as well."""
    change(patient, "upgrade without streams", [package, next_package, package])


def test_an_upgrade_starts_no_service_that_was_not_running(machine, next_package):
    upgrade(machine, next_package)
    assert machine.show(SERVICE, "ActiveState") == "inactive"
    assert machine.ask("GET", "/livez").status == 200
    assert running_version(machine) == version(next_package)


def test_then_purge_leaves_nothing(host):
    machine, before = host
    machine.file(OWN).write_text("UPSTREAM=demo\n")
    assert machine.ask("GET", "/livez").status == 200
    machine.run("apt-get", "purge", "--yes", "-qq", "claude-proxy")
    # The copies that groupadd and its like make of what they change.
    assert sorted(files(machine) - before - {"/etc/group-", "/etc/gshadow-"}) == []
    assert "0 unit files" in machine.run("systemctl", "list-unit-files", "claude-proxy*", check=False).stdout
    with pytest.raises(ConnectionRefusedError):
        machine.connect(5000)
