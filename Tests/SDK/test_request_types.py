"""Every request of the goldens fits the request types of the SDK of its protocol."""

import json

import pytest

from agreement import goldens, shapes

# Off-type on purpose: every path that is.
OFF_TYPE = {
    # A sloppy client: image_url as a bare string.
    "REQ-C2A-17": {".messages[0].content[2].image_url"},
    # Mistral's spelling of required is any.
    "REQ-A2C-21": {".tool_choice"},
    # The cases of the old proxies that show what becomes of bad input: an extra member that marks an error,
    # an answer to no call, tools of another protocol or of none, a part and a null that do not exist.
    "T21": {".messages[3].status"},
    "T22": {".messages[1].tool_call_id"},
    "T23": {
        *(f".tools[1].{name}" for name in ("function", "type", "name", "description", "input_schema")),
        ".tools[2].function.name",
        ".tools[3]",
    },
    "T29": {".messages[0].content[0]"},
    "T66": {".messages[2].content[0].content"},
    "AUD-REQ-096": {".tool_choice"},
    # Nulls and empty lists, as clients send back what they were answered.
    "AUD-REQ-088": {".messages[1].tool_calls", ".messages[1].annotations"},
    "AUD-REQ-089": {".web_search_options.user_location.approximate.region"},
    # Bad input is refused, not translated; an image an assistant cannot have sent is dropped.
    "AUD-REQ-021": {".model"},
    "AUD-REQ-067": {".messages[1].content[1]"},
    "AUD-REQ-069": {".messages[1].tool_calls[0].type", ".messages[1].tool_calls[0].id"},
    "T146": {f".tools[0].{name}" for name in ("input_schema", "name", "type", "function")},
}

# Members no type knows, each for one reason; nothing else may be there.
SAMPLING = "a member up to version 2 of the SDK, still accepted under 2023-06-01"
EXTRA = {
    ("anthropic", "temperature"): SAMPLING,
    ("anthropic", "top_p"): SAMPLING,
    ("anthropic", "top_k"): SAMPLING,
    ("openai-chat", "reasoning_content"): "how several vendors want reasoning back",
    ("openai-chat", "reasoning_details"): "how OpenRouter wants reasoning back",
    ("openai-chat", "reasoning"): "OpenRouter's effort, and the text of reasoning on its messages",
    ("openai-chat", "thinking"): "DeepSeek's switch",
    ("openai-chat", "enable_thinking"): "Qwen's switch",
    ("openai-chat", "thinking_budget"): "Qwen's budget",
    ("openai-chat", "chat_template_kwargs"): "the switches of vLLM's and SGLang's templates",
    ("openai-chat", "continue_final_message"): "how vLLM and SGLang go on with a begun answer",
    ("openai-chat", "add_generation_prompt"): "the same: no new answer is begun",
    ("openai-chat", "extra_content"): "Gemini's proof of thought on calls",
    ("openai-chat", "top_k"): "vLLM, SGLang and Ollama sample by it",
    ("openai-chat", "cache_control"): "OpenRouter, GLM and Qwen take it on content parts",
    ("openai-chat", "prefix"): "DeepSeek's and Mistral's mark of an answer to go on with",
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
            if not fault.extra or (protocol, name) not in EXTRA or fault.path in OFF_TYPE.get(golden.id, ()):
                found.append(fault)
    assert {fault.path for fault in found} == OFF_TYPE.get(golden.id, set()), found
    if golden.mode == "request":
        ran("request", golden)


def test_the_check_can_fail():
    """A fault of every kind is found where it is."""
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
        ".messages[0].content[0].text",
        ".messages[0].content[1].source",
        ".messages[1]",
        ".messages[2].mystery",
        ".tool_choice",
    ]
