"""What the journal holds, field by field, and what it must never hold."""

import json
import pathlib
import shutil
import subprocess

import pytest

from booted.root import ROOT
from conftest import configure

SERVICE = "claude-proxy.service"
PROMPT = "CANARY-PROMPT-7f3a"
CLIENT_KEY = "sk-CANARY-CLIENT-5521"
SERVER_KEY = "sk-CANARY-SERVER-9934"
REQUEST = "32d6a5874a6a4459b668e1256b5066af"
READY = "801dd3e3588d40459e1f0822af8f74ca"
STOPPED = "d263ad7df7214ad7a4eac8aa057c959c"
FAULT = "46e8a3c2bd7549ca9b7db8ec7e7c2cb1"


def ask(machine, path="/v1/messages", words="", **fields):
    body = {"model": "demo", "max_tokens": 64, "messages": [{"role": "user", "content": f"{PROMPT} {words}"}]}
    return machine.ask("POST", path, body, **fields)


def access(machine, since: str, request: str):
    return machine.journal.wait(since, lambda entry: entry.get("REQUEST_ID") == request)


def test_a_request_is_a_record_with_fields(machine):
    machine.systemctl("start", SERVICE)
    since = machine.journal.now()
    reply = ask(machine)
    entry = access(machine, since, reply.fields["x-proxy-request-id"])
    expected = {
        "PRIORITY": "6",
        "MESSAGE_ID": REQUEST,
        "SYSLOG_IDENTIFIER": "claude-proxy",
        "ROUTE": "messages",
        "STATUS": "200",
        "UPSTREAM": "demo",
        "_SYSTEMD_UNIT": SERVICE,
        "_TRANSPORT": "journal",
    }
    assert {name: entry.get(name) for name in expected} == expected
    assert entry["WORKER"] in ("1", "2")
    assert 0 < int(entry["DURATION_USEC"]) < 60_000_000
    assert int(entry["FIRST_BYTE_USEC"]) <= int(entry["DURATION_USEC"])
    assert not [name for name in entry if name.startswith("CODE_")]


def test_fields_find_records(machine):
    machine.systemctl("start", SERVICE)
    since = machine.journal.now()
    reply = ask(machine, words="[fail 503]", path="/v1/chat/completions")
    assert reply.status == 503
    name = reply.fields["x-proxy-request-id"]
    access(machine, since, name)
    found = machine.journal.entries("STATUS=503", since=since)
    assert [(entry["REQUEST_ID"], entry["ROUTE"]) for entry in found] == [(name, "chat-completions")]


def test_start_and_stop_have_numbers(machine):
    since = machine.journal.now()
    machine.systemctl("start", SERVICE)
    machine.systemctl("stop", SERVICE)
    machine.journal.wait(since, lambda entry: entry.get("MESSAGE_ID") == STOPPED)
    numbers = [entry.get("MESSAGE_ID") for entry in machine.journal.entries(since=since)]
    assert numbers.index(READY) < numbers.index(STOPPED)


def test_a_fault_is_an_error_with_its_number(machine):
    configure(machine, "UPSTREAM=demo", "LOG_LEVEL=loud")
    since = machine.journal.now()
    machine.systemctl("start", SERVICE)
    fault = machine.journal.wait(since, lambda entry: entry.get("MESSAGE_ID") == FAULT)
    assert fault["PRIORITY"] == "3"


def test_a_level_is_obeyed(machine):
    configure(machine, "UPSTREAM=demo", "LOG_LEVEL=error")
    since = machine.journal.now()
    ask(machine)
    machine.systemctl("stop", SERVICE)
    machine.journal.wait(since, lambda entry: "Deactivated successfully" in entry["MESSAGE"])
    own = [entry for entry in machine.journal.entries(since=since) if entry["_PID"] != "1"]
    assert [entry["MESSAGE"] for entry in own] == []


@pytest.fixture(scope="module")
def probe() -> pathlib.Path:
    """The program the unit tests ask, as a binary that needs no Swift where it runs."""
    build = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
    subprocess.run([*build, "--product", "systemd-probe"], cwd=ROOT, check=True)
    return ROOT / ".build/release/systemd-probe"


def test_a_value_may_be_empty_long_or_any_bytes(machine, probe):
    shutil.copy(probe, machine.file("/var/tmp"))
    since = machine.journal.now()
    machine.run("systemd-run", "--quiet", "--wait", "--unit=probe", "/var/tmp/systemd-probe", "journal")
    entries = machine.journal.gather(3, "SYSLOG_IDENTIFIER=systemd-probe", since=since)
    # Its two ways into the journal are not ordered among each other.
    assert [entry["MESSAGE"] for entry in entries if entry["_TRANSPORT"] == "stdout"] == [
        "journal true",
        "sent",
    ]
    (sent,) = [entry for entry in entries if entry["_TRANSPORT"] == "journal"]
    expected = {"MESSAGE": "two\nlines = one message", "PRIORITY": "5"}
    assert {name: sent[name] for name in expected} == expected
    assert sent["EMPTY"] == ""
    assert sent["RAW"] == [0, 10, 61, 255]
    assert sent["LONG"] == "x" * (1 << 20)


@pytest.mark.parametrize("level", ["info", "debug"])
def test_no_key_and_no_prompt_is_ever_in_it(machine, level):
    configure(machine, "UPSTREAM=demo", f"LOG_LEVEL={level}", f"ALLOWED_API_KEYS={CLIENT_KEY}")
    ask(machine, x_api_key=CLIENT_KEY)
    ask(machine, authorization=f"Bearer {CLIENT_KEY}")
    ask(machine, x_api_key=SERVER_KEY)
    ask(machine, path="/v1/chat/completions", words="[fail 500]", x_api_key=CLIENT_KEY)
    machine.ask("GET", f"/v1/models/{PROMPT}?key={CLIENT_KEY}")
    machine.open("POST", "/v1/messages", PROMPT * 100, x_api_key=CLIENT_KEY, content_length="1").sock.close()
    bad = ["UPSTREAM=demo", "LOG_LEVEL=loud", f"OPENAI_API_KEY={SERVER_KEY}", f"{SERVER_KEY}"]
    configure(machine, *bad)
    machine.systemctl("reload", SERVICE, check=False)
    since = machine.journal.now()
    machine.systemctl("stop", SERVICE)
    machine.journal.wait(since, lambda entry: "Deactivated successfully" in entry["MESSAGE"])
    everything = json.dumps(machine.journal.read())
    for secret in (PROMPT, CLIENT_KEY, SERVER_KEY):
        assert secret not in everything
