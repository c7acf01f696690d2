"""What the service manager is told, and when."""

import itertools
import signal
import time

import pytest

from support.notify import NotifySocket

WATCHDOG_SECONDS = 0.4


def test_ready_comes_once_and_with_a_status(start, notify):
    start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")
    assert "2 workers, class async, up to 1000 requests each" in notify.wait_for_status("workers")


def test_a_socket_of_the_abstract_namespace_works_too(start):
    notify = NotifySocket(f"@claude-proxy-{time.monotonic_ns()}")
    start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")


@pytest.mark.measured
def test_the_watchdog_is_fed_at_least_twice_an_interval(start, notify):
    start({"UPSTREAM": "demo"}, env={"WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1_000_000))}, notify=notify)
    pings = notify.wait_for_count("WATCHDOG=1", 6)
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise(pings)]
    print(f"gaps {min(gaps):.3f} to {max(gaps):.3f} s")
    assert max(gaps) < WATCHDOG_SECONDS * 0.75
    assert sum(gaps) / len(gaps) <= WATCHDOG_SECONDS / 2


def test_without_a_watchdog_none_is_fed(start, notify):
    daemon = start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")
    daemon.signal(signal.SIGTERM)
    daemon.wait()
    assert not [message for message in notify.messages if "WATCHDOG=1" in message]


def test_a_reload_is_announced_with_its_time_and_ends_with_ready(start, notify):
    daemon = start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")
    count = len(notify.messages)
    before = time.monotonic()
    daemon.signal(signal.SIGHUP)
    reloading = notify.wait_for("RELOADING=1", after=count)
    announced = int(reloading.values["MONOTONIC_USEC"]) / 1e6
    assert before <= announced <= reloading.at
    assert notify.wait_for("READY=1", after=count).at >= reloading.at


def test_a_failed_reload_ends_with_ready_and_the_reason(start, notify):
    daemon = start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")
    count = len(notify.messages)
    daemon.configure({"GUNICORN_WORKERS": "x"})
    daemon.signal(signal.SIGHUP)
    notify.wait_for("READY=1", after=count)
    assert "GUNICORN_WORKERS" in notify.wait_for_status("Reload failed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stop_is_announced(start, notify, number):
    daemon = start({"UPSTREAM": "demo"}, notify=notify)
    notify.wait_for("READY=1")
    daemon.signal(number)
    notify.wait_for("STOPPING=1")
    assert daemon.wait() == 0
