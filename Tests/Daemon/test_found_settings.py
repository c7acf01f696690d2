"""What the daemon finds in its surroundings where its files leave it open."""

import stat

import pytest

from support import sockets
from support.protocols import JSON, MESSAGES
from support.secrets import SERVER_KEY

FAR = "UPSTREAM_API_URL=http://api.invalid/v1/messages\nUPSTREAM_API_KEY=" + SERVER_KEY + "\n"


def ask(daemon):
    return daemon.ask("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body())


def test_a_proxy_of_last_resort_is_used_if_somebody_listens_there(start, upstream):
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    daemon = start(FAR + f"DEFAULT_PROXY_URL={upstream.url('')}\n")
    assert ask(daemon).status == 200
    assert upstream.requests[0].target == "http://api.invalid/v1/messages"
    assert f"DEFAULT_PROXY_URL: {upstream.url('')} answers" in daemon.text


@pytest.mark.parametrize("first", ["UPSTREAM_PROXY_URL=\n", "environment"])
def test_it_is_the_last_resort(start, upstream, first):
    settings = f"DEFAULT_PROXY_URL={upstream.url('')}\n"
    in_environment = first == "environment"
    env = {"HTTP_PROXY": "http://127.0.0.1:9"} if in_environment else {}
    daemon = start(FAR + settings + ("" if in_environment else first), env)
    assert ask(daemon).status == 502
    assert not upstream.requests


def test_nobody_there_is_said_and_means_a_direct_connection(start, upstream):
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    with sockets.refusing() as nobody:
        place = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        daemon = start({**MESSAGES.settings(upstream), "DEFAULT_PROXY_URL": place})
        assert ask(daemon).status == 200
        assert "nobody listens at" in daemon.text


def test_a_reload_looks_again(start, upstream):
    upstream.answer(lambda exchange: exchange.reply(200, MESSAGES.reply, [JSON]))
    daemon = start(FAR)
    assert daemon.port
    daemon.configure(FAR + f"DEFAULT_PROXY_URL={upstream.url('')}\n")
    daemon.signal(1)
    daemon.wait_for_log("reloaded")
    assert ask(daemon).status == 200


def test_the_key_of_envelopes_is_kept_in_the_state_directory(start, folder):
    state = folder / "state"
    state.mkdir()
    env = {"STATE_DIRECTORY": str(state)}
    first = start("UPSTREAM=demo\n", env)
    assert first.port
    file = state / "envelope-key"
    key = file.read_text()
    assert len(key) == 64 and int(key, 16)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = start("UPSTREAM=demo\n", env)
    assert second.port
    assert file.read_text() == key
    assert key not in first.text + second.text
    assert "ENVELOPE_KEY" not in first.text + second.text


def test_without_one_it_lives_as_long_as_the_process(start):
    daemon = start("UPSTREAM=demo\n")
    assert daemon.port
    assert "ENVELOPE_KEY: made for this process only" in daemon.text
