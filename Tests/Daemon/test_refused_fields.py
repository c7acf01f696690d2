"""A field an upstream does not know is left out, once it has said so."""

import json

import pytest

from support.protocols import CHAT, JSON, MESSAGES
from support.secrets import CLIENT_KEY

KEY = ("x-api-key", CLIENT_KEY)


def refusing(*fields: str, status: int = 400):
    """An upstream that does not take these fields."""

    def answer(exchange) -> None:
        unknown = [name for name in fields if name in json.loads(exchange.request.body)]
        if unknown:
            error = {"message": f"Unknown parameter: '{unknown[0]}'.", "param": unknown[0]}
            return exchange.reply(status, json.dumps({"error": error}).encode(), [JSON])
        return exchange.reply(200, CHAT.reply, [JSON])

    return answer


@pytest.fixture
def relay(relay_of):
    return relay_of(CHAT, ALLOWED_API_KEYS=CLIENT_KEY, MAX_RETRIES="0", GUNICORN_WORKERS="2")


def ask(relay, protocol=MESSAGES, **extra):
    return relay.daemon.ask("POST", protocol.path, protocol.fields(KEY), protocol.body(**extra))


@pytest.mark.parametrize("status", [400, 422])
def test_it_is_asked_once_more_without_and_learned(relay, status):
    relay.upstream.answer(refusing("temperature", status=status))
    first = ask(relay, temperature=0.5)
    assert first.status == 200 and "temperature" in first.get("x-proxy-dropped")
    assert len(relay.upstream.requests) == 2
    second = ask(relay, temperature=0.5)
    assert second.status == 200 and "temperature" in second.get("x-proxy-dropped")
    assert len(relay.upstream.requests) == 3, "known from the first time"
    sent = json.loads(relay.upstream.requests[-1].body)
    assert "temperature" not in sent and sent["messages"]


def test_two_refusals_are_one_too_many(relay):
    relay.upstream.answer(refusing("temperature", "top_p"))
    response = ask(relay, temperature=0.5, top_p=0.5)
    assert response.status == 400
    assert "Unknown parameter" in MESSAGES.error(response)["message"]
    assert len(relay.upstream.requests) == 2


def test_what_did_not_help_is_not_learned(relay):
    body = b'{"error":{"message":"Unknown parameter: temperature"}}'
    relay.upstream.answer(lambda exchange: exchange.reply(400, body, [JSON]))
    assert ask(relay, temperature=0.5).status == 400
    relay.upstream.answer(refusing())
    assert ask(relay, temperature=0.5).status == 200
    assert json.loads(relay.upstream.requests[-1].body)["temperature"] == 0.5


def test_a_relayed_request_is_the_clients_own(relay):
    relay.upstream.answer(refusing("temperature"))
    response = ask(relay, CHAT, temperature=0.5)
    assert response.status == 400
    assert len(relay.upstream.requests) == 1


def test_nothing_is_left_out_where_losses_are_refused(relay_of):
    relay = relay_of(CHAT, ALLOWED_API_KEYS=CLIENT_KEY, TRANSLATION_LOSS="refuse")
    relay.upstream.answer(refusing("temperature"))
    assert ask(relay, temperature=0.5).status == 400
    assert len(relay.upstream.requests) == 1


def test_what_the_upstream_cannot_do_is_done_here_instead(relay):
    def answer(exchange) -> None:
        if "stop" in json.loads(exchange.request.body):
            error = {
                "message": "Unsupported parameter: 'stop' is not supported with this model.",
                "param": "stop",
            }
            return exchange.reply(400, json.dumps({"error": error}).encode(), [JSON])
        message = {"role": "assistant", "content": "one two three"}
        reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
        reply["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return exchange.reply(200, json.dumps(reply).encode(), [JSON])

    relay.upstream.answer(answer)
    for sent in (2, 3):
        response = ask(relay, stop_sequences=[" three"])
        assert response.status == 200 and "stop_sequences" in response.get("x-proxy-changed")
        said = json.loads(response.body)
        assert said["content"] == [{"type": "text", "text": "one two"}]
        assert said["stop_reason"] == "stop_sequence" and said["stop_sequence"] == " three"
        assert len(relay.upstream.requests) == sent, "known from the first time"
