"""Each way to spell an answer in HTTP/1.1, and each way to get it wrong, on connections that are used again.

One daemon hears them all, for clients of the upstream's own protocol and of the other one. Every answer comes
on a connection that has served a request before, and the request after it must get nothing but its own.
"""

import contextlib
import dataclasses

import pytest

from conftest import Relay, starting
from support import answers, protocols, ways
from support.client import Response
from support.upstream import Exchange, Script, Upstream

SETTINGS = {
    "GUNICORN_WORKERS": "1",
    "MAX_RETRIES": "0",
    "ENABLE_CIRCUIT_BREAKER": "false",
}
PACED_BYTES = 4096
"""Longer ones are not sent byte by byte."""


class Talk:
    """One upstream, and before it clients of its own protocol and of the other one."""

    def __init__(self, protocol: protocols.Protocol, way: ways.Way, start):
        self.protocol = protocol
        self.upstream = Upstream(way)
        daemon = start({**protocol.settings(self.upstream), **way.settings, **SETTINGS})
        self.relays = [Relay(spoken, daemon, self.upstream) for spoken in (protocol, OTHER[protocol.name])]
        self.heard: list[Exchange] = []
        self.follow()

    def hear(self, case: "Case", data: bytes, then: Script) -> tuple[Exchange, Response]:
        with case.relay.client() as client:
            case.relay.post(client, stream=case.stream)
            exchange = self.upstream.take()
            self.heard.append(exchange)
            pieces = [data]
            if case.in_bytes and len(data) < PACED_BYTES:
                pieces = [data[at : at + 1] for at in range(len(data))]
            # The other side may not want to hear it to its end.
            with contextlib.suppress(OSError):
                for piece in pieces:
                    exchange.send(piece)
            then(exchange)
            return exchange, client.response()

    def tidy_up(self) -> None:
        """Whatever failed, the next test finds no exchange that waits for it."""
        for exchange in self.heard:
            if not exchange.finished.is_set():
                exchange.close()
        self.heard = []

    def follow(self) -> Exchange:
        """A request like any other, which must be answered by its own answer; its connection is idle then."""
        relay = self.relays[0]
        body = self.protocol.told("the next")
        exchange, response = relay.ask(reply=lambda exchange: exchange.reply(200, body, [protocols.JSON]))
        assert (response.status, response.body, response.clean) == (200, body, True)
        return exchange

    def cases(self) -> list["Case"]:
        """Clients of both protocols, plain requests and streams; last an answer in single bytes."""
        own, other = self.relays
        return [
            Case(own),
            Case(own, stream=True),
            Case(other),
            Case(other, stream=True),
            Case(own, in_bytes=True),
        ]


@dataclasses.dataclass
class Case:
    """Who asks for what, and whether the upstream sends its answer byte by byte."""

    relay: Relay
    stream: bool = False
    in_bytes: bool = False

    @property
    def protocol(self) -> protocols.Protocol:
        return self.relay.protocol

    def fill(self, talk: Talk, spelling: bytes, whole: bool = True) -> tuple[bytes, bytes]:
        """What the upstream says, and the body in it."""
        body = talk.protocol.told("the first", self.stream)
        if self.stream and not whole:
            body = talk.protocol.begun("the first")
        kind = b"text/event-stream" if self.stream else b"application/json"
        return answers.filled(spelling, kind, body), body


OTHER = {"chat": protocols.MESSAGES_OVER_CHAT, "messages": protocols.CHAT_OVER_MESSAGES}


@pytest.fixture(scope="module", params=ways.ALL)
def way(request):
    return ways.named(request.param, lambda: request.getfixturevalue("authority"))


@pytest.fixture(scope="module", params=[protocols.CHAT, protocols.MESSAGES], ids=protocols.named)
def talk(request, way, tmp_path_factory):
    with starting(tmp_path_factory.mktemp("d")) as start:
        talk = Talk(request.param, way, start)
        yield talk
        talk.upstream.close()


@pytest.fixture(autouse=True)
def tidy(talk):
    yield
    talk.tidy_up()


