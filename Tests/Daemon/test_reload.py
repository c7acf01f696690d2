"""SIGHUP: a new configuration for what comes, the old one for what runs."""

import signal

import pytest

from support import sockets
from support.client import Client
from support.process import descriptors, thread_names
from support.protocols import CHAT, MESSAGES
from support.secrets import CLIENT_KEY, OTHER_KEY, SERVER_KEY
from support.upstream import Upstream
from support.waiting import eventually


def reload(relay, settings: dict[str, str] | str) -> None:
    """Writes the file, sends the signal and waits until the daemon says how it went."""
    seen = len(relay.daemon.notify.messages)
    relay.daemon.configure(settings)
    relay.daemon.signal(signal.SIGHUP)
    relay.daemon.notify.wait_for("READY=1", after=seen)


@pytest.fixture
def relay(notify, relay_of):
    relay = relay_of(MESSAGES, notify=notify, ALLOWED_API_KEYS=CLIENT_KEY)
    notify.wait_for("READY=1")
    return relay


def status_with(relay, key: str) -> int:
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        relay.post(client, ("x-api-key", key))
        return client.response().status


def settings(relay, **changes: str) -> dict[str, str]:
    return {**relay.protocol.settings(relay.upstream), "ALLOWED_API_KEYS": CLIENT_KEY, **changes}


def test_new_settings_take_effect(relay):
    assert status_with(relay, OTHER_KEY) == 401
    reload(relay, settings(relay, ALLOWED_API_KEYS=OTHER_KEY))
    assert status_with(relay, OTHER_KEY) == 200
    assert status_with(relay, CLIENT_KEY) == 401


def test_a_rotated_upstream_key_is_sent_from_then_on(relay):
    reload(relay, settings(relay, UPSTREAM_API_KEY=OTHER_KEY))
    assert status_with(relay, CLIENT_KEY) == 200
    assert relay.upstream.requests[-1].head.get("authorization") == f"Bearer {OTHER_KEY}"


def test_a_new_upstream_is_asked_from_then_on(relay):
    other = Upstream()
    other.answer(relay.reply)
    reload(relay, {**settings(relay), **MESSAGES.settings(other)})
    assert status_with(relay, CLIENT_KEY) == 200
    assert (len(relay.upstream.requests), len(other.requests)) == (0, 1)
    other.close()


def test_a_protocol_that_was_not_there_before_is_served(relay):
    reload(relay, {**CHAT.settings(relay.upstream), "ALLOWED_API_KEYS": CLIENT_KEY})
    relay.protocol = CHAT
    assert status_with(relay, CLIENT_KEY) == 200


def test_streams_in_flight_finish_unharmed(relay):
    with relay.client() as client:
        exchange = relay.open_stream(client, ("x-api-key", CLIENT_KEY))
        exchange.piece(relay.protocol.events(3))
        body = client.body(client.head())
        for _ in range(3):
            reload(relay, settings(relay, ALLOWED_API_KEYS=OTHER_KEY))
        exchange.piece(relay.protocol.events(3))
        exchange.end_stream()
        assert (body.rest(), body.clean) == (relay.protocol.events(3) * 2, True)


def test_an_idle_connection_goes_on_under_the_new_settings(relay):
    relay.upstream.answer(relay.reply)
    with relay.client() as client:
        relay.post(client, ("x-api-key", CLIENT_KEY))
        assert client.response().status == 200
        reload(relay, settings(relay, ALLOWED_API_KEYS=OTHER_KEY))
        relay.post(client, ("x-api-key", OTHER_KEY))
        assert client.response().status == 200


def test_no_connection_is_refused_while_reloading(relay):
    relay.upstream.answer(relay.reply)
    for _ in range(10):
        relay.daemon.signal(signal.SIGHUP)
        for _ in range(5):
            with relay.client() as client:
                relay.post(client, ("x-api-key", CLIENT_KEY))
                assert client.response().status == 200


