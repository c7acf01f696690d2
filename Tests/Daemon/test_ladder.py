"""What becomes of a thread that falls silent: real threads, wedged by debug faults over the admin socket."""

import signal
import time

import pytest

from support import sockets
from support.client import Client
from support.process import thread_names
from support.waiting import DEADLINE, eventually

SILENCE_SECONDS = 2


@pytest.fixture
def passed(folder):
    return {"claude-proxy.socket": sockets.tcp(), "admin": sockets.unix(folder / "admin.sock")}


class Ladder:
    """A daemon that may be told to misbehave."""

    def __init__(self, daemon, passed):
        self.daemon = daemon
        self.admin = passed["admin"].getsockname()
        self.address = passed["claude-proxy.socket"].getsockname()

    def fault(self, name: str) -> None:
        with Client(self.admin) as client:
            assert client.ask("POST", f"/admin/fault/{name}").status == 202

    def serves(self) -> bool:
        with Client(self.address) as client:
            return client.ask("GET", "/livez").status == 200

    def workers(self) -> list[str]:
        return [name for name in thread_names(self.daemon.pid) if name.startswith("worker")]


@pytest.fixture
def ladder(start, passed, notify):
    def ladder(**settings: str) -> Ladder:
        settings = {
            "UPSTREAM": "demo",
            "DEBUG_FAULTS": "true",
            "GUNICORN_TIMEOUT": str(SILENCE_SECONDS),
            "LOG_LEVEL": "debug",
            **settings,
        }
        daemon = start(settings, sockets=passed, notify=notify)
        notify.wait_for("READY=1")
        return Ladder(daemon, passed)

    return ladder


def test_a_wedged_worker_is_replaced_and_the_service_goes_on(ladder):
    ladder = ladder()
    before = set(ladder.workers())
    ladder.fault("wedge-worker")
    line = ladder.daemon.wait_for_log(r"WORKER TIMEOUT \(worker:\d+\)")
    assert "CRITICAL" in line
    assert eventually(lambda: len(set(ladder.workers()) - before) == 1), ladder.workers()
    assert all(ladder.serves() for _ in range(20))


CLASSES = [
    {"GUNICORN_WORKER_CLASS": "async"},
    {"GUNICORN_WORKER_CLASS": "gthread", "GUNICORN_THREADS": "4"},
    {"GUNICORN_WORKER_CLASS": "sync"},
]


# Measured: two seconds in which a busy machine lets a thread not run are silence as well.
@pytest.mark.measured
@pytest.mark.parametrize("settings", CLASSES, ids=lambda settings: settings["GUNICORN_WORKER_CLASS"])
def test_the_ladder_is_the_same_in_each_class_with_a_timeout_of_a_second(ladder, settings):
    ladder = ladder(GUNICORN_TIMEOUT="1", **settings)
    ladder.daemon.may_crash = True
    before = set(ladder.workers())
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log(r"WORKER TIMEOUT \(worker:\d+\): silent for \d\d\d\d+ ms")
    assert eventually(lambda: len(set(ladder.workers()) - before) == 1), ladder.workers()
    assert all(ladder.serves() for _ in range(10))
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("a second worker fell silent")
    assert ladder.daemon.wait() == -signal.SIGABRT


def test_what_a_worker_had_not_opened_yet_is_given_to_others(ladder):
    ladder = ladder(GUNICORN_WORKERS="1")
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("debug fault wedge-worker")
    # The only worker gets these, and never looks into its inbox again.
    clients = [Client(ladder.address) for _ in range(5)]
    for client in clients:
        client.request("GET", "/livez")
    for client in clients:
        assert client.response().status == 200
        client.close()
    ladder.daemon.wait_for_log("WORKER TIMEOUT")


def test_a_worker_held_up_in_a_system_call_is_interrupted_and_ends_itself(ladder):
    ladder = ladder()
    ladder.fault("stall-worker")
    line = ladder.daemon.wait_for_log("WORKER TIMEOUT")
    number = line.partition("worker:")[2].partition(")")[0]
    ladder.daemon.wait_for_log(f"worker {number} has ended")
    assert eventually(lambda: f"worker-{number}" not in ladder.workers())
    ladder.daemon.wait_for_log(r"\[WARNING\] slow turn: \d\d\d\d+ ms in which other requests waited")
    assert eventually(lambda: len(ladder.workers()) == 2)
    # It is forgotten: another one that falls silent is the first again.
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("WORKER TIMEOUT", after=ladder.daemon.log.index(line) + 1)
    assert ladder.serves()


