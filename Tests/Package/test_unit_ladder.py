"""What becomes of threads that fall silent and of faults of the program, from a worker up to systemd."""

import re

import pytest

from booted.knocker import Knocker
from conftest import configure, figure

SERVICE = "claude-proxy.service"
ADMIN = "/run/claude-proxy-admin/admin.sock"
WORKER_TIMEOUT = "106acc9bbd0a4c2ab4fbac280e67182a"
CRITICAL = "2"
SILENCE_SECONDS = 2
WATCHDOG_SECONDS = 3


def misbehaving(machine, *lines: str) -> str:
    """Starts the service so that it can be asked for faults; the place in the journal before them."""
    configure(machine, "UPSTREAM=demo", "DEBUG_FAULTS=true", *lines)
    machine.systemctl("start", SERVICE)
    return machine.journal.now()


def fault(machine, since: str, name: str, times: int = 1) -> None:
    """Asks for it, and returns when it has come over so many threads."""
    assert machine.ask("POST", f"/admin/fault/{name}", at=ADMIN).status == 202
    words = f"debug fault {name}"
    found = machine.journal.wait_for_count(since, times, lambda entry: words in entry["MESSAGE"])
    assert {entry["PRIORITY"] for entry in found} == {CRITICAL}


def restarted_once(machine) -> None:
    machine.expect(SERVICE, "NRestarts", "1")
    machine.expect(SERVICE, "ActiveState", "active")
    assert machine.show("claude-proxy.socket", "ActiveState") == "active"
    assert machine.ask("GET", "/livez").status == 200


def aborted(entry) -> bool:
    return re.search(r"Main process exited.*status=6/ABRT", entry["MESSAGE"]) is not None


def test_a_wedged_worker_is_replaced_and_nobody_notices(machine):
    since = misbehaving(machine, f"GUNICORN_TIMEOUT={SILENCE_SECONDS}")
    own = machine.show(SERVICE, "MainPID")
    fault(machine, since, "wedge-worker")
    with Knocker(machine) as knocker:
        entry = machine.journal.wait(since, lambda entry: entry.get("MESSAGE_ID") == WORKER_TIMEOUT)
    assert entry["PRIORITY"] == CRITICAL and "WORKER TIMEOUT" in entry["MESSAGE"]
    assert set(knocker.answers) == {200}
    assert (machine.show(SERVICE, "MainPID"), machine.show(SERVICE, "NRestarts")) == (own, "0")
    figure(f"a wedged worker: {len(knocker.answers)} requests, the slowest {knocker.slowest_seconds:.2f} s")


def test_two_wedged_workers_end_the_process_and_systemd_starts_the_next(machine):
    since = misbehaving(machine, f"GUNICORN_TIMEOUT={SILENCE_SECONDS}")
    fault(machine, since, "wedge-two-workers", times=2)
    with Knocker(machine) as knocker:
        reason = "a second worker fell silent while one was abandoned"
        entry = machine.journal.wait(since, lambda entry: reason in entry["MESSAGE"])
        machine.journal.wait(since, aborted)
        restarted_once(machine)
    assert entry["PRIORITY"] == CRITICAL
    # What the old process had taken in already ends with it; nobody was turned away.
    assert knocker.refusals == [] and knocker.answers[-1] == 200
    figure(f"two wedged workers: the slowest answer came after {knocker.slowest_seconds:.2f} s")


def test_a_wedged_acceptor_ends_the_process_and_who_waited_is_answered_by_the_next(machine):
    since = misbehaving(machine, f"GUNICORN_TIMEOUT={SILENCE_SECONDS}")
    fault(machine, since, "wedge-acceptor")
    with Knocker(machine, expects_soon=False) as knocker:
        entry = machine.journal.wait(since, lambda entry: "the acceptor fell silent" in entry["MESSAGE"])
        machine.journal.wait(since, aborted)
        restarted_once(machine)
    assert entry["PRIORITY"] == CRITICAL
    assert set(knocker.answers) == {200}
    figure(f"a wedged acceptor: the slowest answer came after {knocker.slowest_seconds:.2f} s")


@pytest.mark.parametrize("name", ["wedge-worker", "wedge-two-workers", "wedge-acceptor"])
def test_with_timeout_0_it_is_the_watchdog_that_ends_it(machine, name):
    machine.drop_in(SERVICE, "[Service]", f"WatchdogSec={WATCHDOG_SECONDS}")
    since = misbehaving(machine, "GUNICORN_TIMEOUT=0")
    fault(machine, since, name, times=2 if name == "wedge-two-workers" else 1)
    with Knocker(machine, expects_soon=False) as knocker:
        machine.journal.wait(since, lambda entry: "the watchdog is told no more" in entry["MESSAGE"])
        machine.journal.wait(since, lambda entry: "Watchdog timeout" in entry["MESSAGE"])
        machine.journal.wait(since, aborted)
        restarted_once(machine)
    assert knocker.refusals == []
    figure(f"watchdog after {name}: the slowest answer came after {knocker.slowest_seconds:.2f} s")


@pytest.mark.parametrize(
    ("name", "status"),
    [("trap", r"4/ILL|5/TRAP"), ("segv", r"11/SEGV"), ("fatal-error", r"4/ILL|5/TRAP|6/ABRT")],
)
def test_a_fault_of_the_program_restarts_it_and_no_connection_is_refused(machine, name, status):
    since = misbehaving(machine)
    with Knocker(machine) as knocker:
        fault(machine, since, name)
        exited = rf"Main process exited, code=(killed|dumped), status=({status})"
        machine.journal.wait(since, lambda entry: re.search(exited, entry["MESSAGE"]))
        restarted_once(machine)
    assert knocker.refusals == [] and knocker.answers[-1] == 200
    if name == "fatal-error":
        said = machine.journal.wait(since, lambda entry: "Fatal error: " in entry["MESSAGE"])
        assert "a debug fault was asked for" in said["MESSAGE"]
        assert (said["_TRANSPORT"], said["SYSLOG_IDENTIFIER"]) == ("stdout", "claude-proxy")


def test_faults_cannot_be_asked_for_as_packaged(machine):
    assert machine.ask("POST", "/admin/fault/trap", at=ADMIN).status == 404
    assert machine.ask("POST", "/admin/fault/trap").status in (401, 404)