BAD = [
    ("GUNICORN_WORKERS=x\n", 1, "GUNICORN_WORKERS"),
    ("\nUPSTREAM_API_URL=nonsense\n", 2, "UPSTREAM_API_URL"),
    ("UPSTREAM=demo\nLOG_LEVEL=loud\n", 2, "LOG_LEVEL"),
]


@pytest.mark.parametrize(("text", "line", "key"), BAD, ids=[key for _, _, key in BAD])
def test_a_bad_file_changes_nothing_and_is_named(relay, text, line, key):
    seen = len(relay.daemon.log)
    reload(relay, text)
    error = relay.daemon.wait_for_log(f"{relay.daemon.config}:{line}", after=seen)
    assert key in error
    assert status_with(relay, CLIENT_KEY) == 200
    assert status_with(relay, OTHER_KEY) == 401


def test_an_unreadable_file_changes_nothing(relay):
    relay.daemon.config.unlink()
    relay.daemon.config.mkdir()
    relay.daemon.signal(signal.SIGHUP)
    relay.daemon.notify.wait_for_status("Reload failed")
    assert status_with(relay, CLIENT_KEY) == 200


def test_the_number_of_workers_changes(relay):
    def workers() -> int:
        return sum(name.startswith("worker") for name in thread_names(relay.daemon.pid))

    assert workers() == 2
    for count in (5, 1):
        reload(relay, settings(relay, GUNICORN_WORKERS=str(count)))
        assert eventually(lambda count=count: workers() == count), thread_names(relay.daemon.pid)


def test_many_reloads_leave_no_thread_and_no_descriptor_behind(relay):
    def count() -> tuple[int, int]:
        return len(thread_names(relay.daemon.pid)), len(descriptors(relay.daemon.pid))

    for _ in range(3):
        reload(relay, settings(relay))
    before = count()
    for _ in range(20):
        reload(relay, settings(relay))
    assert eventually(lambda: count() <= before), (before, count())


def test_a_key_of_the_process_environment_stays_and_the_reload_says_so(start, upstream, notify):
    daemon = start(MESSAGES.settings(upstream), env={"UPSTREAM_API_KEY": SERVER_KEY}, notify=notify)
    notify.wait_for("READY=1")
    seen = len(daemon.log)
    daemon.configure({**MESSAGES.settings(upstream), "UPSTREAM_API_KEY": OTHER_KEY})
    daemon.signal(signal.SIGHUP)
    daemon.wait_for_log("UPSTREAM_API_KEY", after=seen)


def test_a_setting_that_needs_a_restart_is_named(relay):
    seen = len(relay.daemon.log)
    reload(relay, settings(relay, GUNICORN_BACKLOG="17"))
    relay.daemon.wait_for_log("GUNICORN_BACKLOG", after=seen)


def test_a_key_in_a_file_of_its_own_rotates(start, upstream, notify, folder):
    key = folder / "key"
    key.write_text(SERVER_KEY + "\n")
    url = MESSAGES.settings(upstream)["UPSTREAM_API_URL"]
    daemon = start({"UPSTREAM_API_URL": url, "UPSTREAM_API_KEY_FILE": str(key)}, notify=notify)
    notify.wait_for("READY=1")
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply))
    for count, current in enumerate([SERVER_KEY, OTHER_KEY], 1):
        key.write_text(current + "\n")
        if count > 1:
            daemon.signal(signal.SIGHUP)
        notify.wait_for_count("READY=1", count)
        daemon.ask("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body())
        assert upstream.requests[-1].head.get("authorization") == f"Bearer {current}"


def test_passed_sockets_outlive_a_reload(start, folder, notify):
    listener = sockets.unix(folder / "socket")
    daemon = start({"UPSTREAM": "demo"}, sockets={"claude-proxy.socket": listener}, notify=notify)
    for count in range(2, 5):
        notify.wait_for_count("READY=1", count - 1)
        daemon.signal(signal.SIGHUP)
        notify.wait_for_count("READY=1", count)
        with Client(str(folder / "socket")) as client:
            assert client.ask("GET", "/livez").status == 200
