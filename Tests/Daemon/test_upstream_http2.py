"""HTTP/2 towards upstreams that offer it, if `UPSTREAM_HTTP2` says so: nginx before the scripted one."""

import contextlib
import socket
import subprocess

import pytest

from support import protocols
from support.waiting import eventually

CONFIG = """
daemon off;
master_process off;
pid @FOLDER@/nginx.pid;
error_log @FOLDER@/error.log info;
events { worker_connections 512; }
http {
  log_format spoken "$server_protocol $connection $status";
  access_log @FOLDER@/spoken.log spoken;
  client_body_temp_path @FOLDER@/body;
  proxy_temp_path @FOLDER@/proxy;
  fastcgi_temp_path @FOLDER@/fastcgi;
  uwsgi_temp_path @FOLDER@/uwsgi;
  scgi_temp_path @FOLDER@/scgi;
  server {
    listen 127.0.0.1:@PORT@ ssl http2;
    ssl_certificate @FOLDER@/upstream.pem;
    ssl_certificate_key @FOLDER@/upstream.key;
    client_max_body_size 0;
    location / {
      proxy_pass http://127.0.0.1:@UPSTREAM@;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
"""


class Nginx:
    """Speaks HTTP/2 over TLS in front, HTTP/1.1 behind."""

    def __init__(self, folder, behind: int):
        self.folder = folder
        certificate = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        name = ["-subj", "/CN=upstream", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        files = ["-keyout", "upstream.key", "-out", "upstream.pem"]
        subprocess.run(["openssl", *certificate, *name, *files], cwd=folder, check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        text = CONFIG.replace("@FOLDER@", str(folder)).replace("@PORT@", str(self.port))
        config = folder / "nginx.conf"
        config.write_text(text.replace("@UPSTREAM@", str(behind)))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-e", "stderr", "-c", str(config)])
        assert eventually(self.answers), "nginx does not listen"

    def answers(self) -> bool:
        with contextlib.suppress(ConnectionError):
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def spoken(self, count: int) -> list[list[str]]:
        """Protocol, connection and status of so many requests that are over."""
        file = self.folder / "spoken.log"

        def lines() -> list[list[str]]:
            words = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
            # The daemon asks for lists of models on its own.
            return [line for line in words if line[2] != "404"]

        assert eventually(lambda: len(lines()) >= count), lines()
        return lines()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def nginx(folder, upstream):
    place = folder / "nginx"
    place.mkdir()
    nginx = Nginx(place, upstream.port)
    yield nginx
    nginx.close()


@pytest.fixture
def relay(relay_of, nginx):
    return over(relay_of, nginx, UPSTREAM_HTTP2="true")


def over(relay_of, nginx, **settings: str):
    trusted = {"UPSTREAM_CA_FILE": str(nginx.folder / "upstream.pem"), "GUNICORN_WORKERS": "1"}
    return relay_of(protocols.MESSAGES, **protocols.MESSAGES.settings(nginx), **trusted, **settings)


@pytest.mark.parametrize(
    ("setting", "protocol"), [("true", "HTTP/2.0"), ("false", "HTTP/1.1"), ("", "HTTP/1.1")]
)
def test_http2_is_spoken_if_the_setting_says_so(relay_of, nginx, setting, protocol):
    relay = over(relay_of, nginx, UPSTREAM_HTTP2=setting)
    body = relay.protocol.body(prompt="x" * 300_000)
    exchange, response = relay.ask(body=body)
    assert (response.status, response.body) == (200, relay.protocol.reply)
    assert exchange.request.body == body
    assert [line[0] for line in nginx.spoken(1)] == [protocol]


def test_many_streams_at_once_get_each_event_at_once(relay, nginx):
    clients = [relay.client() for _ in range(20)]
    exchanges = [relay.open_stream(client) for client in clients]
    # nginx keeps a head back until there is something behind it.
    for exchange in exchanges:
        exchange.piece(relay.protocol.event)
    bodies = [client.body(client.head()) for client in clients]
    for body in bodies:
        assert body.through(b"\n\n") == relay.protocol.event
    for _ in range(3):
        for exchange, body in zip(exchanges, bodies, strict=True):
            exchange.piece(relay.protocol.event)
            assert body.through(b"\n\n") == relay.protocol.event
    for exchange, body, client in zip(exchanges, bodies, clients, strict=True):
        exchange.piece(relay.protocol.last)
        exchange.end_stream()
        assert (body.rest(), body.clean) == (relay.protocol.last, True)
        client.close()
    assert {line[0] for line in nginx.spoken(20)} == {"HTTP/2.0"}


def test_a_connection_is_used_again(relay, nginx):
    for _ in range(5):
        _, response = relay.ask()
        assert response.status == 200
    assert len({line[1] for line in nginx.spoken(5)}) == 1


@pytest.mark.parametrize("breaking", ["close", "reset"])
def test_a_stream_cut_upstream_ends_with_an_error_frame_and_the_others_go_on(relay, breaking):
    with relay.client() as client, relay.client() as other:
        exchange, staying = relay.open_stream(client), relay.open_stream(other)
        exchange.piece(relay.protocol.event)
        body = client.body(client.head())
        assert body.through(b"\n\n") == relay.protocol.event
        getattr(exchange, breaking)()
        relay.protocol.error_frame(body.rest())
        assert not body.clean
        staying.piece(relay.protocol.last)
        staying.end_stream()
        response = other.response()
        assert (response.body, response.clean) == (relay.protocol.last, True)


def test_a_client_that_leaves_ends_its_stream_and_no_other(relay):
    leaving, staying = relay.client(), relay.client()
    gone, stays = relay.open_stream(leaving), relay.open_stream(staying)
    gone.piece(relay.protocol.event)
    leaving.body(leaving.head()).through(b"\n\n")
    leaving.close()
    assert gone.sees_close()
    stays.piece(relay.protocol.last)
    stays.end_stream()
    assert staying.response().clean
    staying.close()


def test_a_slow_reader_gets_everything(relay):
    body = relay.protocol.events(60_000)

    def flood(exchange) -> None:
        exchange.start_stream()
        for at in range(0, len(body), 1 << 16):
            exchange.piece(body[at : at + (1 << 16)])
        exchange.end_stream()

    relay.upstream.answer(flood)
    with relay.client(receive_buffer=4096) as client, relay.client() as other:
        relay.post(client, stream=True)
        head = client.head()
        relay.post(other, stream=True)
        assert other.response().body == body
        assert client.body(head).rest() == body


@pytest.mark.parametrize("status", [429, 503, 529])
def test_an_error_and_its_fields_pass(relay, status):
    _, response = relay.ask(reply=lambda exchange: relay.reply(exchange, status, [("retry-after", "31")]))
    assert (response.status, response.get("retry-after")) == (status, "31")


def test_an_upstream_that_goes_away_is_502(relay, nginx):
    exchange, response = relay.ask()
    assert (exchange.request.method, response.status) == ("POST", 200)
    nginx.close()
    with relay.client() as client:
        relay.post(client)
        response = client.response()
    assert response.status == 502
    relay.protocol.error(response)
