"""What an upstream says on an idle connection answers nobody: the next request goes out on another one."""

import pytest

from support import answers, protocols, ways
from support.upstream import Exchange

UNASKED = {
    "a whole answer": answers.ANOTHER,
    "some bytes": b"more",
    "CRLF": b"\r\n",
    "an interim answer": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    "a server's goodbye": answers.bare(b"408 Request Timeout", b"Content-Length: 0", answers.CLOSE),
}


@pytest.fixture
def relay(relay_of):
    return relay_of(protocols.CHAT, GUNICORN_WORKERS="1", MAX_RETRIES="0", ENABLE_CIRCUIT_BREAKER="false")


@pytest.mark.parametrize("way", ways.ALL, indirect=True)
@pytest.mark.parametrize("closes", [False, True], ids=["and stays", "and closes"])
@pytest.mark.parametrize("data", UNASKED.values(), ids=UNASKED.keys())
def test_what_comes_unasked_answers_nobody(relay, data, closes):
    body = relay.protocol.reply
    idle: list[Exchange] = []

    def reply(exchange: Exchange) -> None:
        exchange.head(200, [protocols.JSON, ("Content-Length", str(len(body)))])
        exchange.send(body)
        idle.append(exchange)

    relay.ask(reply=reply)
    idle[0].send(data)
    if closes:
        idle[0].half_close()
    assert idle[0].has_arrived()

    relay.upstream.answer(relay.reply)
    idle[0].finish()
    with relay.client() as client:
        relay.post(client)
        response = client.response()
    assert (response.status, response.body, response.clean) == (200, body, True)
    assert (len(relay.upstream.requests), len(relay.upstream.connections)) == (2, 2)