def is_whole(case: Case, talk: Talk, response: Response, body: bytes) -> None:
    assert (response.status, response.clean) == (200, True), response
    if case.protocol is talk.protocol:
        assert response.body == body
    else:
        assert b"the first" in response.body and b"error" not in response.body, response.body


def is_told(case: Case, response: Response, why: str) -> None:
    """An error with a status, or a frame in a stream that has begun; never a clean end."""
    if response.status == 200:
        assert case.stream and not response.clean, response
        case.protocol.error_frame(response.body)
    else:
        assert response.status == 502, response
        assert why in case.protocol.error(response)["message"], response


@pytest.mark.parametrize("spelling", answers.STAYS.values(), ids=answers.STAYS.keys())
def test_an_answer_is_understood_and_its_connection_used_again(talk, spelling):
    idle = talk.follow()
    for case in talk.cases():
        data, body = case.fill(talk, spelling)
        exchange, response = talk.hear(case, data, Exchange.finish)
        is_whole(case, talk, response, body)
        assert exchange.sock is idle.sock is talk.follow().sock


@pytest.mark.parametrize("spelling", answers.DOUBTFUL.values(), ids=answers.DOUBTFUL.keys())
def test_an_answer_in_chunks_ends_with_the_last_of_them(talk, spelling):
    for case in talk.cases():
        data, body = case.fill(talk, spelling)
        _, response = talk.hear(case, data, Exchange.finish)
        is_whole(case, talk, response, body)
        talk.follow()


@pytest.mark.parametrize(("status", "data"), answers.BODILESS.values(), ids=answers.BODILESS.keys())
def test_an_answer_without_a_body_ends_with_its_head(talk, status, data):
    idle = talk.follow()
    for in_bytes in (False, True):
        case = Case(talk.relays[0], in_bytes=in_bytes)
        exchange, response = talk.hear(case, data, Exchange.finish)
        assert (response.status, response.body, response.clean) == (status, b"", True)
        assert exchange.sock is idle.sock is talk.follow().sock


@pytest.mark.parametrize("spelling", answers.LEAVES.values(), ids=answers.LEAVES.keys())
def test_an_answer_is_understood_and_its_connection_left(talk, spelling):
    for case in talk.cases():
        data, body = case.fill(talk, spelling)
        exchange, response = talk.hear(case, data, Exchange.sees_close)
        is_whole(case, talk, response, body)
        exchange.finish()
        assert talk.follow().sock is not exchange.sock


@pytest.mark.parametrize("spelling", answers.GLUED.values(), ids=answers.GLUED.keys())
def test_what_follows_an_answer_at_once_is_part_of_none(talk, spelling):
    case = Case(talk.relays[0])
    data, body = case.fill(talk, spelling)
    _, response = talk.hear(case, data, Exchange.finish)
    assert (response.body, response.clean) == (body if b"@" in spelling else b"", True)
    talk.follow()


@pytest.mark.parametrize("spelling", answers.UNTIL_CLOSE.values(), ids=answers.UNTIL_CLOSE.keys())
def test_an_answer_may_end_with_its_connection(talk, spelling):
    """Within TLS too, with close_notify or without: enough servers leave it out."""
    for case in talk.cases():
        data, body = case.fill(talk, spelling)
        exchange, response = talk.hear(case, data, Exchange.close)
        is_whole(case, talk, response, body)
        assert talk.follow().sock is not exchange.sock


@pytest.mark.parametrize("broken", answers.BROKEN.values(), ids=answers.BROKEN.keys())
def test_what_is_no_answer_is_told_and_its_connection_left(talk, broken):
    for case in talk.cases():
        data, _ = case.fill(talk, broken.spelling, whole=False)
        before = len(talk.upstream.requests)
        exchange, response = talk.hear(case, data, Exchange.half_close if broken.closes else nothing)
        is_told(case, response, broken.why)
        if broken.may_stay and not broken.closes:
            exchange.finish()
        else:
            assert broken.may_stay or exchange.sees_close()
            exchange.close()
            assert exchange.has_arrived()
        assert len(talk.upstream.requests) == before + 1, "it was asked again"
        follower = talk.follow()
        assert broken.may_stay or follower.sock is not exchange.sock


def nothing(exchange: Exchange) -> None:
    pass
