"""A name server that never answers holds up nobody but those who wait for it."""

import pathlib
import subprocess
import threading
import time

import pytest

from support.client import Client
from support.protocols import MESSAGES

SOURCE = pathlib.Path(__file__).parent / "support" / "stuck_resolver.c"
GAP_SECONDS = 0.05


@pytest.fixture(scope="session")
def stuck(tmp_path_factory) -> str:
    library = tmp_path_factory.mktemp("resolver") / "stuck.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library), str(SOURCE), "-ldl"]
    subprocess.run(command, check=True)
    return str(library)


@pytest.fixture(params=["http", "https"])
def daemon(request, start, upstream, stuck):
    """One worker; Messages go to an upstream that answers, Chat to a name that is never resolved."""
    settings = {
        **MESSAGES.settings(upstream),
        "OPENAI_BASE_URL": f"{request.param}://stuck.test/v1",
        "OPENAI_API_KEY": "sk-" + "b" * 20,
        "GUNICORN_WORKERS": "1",
        "REQUEST_TIMEOUT": "2",
        "ENABLE_CIRCUIT_BREAKER": "false",
        "MAX_RETRIES": "0",
    }
    return start(settings, env={"LD_PRELOAD": stuck})


@pytest.mark.measured
def test_streams_go_on_while_names_are_not_resolved_and_when_their_clients_leave(daemon, upstream):
    """`/livez` is served by the same worker's loop as a stream would be: its time is the loop's gap."""
    gaps = []
    done = threading.Event()

    def look() -> None:
        with Client(daemon.address) as probe:
            while not done.is_set():
                started = time.monotonic()
                assert probe.ask("GET", "/livez").status == 200
                gaps.append(time.monotonic() - started)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        clients = [Client(daemon.address) for _ in range(20)]
        for client in clients:
            client.request("POST", MESSAGES.path, MESSAGES.fields(), MESSAGES.body())
        for client in clients[:10]:
            client.reset()
        for client in clients[10:]:
            assert client.response().status in (502, 504)
            client.close()
    finally:
        done.set()
        looking.join()
    gaps.sort()
    print(f"gap: median {gaps[len(gaps) // 2] * 1e3:.1f} ms, 99th {gaps[len(gaps) * 99 // 100] * 1e3:.1f} ms")
    assert gaps[len(gaps) * 99 // 100] < GAP_SECONDS
    assert upstream.requests == []
