"""`compose.yaml` and `compose.tls.yaml`, brought up as their heads say, without a registry."""

import re
import ssl

import pytest

from booted.composition import Composition
from booted.image import FOLDER
from booted.waiting import eventually
from booted.web import Connection

PORT = 8130
MESSAGE = {"model": "demo", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
HALF = [{"role": "user", "content": "[stall midstream] one two three four"}]


@pytest.fixture(scope="module")
def composed(image):
    files = ["compose.yaml", "compose.tls.yaml"]
    composed = Composition(image, *files, UPSTREAM="demo", PORT=str(PORT), GUNICORN_WORKERS="3")
    assert eventually(lambda: composed.is_healthy("claude-proxy"), 60), composed.said("claude-proxy")
    yield composed
    composed.end()


def test_it_serves_on_the_hosts_loopback_with_the_settings_of_its_file(composed):
    reply = composed.ask("POST", "/v1/messages", MESSAGE, at=PORT)
    assert (reply.status, reply.json()["type"]) == (200, "message")
    assert "3 workers" in composed.said("claude-proxy")
    published = f'{{{{index .HostConfig.PortBindings "{PORT}/tcp"}}}}'
    assert composed.inspect("claude-proxy", published) == f"[{{127.0.0.1 {PORT}}}]"


def test_its_process_may_nothing(composed):
    own = composed.file("/proc") / composed.inspect("claude-proxy", "{{.State.Pid}}")
    fields = dict(re.findall(r"^(\w+):\s+(.*)$", (own / "status").read_text(), re.MULTILINE))
    assert fields["Uid"].split() == ["5000"] * 4
    assert (int(fields["CapEff"], 16), int(fields["CapBnd"], 16), fields["NoNewPrivs"]) == (0, 0, "1")
    mounts = (own / "mountinfo").read_text().splitlines()
    (root,) = [line.split() for line in mounts if line.split()[4] == "/"]
    assert "ro" in root[5].split(",")
    key = own / "root/var/lib/claude-proxy/envelope-key"
    assert key.stat().st_uid == 5000, "what must survive a restart is kept in the volume"


def test_who_kills_it_has_it_back(composed):
    first = composed.inspect("claude-proxy", "{{.State.Pid}}")
    composed.run("kill", "-KILL", first)
    assert eventually(lambda: composed.inspect("claude-proxy", "{{.State.Pid}}") not in (first, "0"))
    assert eventually(lambda: composed.is_healthy("claude-proxy"))
    assert composed.ask("GET", "/livez", at=PORT).status == 200


def test_caddy_streams_over_tls_event_by_event(composed):
    authority = "/data/caddy/pki/authorities/local/root.crt"
    words = ["exec", composed.container("caddy"), "cat", authority]
    assert eventually(lambda: composed.run("podman", *words, check=False).returncode == 0)
    name = {"host": "localhost"}
    tls = ssl.create_default_context(cadata=composed.podman(*words))

    def connect():
        return tls.wrap_socket(composed.connect(443), server_hostname="localhost")

    def is_there() -> bool:
        try:
            with Connection(connect(), "GET", "/livez", None, name) as connection:
                return connection.reply().status == 200
        except OSError:
            return False

    assert eventually(is_there), composed.said("caddy")
    body = {**MESSAGE, "messages": HALF, "stream": True}
    with Connection(connect(), "POST", "/v1/messages", body, name) as connection:
        # What is to come after it never comes, so nothing waited for the end.
        assert "content_block_delta" in (event["type"] for event in connection.events())


def test_caddys_file_is_valid_and_formatted(shared):
    shared.file("/var/tmp/Caddyfile").write_bytes((FOLDER / "Caddyfile").read_bytes())
    words = ["--adapter", "caddyfile", "--config", "/var/tmp/Caddyfile"]
    done = shared.run(
        "env", "CADDY_DOMAIN=llm.example.com", "PORT=5000", "HOME=/var/tmp", "caddy", "validate", *words
    )
    assert "Valid configuration" in done.stdout + done.stderr
    assert "not formatted" not in done.stdout + done.stderr