# Measured: ThreadSanitizer takes part in the end of a process that aborts, and changes its status.
@pytest.mark.measured
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("wedge-two-workers", "a second worker fell silent while one was abandoned"),
        ("wedge-acceptor", "the acceptor fell silent"),
    ],
)
def test_what_cannot_be_mended_inside_is_said_and_then_the_process_gives_itself_up(ladder, fault, reason):
    ladder = ladder()
    ladder.daemon.may_crash = True
    ladder.fault(fault)
    assert "CRITICAL" in ladder.daemon.wait_for_log(reason)
    assert ladder.daemon.wait() == -signal.SIGABRT


@pytest.mark.measured
def test_a_second_worker_wedged_later_gives_the_process_up_too(ladder):
    ladder = ladder()
    ladder.daemon.may_crash = True
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("WORKER TIMEOUT")
    assert eventually(lambda: len(ladder.workers()) == 3)
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("a second worker fell silent")
    assert ladder.daemon.wait() == -signal.SIGABRT


@pytest.mark.measured
@pytest.mark.parametrize("fault", ["trap", "segv", "fatal-error"])
def test_a_fault_of_the_program_ends_it_and_the_log_says_which(ladder, fault):
    ladder = ladder()
    ladder.daemon.may_crash = True
    ladder.fault(fault)
    ladder.daemon.wait_for_log(f"debug fault {fault}")
    assert ladder.daemon.wait() in (-signal.SIGILL, -signal.SIGTRAP, -signal.SIGSEGV, -signal.SIGABRT)


def test_a_stop_does_not_wait_for_a_worker_that_was_given_up(ladder):
    ladder = ladder()
    ladder.fault("wedge-worker")
    ladder.daemon.wait_for_log("WORKER TIMEOUT")
    ladder.daemon.signal(signal.SIGTERM)
    assert ladder.daemon.wait() == 0


def test_a_stop_ends_in_spite_of_a_silent_acceptor(ladder):
    ladder = ladder(GUNICORN_TIMEOUT="0")
    ladder.fault("wedge-acceptor")
    ladder.daemon.wait_for_log("debug fault wedge-acceptor")
    ladder.daemon.signal(signal.SIGTERM)
    assert ladder.daemon.wait() == 0


@pytest.mark.parametrize("fault", ["wedge-worker", "wedge-acceptor"])
def test_with_timeout_0_the_watchdog_is_told_no_more(start, passed, notify, fault):
    settings = {"UPSTREAM": "demo", "DEBUG_FAULTS": "true", "GUNICORN_TIMEOUT": "0"}
    env = {"WATCHDOG_USEC": "400000"}
    daemon = start(settings, env=env, sockets=passed, notify=notify)
    notify.wait_for_count("WATCHDOG=1", 3)
    Ladder(daemon, passed).fault(fault)
    daemon.wait_for_log("the watchdog is told no more")
    told = len(notify.wait_for_count("WATCHDOG=1", 3))
    assert not eventually(
        lambda: len(notify.wait_for_count("WATCHDOG=1", told)) > told, deadline=1.0, every=0.1
    )


def test_a_worker_that_only_waits_is_not_silent(ladder):
    """An idle worker turns once a second, so a timeout above that never hits it."""
    ladder = ladder()
    started = time.monotonic()
    assert not eventually(lambda: "WORKER TIMEOUT" in ladder.daemon.text, deadline=2 * SILENCE_SECONDS)
    assert time.monotonic() - started < DEADLINE
    assert ladder.serves()


def test_faults_exist_only_on_the_admin_socket_and_only_with_debug_faults(ladder, start, folder):
    ladder = ladder()
    with Client(ladder.address) as client:
        assert client.ask("POST", "/admin/fault/trap").status == 404
    with Client(ladder.admin) as client:
        assert client.ask("POST", "/admin/fault/other").status == 404
        assert client.ask("GET", "/admin/fault/trap", ()).status == 404
    other = {"claude-proxy.socket": sockets.tcp(), "admin": sockets.unix(folder / "other.sock")}
    start({"UPSTREAM": "demo"}, sockets=other)
    with Client(str(folder / "other.sock")) as client:
        assert client.ask("POST", "/admin/fault/trap").status == 404
