"""`systemctl reload`, with good files and bad ones."""

from conftest import CONFIGURATION, configure

SERVICE = "claude-proxy.service"
DOOR_KEY = "sk-door-0123456789"


def stream(words: str) -> dict:
    return {
        "model": "demo",
        "max_tokens": 64,
        "stream": True,
        "messages": [{"role": "user", "content": words}],
    }


def message(machine, **fields: str):
    body = {"model": "demo", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
    return machine.ask("POST", "/v1/messages", body, **fields)


def test_reload_takes_a_changed_setting_over_and_keeps_the_streams(machine):
    with machine.open("POST", "/v1/messages", stream("[pause 200] one two three")) as connection:
        events = connection.events()
        assert next(events)["type"] == "message_start"
        own = machine.show(SERVICE, "MainPID")
        configure(machine, "UPSTREAM=demo", "GUNICORN_WORKERS=3")
        machine.systemctl("reload", SERVICE)
        machine.expect(SERVICE, "StatusText", lambda text: text.startswith("3 workers, class async"))
        assert [event["type"] for event in events][-1] == "message_stop"
    assert machine.show(SERVICE, "MainPID") == own
    assert machine.show(SERVICE, "NRestarts") == "0"


def test_a_bad_file_fails_the_reload_and_keeps_the_old_behaviour(machine):
    configure(machine, "UPSTREAM=demo", "GUNICORN_WORKERS=4")
    machine.systemctl("start", SERVICE)
    since = machine.journal.now()
    configure(machine, "# one line more", "UPSTREAM=demo", "GUNICORN_WORKERS=some")
    assert machine.run("systemctl", "reload", SERVICE, check=False).returncode != 0

    def names_the_fault(entry) -> bool:
        """The daemon's own record; what the reload prints reaches the journal as well, as plain text."""
        return f"{CONFIGURATION}:3" in entry["MESSAGE"] and entry["PRIORITY"] == "3"

    assert "GUNICORN_WORKERS" in machine.journal.wait(since, names_the_fault)["MESSAGE"]
    assert machine.show(SERVICE, "ActiveState") == "active"
    machine.expect(SERVICE, "StatusText", lambda text: "Reload failed" in text)
    assert message(machine).status == 200

    configure(machine, "UPSTREAM=demo", "GUNICORN_WORKERS=1")
    machine.systemctl("reload", SERVICE)
    machine.expect(SERVICE, "StatusText", lambda text: text.startswith("1 worker, "))


def test_a_bad_file_at_the_start_is_told_to_clients_and_mended_by_a_reload(machine):
    configure(machine, "UPSTREAM=demo", "LOG_LEVEL=loud")
    since = machine.journal.now()
    reply = message(machine)
    assert reply.status == 503
    assert "journalctl -u claude-proxy" in reply.json()["error"]["message"]
    machine.expect(SERVICE, "ActiveState", "active")
    machine.expect(SERVICE, "StatusText", lambda text: f"{CONFIGURATION}:2" in text)
    entry = machine.journal.wait(since, lambda entry: f"{CONFIGURATION}:2" in entry["MESSAGE"])
    assert "LOG_LEVEL" in entry["MESSAGE"]

    configure(machine, "UPSTREAM=demo", "LOG_LEVEL=info")
    machine.systemctl("reload", SERVICE)
    assert message(machine).status == 200
    assert machine.show("claude-proxy.socket", "ActiveState") == "active"


def test_reload_is_for_the_admin_socket_only(machine):
    assert machine.ask("POST", "/admin/reload").status in (401, 403, 404)
