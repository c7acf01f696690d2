"""Secrets given by `LoadCredential=` are used, and found nowhere."""

import os
import pathlib

import pytest

from booted.upstream import PORT, Upstream
from conftest import configure

SERVICE = "claude-proxy.service"
SECRETS = {
    "upstream-api-key": "sk-CANARY-UPSTREAM-77120",
    "allowed-api-keys": "sk-CANARY-DOOR-44821",
    "anthropic-api-key": "sk-CANARY-CLIENT-90533",
}
MESSAGE = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hello"}]}
NO_TEXT = {"mem", "pagemap", "clear_refs", "kmsg", "kcore", "kpagecount", "kpageflags", "kpagecgroup"}
"""Memory itself, what only swallows, and what is the whole kernel's."""


@pytest.fixture
def upstream(machine):
    upstream = Upstream(machine)
    yield upstream
    upstream.end()


@pytest.fixture
def served(machine, upstream):
    """The service with all its keys as credentials, after a request and a refused one."""
    lines = ["[Service]"]
    for name, secret in SECRETS.items():
        place = machine.file(f"/etc/credstore/{name}")
        place.parent.mkdir(mode=0o700, exist_ok=True)
        place.touch(mode=0o600)
        place.write_text(secret + "\n")
        lines.append(f"LoadCredential={name}:/etc/credstore/{name}")
    machine.drop_in(SERVICE, *lines)
    configure(machine, f"UPSTREAM_API_URL=http://127.0.0.1:{PORT}/v1/messages", "LOG_LEVEL=debug")
    key = SECRETS["allowed-api-keys"]
    assert machine.ask("POST", "/v1/messages", MESSAGE, x_api_key=key).status == 200
    assert machine.ask("POST", "/v1/messages", MESSAGE, x_api_key=key + "x").status == 401
    machine.systemctl("reload", SERVICE)
    return machine


def holders(paths) -> list[str]:
    """Which of these files show a secret."""
    found = []
    for path in paths:
        try:
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
                data = file.read(1 << 20)
        except OSError:
            continue
        found += [f"{path}: {name}" for name, secret in SECRETS.items() if secret.encode() in data]
    return found


def entries(process: pathlib.Path):
    """The files of a process in /proc, without those of what it has open."""
    for folder, names, files in os.walk(process):
        names[:] = [name for name in names if name not in ("fd", "map_files", "cwd", "root", "net")]
        yield from (pathlib.Path(folder, name) for name in files if name not in NO_TEXT)


def test_they_are_used(served, upstream):
    fields = dict(upstream.requests[-1].fields)
    assert [name for name, value in fields.items() if SECRETS["upstream-api-key"] in value], list(fields)


def test_they_are_in_no_environment_argument_or_entry_of_proc(served):
    own = served.file(f"/proc/{served.show(SERVICE, 'MainPID')}")
    environment = (own / "environ").read_bytes()
    assert b"CREDENTIALS_DIRECTORY=" in environment, "another process than the service was looked at"
    everybody = [path for path in served.file("/proc").iterdir() if path.name.isdigit()]
    assert (
        holders(path / name for path in everybody for name in ("environ", "cmdline", "comm", "status")) == []
    )
    assert holders(entries(own)) == []


def test_they_are_in_no_journal_status_or_property(served):
    since = served.journal.now()
    served.systemctl("stop", SERVICE)
    served.journal.wait(since, lambda entry: "Deactivated successfully" in entry["MESSAGE"])
    told = served.run("journalctl", "--all", "--output=json", "--no-pager").stdout
    told += served.systemctl("show", SERVICE) + served.systemctl("status", SERVICE, check=False)
    assert [name for name, secret in SECRETS.items() if secret in told] == []


def test_nobody_else_can_read_them(served):
    words = ["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups", "cat"]
    for name in SECRETS:
        place = f"/run/credentials/{SERVICE}/{name}"
        assert served.file(place).read_text().strip() == SECRETS[name]
        assert served.run(*words, place, check=False).returncode != 0
