"""What systemd does about a daemon that hangs or crashes."""

from booted.waiting import eventually

SERVICE = "claude-proxy.service"


def test_the_watchdog_is_on_as_packaged(machine):
    machine.systemctl("start", SERVICE)
    assert machine.show(SERVICE, "WatchdogUSec") == "20s"


def test_pings_come_in_time_and_keep_it_running(machine):
    machine.drop_in(SERVICE, "[Service]", "WatchdogSec=3")
    machine.systemctl("start", SERVICE)
    own = machine.show(SERVICE, "MainPID")
    pings = {machine.show(SERVICE, "WatchdogTimestampMonotonic")}

    def several() -> bool:
        pings.add(machine.show(SERVICE, "WatchdogTimestampMonotonic"))
        return max(map(int, pings)) - min(map(int, pings)) > 4_000_000

    assert eventually(several), "no ping came after the first interval"
    assert machine.show(SERVICE, "MainPID") == own
    assert machine.show(SERVICE, "NRestarts") == "0"


def test_a_hung_daemon_is_aborted_and_started_again(machine):
    machine.drop_in(SERVICE, "[Service]", "WatchdogSec=3", "TimeoutAbortSec=2")
    machine.systemctl("start", SERVICE)
    since = machine.journal.now()
    machine.kill("STOP")
    machine.journal.wait(since, lambda entry: "Watchdog timeout" in entry["MESSAGE"])
    assert machine.ask("GET", "/livez").status == 200
    assert machine.show(SERVICE, "NRestarts") == "1"
    assert machine.show("claude-proxy.socket", "ActiveState") == "active"


def test_a_crashed_daemon_is_started_again_and_no_client_is_refused(machine):
    machine.systemctl("start", SERVICE)
    since = machine.journal.now()
    machine.kill("SEGV")
    # Until it is dead it may still accept, and what it has accepted dies with it.
    machine.journal.wait(since, lambda entry: "status=11/SEGV" in entry["MESSAGE"])
    assert machine.ask("GET", "/livez").status == 200
    machine.journal.wait(since, lambda entry: entry["MESSAGE"].startswith("ready: "))
    assert machine.show(SERVICE, "NRestarts") == "1"


def test_many_crashes_do_not_take_the_sockets_down(machine):
    machine.systemctl("start", SERVICE)
    for count in range(1, 8):
        machine.kill("SEGV")
        assert eventually(lambda count=count: machine.show(SERVICE, "NRestarts") == str(count))
        assert machine.ask("GET", "/livez").status == 200
    assert machine.show("claude-proxy.socket", "ActiveState") == "active"
