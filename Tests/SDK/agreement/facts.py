"""What an answer says, in the terms both an SDK's object and a golden can be asked for."""

import json

import jiter


def frames(stream: bytes) -> list[tuple[str, str]]:
    """Event name and data of every frame of a stream that one of our own writers made."""
    found = []
    for block in stream.decode().split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith(":")]
        fields = [line.partition(": ")[::2] for line in lines]
        data = "\n".join(value for name, value in fields if name == "data")
        if fields:
            found.append((dict(fields).get("event", ""), data))
    return found


def events(stream: bytes) -> list[dict]:
    return [json.loads(data) for _, data in frames(stream) if data != "[DONE]"]


def error_in(stream: bytes) -> dict | None:
    """The error a stream ends in."""
    return next((event["error"] for event in events(stream) if event.get("error")), None)


# Messages


def message_of_stream(stream: bytes) -> dict:
    """The message the events of a stream add up to, as far as they come."""
    message: dict = {}
    inputs: dict[int, str] = {}
    for event in events(stream):
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                assert event["index"] == len(message["content"])
                message["content"].append(event["content_block"])
            case "content_block_delta":
                add_delta(message["content"][event["index"]], event["delta"], inputs, event["index"])
            case "message_delta":
                message |= event["delta"]
                counts = {name: count for name, count in event["usage"].items() if count is not None}
                message["usage"] = message["usage"] | counts
    return message


def add_delta(block: dict, delta: dict, inputs: dict[int, str], index: int) -> None:
    match delta["type"]:
        case "text_delta":
            block["text"] += delta["text"]
        case "thinking_delta":
            block["thinking"] += delta["thinking"]
        case "signature_delta":
            assert not block["signature"], "a signature comes once and whole"
            block["signature"] = delta["signature"]
        case "input_json_delta":
            inputs[index] = inputs.get(index, "") + delta["partial_json"]
            block["input"] = input_of(inputs[index])
        case kind:
            raise AssertionError(f"a golden with an unknown delta {kind}")


def input_of(text: str) -> object:
    """A call that was cut off shows as far as it came, as the SDK shows it."""
    try:
        return json.loads(text)
    except ValueError:
        return jiter.from_json(text.encode(), partial_mode=True)


MESSAGE_FACTS = ("id", "type", "role", "model", "stop_reason", "stop_sequence", "stop_details")
BLOCK_FACTS = ("type", "text", "thinking", "signature", "data", "id", "name", "input")


def facts_of_message(message: dict) -> dict:
    return {
        **{name: without_nulls(message.get(name)) for name in MESSAGE_FACTS},
        "usage": without_nulls(message["usage"]),
        "content": [
            {name: block[name] for name in BLOCK_FACTS if name in block} for block in message["content"]
        ],
    }


# Chat completions


def completion_of_stream(stream: bytes) -> dict:
    """The completion the chunks of a stream add up to, as far as they come."""
    completion: dict = {"choices": [], "usage": None}
    for chunk in events(stream):
        if chunk.get("error"):
            break
        completion |= {name: chunk[name] for name in ("id", "created", "model")}
        completion["usage"] = chunk.get("usage") or completion["usage"]
        for choice in chunk["choices"]:
            if not completion["choices"]:
                completion["choices"].append({"index": 0, "message": {}, "finish_reason": None})
            whole = completion["choices"][choice["index"]]
            whole["finish_reason"] = choice["finish_reason"] or whole["finish_reason"]
            add_chunk(whole["message"], choice["delta"])
    return completion


def add_chunk(message: dict, delta: dict) -> None:
    for name, value in delta.items():
        if name in ("tool_calls", "annotations"):
            for entry in value:
                entries = message.setdefault(name, [])
                if entry["index"] == len(entries):
                    entries.append({"function": {"arguments": ""}} if "function" in entry else {})
                add_call(entries[entry["index"]], entry)
        elif name == "function_call":
            add_call(message.setdefault(name, {"arguments": ""}), value)
        elif isinstance(value, str) and name != "role":
            message[name] = (message.get(name) or "") + value
        elif value is not None:
            assert name not in message, f"{name} comes once"
            message[name] = value


def add_call(call: dict, fragment: dict) -> None:
    for name, value in fragment.items():
        if name == "function":
            add_call(call["function"], value)
        elif name == "arguments":
            call[name] += value
        elif name != "index":
            assert name not in call, f"{name} comes once"
            call[name] = value


MESSAGE_MEMBERS = (
    "role",
    "content",
    "refusal",
    "reasoning_content",
    "tool_calls",
    "function_call",
    "annotations",
    "extra_content",
)


def facts_of_completion(completion: dict) -> dict:
    return {
        **{name: completion.get(name) for name in ("id", "created", "model")},
        "usage": without_nulls(completion.get("usage")),
        "choices": [
            {
                "index": choice["index"],
                "finish_reason": choice["finish_reason"],
                "message": {
                    name: facts_of_member(choice["message"][name])
                    for name in MESSAGE_MEMBERS
                    if choice["message"].get(name) not in (None, "", [])
                },
            }
            for choice in completion["choices"]
        ],
    }


def facts_of_member(value: object) -> object:
    """List members carry their index in a stream, and the SDK's helper adds what it has parsed."""
    if isinstance(value, list):
        return [facts_of_member(entry) for entry in value]
    if isinstance(value, dict):
        return {
            name: facts_of_member(member)
            for name, member in value.items()
            if name not in ("index", "parsed_arguments") and member is not None
        }
    return value


def without_nulls(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {name: without_nulls(member) for name, member in value.items() if member is not None}
