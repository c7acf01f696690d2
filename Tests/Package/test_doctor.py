"""`claude-proxy doctor nginx`: names what a configuration of nginx breaks, and nothing on the shipped one."""

import pytest

from booted.site import CERTIFICATE
from conftest import configure

INCLUDE = "include snippets/claude-proxy.conf;"
FINE = "nothing is wrong on this way"


@pytest.fixture(scope="module")
def snippet(shared) -> str:
    return shared.file("/etc/nginx/snippets/claude-proxy.conf").read_text()


def visit(machine, url="https://localhost", *before: str):
    # Not with its first request: the start takes longer than a broken configuration waits, on a busy machine.
    machine.systemctl("start", "claude-proxy.service")
    words = ["claude-proxy", "doctor", "nginx", "--url", url, "--ca", CERTIFICATE, "--silence", "3"]
    return machine.run(*before, *words, check=False)


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return text


def test_nothing_is_wrong_with_the_shipped_configuration(site, machine):
    done = visit(machine)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(FINE)


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        (
            {
                "proxy_buffering off;": "proxy_buffering on;",
                "proxy_ignore_headers": "proxy_ignore_headers X-Accel-Buffering",
            },
            "proxy_buffering off;",
        ),
        ({"gzip_types application/json;": "gzip_types *;"}, "gzip_types without text/event-stream"),
        ({"proxy_read_timeout 3600s;": "proxy_read_timeout 2s;"}, "proxy_read_timeout 3600s;"),
        ({"client_max_body_size 40m;": ""}, "client_max_body_size 40m;"),
        ({"proxy_http_version 1.1;": ""}, "proxy_http_version 1.1;"),
        ({"proxy_pass http://claude-proxy;": "return 301 https://other$request_uri;"}, "final address"),
        ({"proxy_redirect off;": 'proxy_set_header x-api-key "";'}, "empties x-api-key"),
        (
            {
                "proxy_redirect off;": 'proxy_set_header x-api-key "";'
                "proxy_set_header x_api_key $http_x_api_key;"
            },
            "underscore",
        ),
        (
            {"proxy_pass http://claude-proxy;": "proxy_pass http://127.0.0.1:9;"},
            "server unix:/run/claude-proxy/nginx.sock;",
        ),
    ],
)
def test_a_broken_configuration_is_named_with_its_cure(site, machine, snippet, changes, cure):
    site.put(site.text.replace(INCLUDE, changed(snippet, changes)))
    done = visit(machine)
    cures = [line for line in done.stdout.splitlines() if line.startswith("  cure: ")]
    assert done.returncode == 1
    assert len(cures) == 1 and cure in cures[0], done.stdout


def test_all_that_is_wrong_is_named_at_once(site, machine, snippet):
    changes = {
        "gzip_types application/json;": "gzip_types *;",
        "client_max_body_size 40m;": "client_max_body_size 1m;",
        "proxy_http_version 1.1;": "proxy_http_version 1.0;",
        "proxy_read_timeout 3600s;": "proxy_read_timeout 2s;",
    }
    site.put(site.text.replace(INCLUDE, changed(snippet, changes)))
    done = visit(machine)
    for cure in ("gzip_types", "client_max_body_size", "proxy_http_version", "proxy_read_timeout"):
        assert f"cure: {cure}" in done.stdout


def test_a_key_is_taken_from_the_environment_and_missed_where_it_is_needed(site, machine):
    configure(machine, "UPSTREAM=demo", "ALLOWED_API_KEYS=sk-door-0123456789")
    done = visit(machine)
    assert done.returncode == 2 and "CLAUDE_PROXY_KEY" in done.stderr
    assert visit(machine, "https://localhost/", "env", "CLAUDE_PROXY_KEY=sk-door-0123456789").returncode == 0


def test_nothing_is_spent_on_a_real_upstream(site, machine):
    configure(
        machine, "UPSTREAM_API_URL=http://127.0.0.1:9/v1/messages", "UPSTREAM_API_KEY=sk-real-0123456789"
    )
    done = visit(machine)
    assert done.returncode == 2 and "UPSTREAM=demo" in done.stderr


def test_an_address_nobody_serves_is_not_called_well(machine):
    done = visit(machine, "https://localhost:9")
    assert done.returncode == 2 and "no answer from there" in done.stderr


def test_without_an_address_it_says_how_to_be_asked(machine):
    done = machine.run("claude-proxy", "doctor", "nginx", check=False)
    assert done.returncode == 2 and "usage: " in done.stderr
