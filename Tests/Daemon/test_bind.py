"""`GUNICORN_BIND`: the places the daemon opens itself, written as gunicorn writes them."""

import re
import signal
import socket
import stat

import pytest

from support import sockets
from support.client import Client
from support.secrets import CLIENT_KEY

NO_PLACE = {"HOST": "", "PORT": ""}


@pytest.fixture
def path(folder):
    return folder / "own.sock"


@pytest.fixture
def bound(start):
    """Starts a daemon that listens at these places and nowhere else."""

    def bound(*places: str, **options):
        settings = {"UPSTREAM": "demo", "ALLOW_OPEN": "true", "GUNICORN_BIND": ",".join(places)}
        return start(settings, env=NO_PLACE, **options)

    return bound


def status_at(place) -> int:
    with Client(place) as client:
        return client.ask("GET", "/livez").status


def test_every_place_of_the_list_is_served(bound, path):
    daemon = bound("127.0.0.1:0", f"unix:{path}", "[::1]:0")
    line = daemon.wait_for_log(r"listening on \[::1\]:\d+")
    port = int(re.search(r"\[::1\]:(\d+)", line)[1])
    assert [status_at(place) for place in (daemon.address, str(path), ("::1", port))] == [200] * 3


def test_the_file_of_a_socket_is_open_to_all_and_gone_with_the_daemon(bound, path):
    daemon = bound(f"unix:{path}")
    daemon.wait_for_log("ready:")
    mode = path.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o777
    daemon.signal(signal.SIGTERM)
    assert daemon.wait() == 0
    assert not path.exists()


def test_it_has_the_rights_of_tcp(bound, path):
    daemon = bound(f"unix:{path}")
    daemon.wait_for_log("ready:")
    with Client(str(path)) as client:
        assert client.ask("POST", "/admin/reload").status in (401, 404)
        assert client.ask("GET", "/metrics").status in (401, 404)


def test_what_an_ended_process_left_behind_is_replaced(bound, path):
    sockets.unix(path).close()
    bound(f"unix:{path}").wait_for_log("ready:")
    assert status_at(str(path)) == 200


def test_a_socket_that_somebody_serves_is_left_alone(bound, path):
    with sockets.unix(path) as other:
        daemon = bound("127.0.0.1:0", f"unix:{path}")
        assert daemon.wait() == 1
        assert f"cannot listen on unix:{path}" in daemon.text
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            other.accept()[0].close()


def test_a_file_that_is_no_socket_is_left_alone(bound, path):
    path.write_text("of somebody")
    daemon = bound(f"unix:{path}")
    assert daemon.wait() == 1
    assert f"cannot listen on unix:{path}" in daemon.text
    assert path.read_text() == "of somebody"


def test_a_file_that_has_become_another_ones_is_not_taken_away(bound, path):
    daemon = bound(f"unix:{path}")
    daemon.wait_for_log("ready:")
    path.unlink()
    with sockets.unix(path):
        daemon.signal(signal.SIGTERM)
        assert daemon.wait() == 0
        assert path.is_socket()


def test_an_inherited_descriptor_is_served(bound):
    with sockets.tcp() as listener:
        daemon = bound(f"fd://{listener.fileno()}", inherited=[listener])
        daemon.wait_for_log("ready:")
        assert status_at(listener.getsockname()) == 200


def test_a_descriptor_that_does_not_listen_is_named(bound):
    with socket.socket() as idle:
        daemon = bound(f"fd://{idle.fileno()}", inherited=[idle])
        assert daemon.wait() == 1
        assert f"cannot listen on fd://{idle.fileno()}" in daemon.text


def test_a_descriptor_counts_as_public_before_it_is_known(start, upstream):
    settings = {
        "UPSTREAM_API_URL": "http://127.0.0.1:1/v1/messages",
        "UPSTREAM_API_KEY": CLIENT_KEY,
        "GUNICORN_BIND": "fd://5",
    }
    daemon = start(settings, env=NO_PLACE)
    assert daemon.wait() == 1
    assert "GUNICORN_BIND" in daemon.text and "ALLOWED_API_KEYS" in daemon.text


@pytest.mark.parametrize("place", ["unix:relative", "fd://1", "tcp://127.0.0.1:80", "127.0.0.1:80,"])
def test_what_is_no_place_is_refused_with_the_forms_that_are(bound, place):
    daemon = bound(place)
    assert daemon.wait() == 1
    assert "GUNICORN_BIND" in daemon.text and "unix:PATH" in daemon.text


def test_passed_sockets_win_and_the_warning_names_it(bound, path):
    daemon = bound(f"unix:{path}", sockets={"claude-proxy.socket": sockets.tcp()})
    assert "GUNICORN_BIND" in daemon.wait_for_log("systemctl edit")
    assert not path.exists()
