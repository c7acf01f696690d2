"""A golden error is the SDK's own exception for its status."""

import json

import anthropic
import openai
import pytest

from agreement import goldens
from agreement.clients import ANTHROPIC_ASK, ASK, Clients

NAMES = {
    400: "BadRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    409: "ConflictError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
}
ANTHROPIC_NAMES = {
    402: "PaymentRequiredError",
    413: "ContentTooLargeError",
    503: "ServiceUnavailableError",
    504: "DeadlineExceededError",
    529: "OverloadedError",
}


# Genuine types the SDK reads without a model of their own.
WITHOUT_MODEL = {"conflict_error", "request_too_large"}


def class_of(package, status: int) -> type:
    names = NAMES | (ANTHROPIC_NAMES if package is anthropic else {})
    fallback = "InternalServerError" if status >= 500 else "APIStatusError"
    return getattr(package, names.get(status, fallback))


def calls(golden: goldens.Golden, clients: Clients, url: str) -> list:
    """The ways a client may ask, each of which must raise."""
    if golden.client == "anthropic":
        messages, waiting = clients.messages(url), clients.async_messages(url)
        return [
            lambda: messages.create(**ANTHROPIC_ASK),
            lambda: messages.create(stream=True, **ANTHROPIC_ASK),
            lambda: messages.stream(**ANTHROPIC_ASK).__enter__(),
            lambda: clients.wait(waiting.create(**ANTHROPIC_ASK)),
        ]
    completions, waiting = clients.completions(url), clients.async_completions(url)
    return [
        lambda: completions.create(**ASK),
        lambda: completions.create(stream=True, **ASK),
        lambda: completions.stream(**ASK).__enter__(),
        lambda: clients.wait(waiting.create(**ASK)),
    ]


@pytest.mark.parametrize("golden", goldens.ERRORS, ids=str)
def test_an_error_is_the_sdks_exception(golden, replay, ran, clients):
    package = anthropic if golden.client == "anthropic" else openai
    expected = json.loads(golden.output)
    for text in (golden.output, golden.translated):
        answer = json.loads(text)
        headers = {name: value for name, value in answer["headers"].items() if name != "content-type"}
        body = json.dumps(answer["body"]).encode()
        url = replay.put(body, "application/json", answer["status"], headers)
        for call in calls(golden, clients, url):
            with pytest.raises(package.APIStatusError) as raised:
                call()
            error = raised.value
            assert type(error) is class_of(package, expected["status"])
            assert error.status_code == expected["status"]
            said = expected["body"]["error"]
            if package is anthropic:
                if said["type"] not in WITHOUT_MODEL:
                    anthropic.types.ErrorResponse.model_validate(answer["body"])
                assert error.body == answer["body"]
                assert (error.type, error.body["error"]["message"]) == (said["type"], said["message"])
            else:
                assert error.body == said
                assert (error.type, error.code, error.param) == (said["type"], said["code"], said["param"])
            for name, value in expected["headers"].items():
                assert error.response.headers[name] == value
            ran("error", golden)
