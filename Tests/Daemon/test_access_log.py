"""The line of each request: where gunicorn's settings want it, and in the words they ask for."""

import re
import signal

import pytest

from support import protocols, sockets
from support.client import Client
from support.secrets import CLIENT_KEY
from support.waiting import eventually

STANDARD = re.compile(
    rb"127\.0\.0\.1 - - \[\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "
    rb'"([^"]*)" (\d+) (\d+) "-" "(.*)"\n'
)


def test_without_settings_it_stands_with_all_messages_and_says_what_is_known_in_fields(start):
    daemon = start({"UPSTREAM": "demo"})
    length = len(daemon.ask("GET", "/livez").body)
    line = daemon.wait_for_log("livez 200")
    assert "[INFO]" in line and "request_id=req_" in line and line.endswith(f" reply_bytes={length}\n")


def test_a_file_gets_gunicorns_lines_and_the_log_none(start, folder):
    file = folder / "access.log"
    daemon = start({"UPSTREAM": "demo", "GUNICORN_ACCESSLOG": str(file)})
    length = len(daemon.ask("GET", "/livez?a=1", [("User-Agent", 'curl "8"')]).body)
    assert daemon.ask("GET", "/no-such-path").status == 404
    with daemon.client() as client:
        client.send(b"nonsense\r\n\r\n")
        assert client.response().status == 400
    assert eventually(lambda: file.exists() and file.read_bytes().count(b"\n") == 3)
    lines = [STANDARD.fullmatch(line).groups() for line in file.read_bytes().splitlines(keepends=True)]
    assert lines[0] == (b"GET /livez?a=1 HTTP/1.1", b"200", b"%d" % length, rb"curl \"8\"")
    assert lines[1][:2] == (b"GET /no-such-path HTTP/1.1", b"404")
    assert lines[2][:2] == (b"-", b"400")
    assert file.stat().st_mode & 0o007 == 0
    assert "livez 200" not in daemon.text


def test_a_file_that_was_moved_away_is_let_go_at_sigusr1_and_at_a_reload(start, folder, notify):
    file, moved = folder / "access.log", folder / "moved.log"
    settings = {"UPSTREAM": "demo", "GUNICORN_ACCESSLOG": str(file), "GUNICORN_ACCESS_LOG_FORMAT": "%(U)s"}
    daemon = start(settings, notify=notify)
    notify.wait_for("READY=1")
    daemon.ask("GET", "/livez")
    assert eventually(lambda: file.exists() and file.read_bytes() == b"/livez\n")
    for count, number in enumerate([signal.SIGUSR1, signal.SIGHUP], 1):
        file.rename(moved)
        daemon.signal(number)
        # The moved file keeps what came before; a line comes into the new one sooner or later.
        assert eventually(lambda: daemon.ask("GET", "/readyz").status == 200 and file.exists(), every=0.05)
        assert moved.read_bytes().startswith(b"/livez\n" if count == 1 else b"/readyz\n")


def test_what_cannot_be_written_goes_to_the_log_and_says_so_once(start, folder):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_ACCESSLOG": str(folder / "none" / "access.log")})
    for target in ("/livez", "/readyz"):
        daemon.ask("GET", target)
        daemon.wait_for_log(f"GET {target} HTTP/1.1")
    assert daemon.text.count("cannot be written: No such file") == 1
    (folder / "none").mkdir()
    file = folder / "none" / "access.log"
    daemon.ask("GET", "/livez")
    assert eventually(lambda: file.exists() and b"GET /livez" in file.read_bytes())


def test_a_dash_is_standard_output_and_none_is_nowhere(start):
    settings = {"UPSTREAM": "demo", "GUNICORN_ACCESS_LOG_FORMAT": "line of %(m)s %(U)s by %(W)s"}
    daemon = start({**settings, "GUNICORN_ACCESSLOG": "-"})
    daemon.ask("GET", "/livez")
    daemon.wait_for_log(r"^line of GET /livez by \d+$")
    daemon = start({**settings, "GUNICORN_ACCESSLOG": "none"})
    daemon.ask("GET", "/livez")
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0
    assert "livez" not in daemon.text


def test_in_the_journals_place_a_format_is_the_message_and_the_fields_stay(start):
    daemon = start({"UPSTREAM": "demo", "GUNICORN_ACCESS_LOG_FORMAT": "%(s)s %({Content-Type}o)s %(R)s"})
    daemon.ask("GET", "/livez")
    assert "status=200" in daemon.wait_for_log(r"\[INFO\] 200 application/json livez worker=")


@pytest.mark.parametrize("streaming", [False, True], ids=["plain", "stream"])
def test_atoms_of_an_answer_of_an_upstream(relay_of, folder, streaming):
    file = folder / "access.log"
    relay = relay_of(
        protocols.MESSAGES,
        ALLOWED_API_KEYS=CLIENT_KEY,
        GUNICORN_ACCESSLOG=str(file),
        GUNICORN_ACCESS_LOG_FORMAT="%(N)s %(V)s %(i)s %(o)s %(B)s %({X-Team}o)s %({x-api-key}i)s %(p)s",
    )
    with relay.client() as client:
        relay.post(client, ("x-api-key", CLIENT_KEY), stream=streaming)
        exchange = relay.upstream.take()
        if streaming:
            exchange.start_stream([("X-Team", "core")])
            exchange.piece(relay.protocol.events(2))
            exchange.end_stream()
        else:
            relay.reply(exchange, fields=[("X-Team", "core")])
        body = client.response().body
    tokens = "0 0" if streaming else "3 5"
    expected = f"m-1 anthropic {tokens} {len(body)} core *** <{relay.daemon.pid}>\n"
    assert eventually(lambda: file.exists() and file.read_text() == expected), file.read_text()


def test_the_level_filters_lines_wherever_they_go(start, folder):
    file = folder / "access.log"
    listener = sockets.tcp()
    settings = {"UPSTREAM": "demo", "LOG_LEVEL": "warning", "GUNICORN_ACCESSLOG": str(file)}
    daemon = start(settings, sockets={"claude-proxy.socket": listener})
    with Client(listener.getsockname()) as client:
        assert client.ask("GET", "/livez").status == 200
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0
    assert not file.exists()
