"""The shipped nginx include, with TLS, in front of the packaged daemon."""

import http.client
import time

import pytest

from booted.site import Site
from booted.upstream import PORT, WORDS, Upstream
from booted.web import Connection
from conftest import configure, figure

SERVICE = "claude-proxy.service"
ADMIN = "/run/claude-proxy-admin/admin.sock"
NEAR_SECONDS = 0.05
MESSAGE = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**MESSAGE, "stream": True}


@pytest.fixture
def upstream(machine):
    upstream = Upstream(machine)
    configure(
        machine, f"UPSTREAM_API_URL=http://127.0.0.1:{PORT}/v1/messages", "UPSTREAM_API_KEY=sk-upstream"
    )
    yield upstream
    upstream.end()


def post(site: Site, body: object, **fields: str) -> Connection:
    return Connection(site.connect(), "POST", "/v1/messages", body, fields)


def lags(site: Site) -> list[float]:
    with post(site, STREAM) as connection:
        return [time.monotonic() - event["at"] for event in connection.events() if "at" in event]


def test_each_delta_is_at_the_client_soon_after_it_was_written(site, upstream):
    # One of three, for a machine that is busy with other things may stop anybody for that long.
    for _ in range(3):
        found = lags(site)
        assert len(found) == WORDS
        figure(f"deltas came after {min(found) * 1e3:.1f} to {max(found) * 1e3:.1f} ms")
        if max(found) < NEAR_SECONDS:
            return
    raise AssertionError("in none of three streams every delta came in time")


def test_connections_to_the_daemon_are_kept(site, machine):
    machine.systemctl("start", SERVICE)
    with Connection(site.connect(), "GET", "/livez", None, {}) as connection:
        assert connection.reply().status == 200
    page = machine.ask("GET", "/metrics?format=json", at=ADMIN).json()
    assert page["connections"] == 2, "this question's own and the one that nginx keeps"


def test_a_client_that_leaves_ends_the_upstreams_work(site, upstream):
    upstream.pause_seconds = 2
    connection = post(site, STREAM)
    next(connection.events())
    assert not upstream.client_left.is_set()
    connection.sock.close()
    connection.http.close()
    assert upstream.client_left.wait(20)


def test_whole_answers_are_compressed_and_streams_never(site, upstream):
    with post(site, MESSAGE, accept_encoding="gzip") as connection:
        whole = connection.reply()
    assert (whole.status, whole.fields["content-encoding"]) == (200, "gzip")
    upstream.pause_seconds = 0
    with post(site, STREAM, accept_encoding="gzip") as connection:
        stream = connection.reply()
    assert (stream.status, stream.fields["content-encoding"]) == (200, None)
    assert stream.fields["content-type"].startswith("text/event-stream")


def test_header_fields_of_clients_reach_the_upstream(site, upstream):
    features = ",".join(f"feature-{number}" for number in range(300))
    with post(site, MESSAGE, anthropic_beta=features, x_own="yes") as connection:
        assert connection.reply().status == 200
    (seen,) = upstream.requests
    assert (seen.values("anthropic-beta"), seen.values("x-own")) == ([features], ["yes"])


def test_a_large_body_goes_through_and_one_too_large_is_refused_in_the_clients_protocol(site, upstream):
    text = {"role": "user", "content": "x" * (30 << 20)}
    with post(site, {**MESSAGE, "messages": [text]}) as connection:
        assert connection.reply().status == 200
    assert len(upstream.requests[0].body) > 30 << 20
    text = {"role": "user", "content": "x" * (35 << 20)}
    with post(site, {**MESSAGE, "messages": [text]}) as connection:
        reply = connection.reply()
    assert (reply.status, reply.json()["type"]) == (413, "error")


def test_a_refusal_of_a_large_body_is_the_daemons(site, upstream, machine):
    with machine.file("/etc/claude-proxy/claude-proxy.env").open("a") as settings:
        settings.write("ALLOWED_API_KEYS=sk-door-0123456789\n")
    with post(site, {**MESSAGE, "messages": [{"role": "user", "content": "x" * (5 << 20)}]}) as connection:
        reply = connection.reply()
    assert (reply.status, reply.json()["error"]["type"]) == (401, "authentication_error")
    with post(site, MESSAGE, x_api_key="sk-door-0123456789") as connection:
        assert connection.reply().status == 200


def test_after_stop_and_start_nginx_still_reaches_it(site, machine):
    for _ in range(2):
        machine.systemctl("stop", SERVICE, "claude-proxy.socket")
        machine.systemctl("start", SERVICE)
        with post(site, MESSAGE) as connection:
            assert connection.reply().status == 200


@pytest.mark.parametrize("claim", [{}, {"x_forwarded_for": "192.0.2.66", "x_real_ip": "192.0.2.66"}])
def test_the_journal_names_the_clients_own_address_and_not_what_it_claims(site, machine, claim):
    """Behind the unix socket, as nginx has seen it; with the settings as packaged."""
    address = "127.0.0.77"
    since = machine.journal.now()
    with Connection(site.connect(source=address), "POST", "/v1/messages", MESSAGE, claim) as connection:
        name = connection.reply().fields["x-proxy-request-id"]
    entry = machine.journal.wait(since, lambda entry: entry.get("REQUEST_ID") == name)
    assert (entry["CLIENT"], entry["ROUTE"], entry["STATUS"]) == (address, "messages", "200")


def status(site: Site, path: str, **fields: str) -> int:
    with Connection(site.connect(), "GET", path, None, fields) as connection:
        return connection.reply().status


def test_metrics_need_a_key_here_and_none_on_the_admins_socket(site, machine):
    key = "sk-door-0123456789"
    assert status(site, "/metrics") == 401
    configure(machine, "UPSTREAM=demo", f"ALLOWED_API_KEYS={key}")
    machine.systemctl("reload", SERVICE)
    assert status(site, "/metrics") == 401
    assert status(site, "/metrics", x_api_key=key) == 200
    assert machine.ask("GET", "/metrics", at=ADMIN).status == 200


def test_the_admins_route_is_not_served_through_it(site, machine):
    with Connection(site.connect(), "POST", "/admin/reload", None, {}) as connection:
        assert connection.reply().status in (401, 403, 404)


def test_without_tls_nothing_is_served(site, machine):
    client = http.client.HTTPConnection("localhost")
    client.sock = machine.connect(80)
    client.request("POST", "/v1/messages", b"{}", {"host": "localhost"})
    assert client.getresponse().status == 403
    client.close()
