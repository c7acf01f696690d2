"""The embedded default: what a newcomer sees who has configured nothing but `UPSTREAM=demo`."""

import time

import pytest

from support import protocols
from support.process import descriptors
from support.waiting import eventually


@pytest.fixture
def daemon(start):
    return start({"UPSTREAM": "demo"})


def ask(daemon, protocol, words: str, stream: bool = False):
    return daemon.ask("POST", protocol.path, protocol.fields(), protocol.body(stream=stream, prompt=words))


both = pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)


@both
def test_it_answers_without_any_key(daemon, protocol):
    response = ask(daemon, protocol, "Hello")
    assert response.status == 200
    assert b"Hello" in response.body


@both
def test_it_streams_word_by_word(daemon, protocol):
    with daemon.client() as client:
        body = protocol.body(stream=True, prompt="[pause 20] hello")
        client.request("POST", protocol.path, protocol.fields(), body)
        stream = client.body(client.head())
        arrivals = []
        while stream.piece():
            arrivals.append(time.monotonic())
    assert stream.clean
    assert len(arrivals) > 5, "the words came in one piece"


@both
def test_it_is_reached_over_a_private_socket(daemon, protocol):
    """No TCP port of the demo's is open to anybody else: the only listener is the one that was asked for."""
    ask(daemon, protocol, "hello")
    with open(f"/proc/{daemon.pid}/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    own = {entry[8:-1] for entry in descriptors(daemon.pid) if entry.startswith("socket:[")}
    listening = [row[1] for row in rows if row[3] == "0A" and row[9] in own]
    assert len(listening) == 1


@both
def test_a_stall_ends_when_the_client_leaves(daemon, protocol):
    ask(daemon, protocol, "hello")
    before = len(descriptors(daemon.pid))
    clients = [daemon.client() for _ in range(10)]
    for client in clients:
        client.request(
            "POST", protocol.path, protocol.fields(), protocol.body(stream=True, prompt="[stall midstream]")
        )
        client.body(client.head()).piece()
        client.reset()
    assert eventually(lambda: len(descriptors(daemon.pid)) <= before + 2)


@both
def test_a_break_in_mid_stream_ends_with_an_error_frame(daemon, protocol):
    response = ask(daemon, protocol, "[pause 0] [break] hello there", stream=True)
    protocol.error_frame(response.body)
    assert not response.clean


@both
def test_a_break_before_the_head_is_502(daemon, protocol):
    response = ask(daemon, protocol, "[break early]")
    assert response.status == 502
    protocol.error(response)
