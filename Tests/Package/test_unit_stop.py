"""`systemctl stop` and `restart`: streams finish, clients wait and are not refused."""

import time

from booted.knocker import Knocker
from conftest import figure

SERVICE = "claude-proxy.service"


def turn(words: str) -> dict[str, str]:
    return {"role": "user", "content": words}


STREAM = {
    "model": "demo",
    "max_tokens": 64,
    "stream": True,
    "messages": [turn("[pause 150] one two three four five six")],
}


def test_stop_lets_an_open_stream_finish(machine):
    slow = {**STREAM, "messages": [turn("[pause 200] one two three four five six")]}
    with machine.open("POST", "/v1/chat/completions", slow) as connection:
        events = connection.events()
        next(events)
        since = machine.journal.now()
        stopping = machine.begin("systemctl", "stop", SERVICE)
        machine.journal.wait(since, lambda entry: "taking nothing new" in entry["MESSAGE"])
        assert list(events)[-1]["choices"][0]["finish_reason"] == "stop"
        finished = time.monotonic() * 1e6
    assert stopping.wait(60) == 0
    # systemd's marks are of the same clock.
    assert int(machine.show(SERVICE, "ActiveExitTimestampMonotonic")) < finished
    assert machine.show(SERVICE, "ActiveState") == "inactive"
    assert machine.show(SERVICE, "Result") == "success"


def test_a_drain_longer_than_the_units_timeout_is_waited_for(machine):
    machine.drop_in(SERVICE, "[Service]", "TimeoutStopSec=2")
    words = "[pause 300] one two three four five six"
    with machine.open("POST", "/v1/messages", {**STREAM, "messages": [turn(words)]}) as connection:
        events = connection.events()
        next(events)
        machine.systemctl("stop", SERVICE)
        assert [event["type"] for event in events][-1] == "message_stop"
    took = int(machine.show(SERVICE, "InactiveEnterTimestampMonotonic")) - int(
        machine.show(SERVICE, "ActiveExitTimestampMonotonic")
    )
    assert took > 2_000_000, "the stream was too short to show it"
    assert machine.show(SERVICE, "Result") == "success"


def test_after_a_stop_the_next_request_starts_it_again(machine):
    machine.systemctl("start", SERVICE)
    first = machine.show(SERVICE, "MainPID")
    machine.systemctl("stop", SERVICE)
    assert machine.ask("GET", "/livez").status == 200
    assert machine.show(SERVICE, "MainPID") not in (first, "0")


def test_restarts_refuse_and_lose_no_connection(machine):
    machine.systemctl("start", SERVICE)
    with Knocker(machine) as knocker:
        for _ in range(3):
            machine.systemctl("restart", SERVICE)
    assert set(knocker.answers) == {200}
    figure(f"{len(knocker.answers)} requests during 3 restarts")
    assert len(knocker.answers) > 10


def test_a_new_request_during_the_drain_waits_for_the_next_process(machine):
    with machine.open("POST", "/v1/messages", STREAM) as connection:
        events = connection.events()
        next(events)
        since = machine.journal.now()
        restarting = machine.begin("systemctl", "restart", SERVICE)
        machine.journal.wait(since, lambda entry: "taking nothing new" in entry["MESSAGE"])
        assert machine.ask("GET", "/livez").status == 200
        assert [event["type"] for event in events][-1] == "message_stop"
    assert restarting.wait(60) == 0
