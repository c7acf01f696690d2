"""Every request of the goldens fits the request types of the SDK of its protocol."""

import json

import pytest

from agreement import goldens, shapes

# Off-type on purpose, with the one path that is.
OFF_TYPE = {
    "REQ-C2A-17": {".messages[0].content": "a sloppy client: image_url as a bare string"},
    "REQ-A2C-21": {".tool_choice": "Mistral's spelling of required is any"},
}

# Members no type knows, each for one reason; nothing else may be there.
EXTRA = {
    ("anthropic", "temperature"): "a member up to version 2 of the SDK, still accepted under 2023-06-01",
    ("anthropic", "top_p"): "a member up to version 2 of the SDK, still accepted under 2023-06-01",
    ("anthropic", "top_k"): "a member up to version 2 of the SDK, still accepted under 2023-06-01",
    ("openai-chat", "reasoning_content"): "how several vendors want reasoning back",
    ("openai-chat", "thinking"): "DeepSeek's switch",
    ("openai-chat", "name"): "Mistral wants the function's name on its answer",
}


def bodies(golden: goldens.Golden) -> list[tuple[str, bytes]]:
    """Protocol and text of all requests of a golden."""
    found = []
    if golden.mode == "request":
        found.append((golden.source, golden.input))
        if golden.exit == 0:
            found.append((golden.target, golden.output))
            found.append((golden.target, golden.translated))
    if golden.request_path:
        found.append((golden.client, (goldens.FOLDER / golden.request_path).read_bytes()))
    return found


@pytest.mark.parametrize(
    "golden", [golden for golden in goldens.ALL if golden.mode == "request" or golden.request_path], ids=str
)
def test_a_request_fits_its_type(golden, ran):
    found = []
    for protocol, body in bodies(golden):
        for fault in shapes.faults(shapes.request_shape(protocol), json.loads(body)):
            name = fault.path.rpartition(".")[2]
            if fault.extra and (protocol, name) in EXTRA:
                continue
            found.append(fault)
    off_type = OFF_TYPE.get(golden.id, {})
    assert {fault.path for fault in found} == off_type.keys(), found
    if golden.mode == "request":
        ran("request", golden)


def test_the_check_can_fail():
    """One fault of every kind is found where it is."""
    body = {
        "model": "m",
        "max_tokens": "5",
        "messages": [
            {"role": "user", "content": [{"type": "text"}, {"type": "image", "source": {"type": "tape"}}]},
            {"role": "robot", "content": "x"},
            {"role": "user", "content": "x", "mystery": 1},
        ],
        "tool_choice": "auto",
    }
    paths = [fault.path for fault in shapes.faults(shapes.request_shape("anthropic"), body)]
    assert sorted(paths) == [
        ".max_tokens",
        ".messages[0].content",
        ".messages[1]",
        ".messages[2].mystery",
        ".tool_choice",
    ]
