"""Small legal values for every shape, and small legal requests to put them into."""

import copy

from agreement.shapes import Anything, Choice, Record, Row, Scalar, Words

ABSENT = object()

# Two values for a member whose name says more than its type.
NAMED: dict[str, tuple] = {
    "max_tokens": (40_000, 40_001),
    "max_completion_tokens": (40_000, 40_001),
    "budget_tokens": (2048, 20_000),
    "temperature": (0.5, 0.25),
    "top_p": (0.96, 0.97),
    "n": (2, 3),
    "url": ("https://example.com/a.png", "https://example.com/b.png"),
    "arguments": ('{"k":"v"}', '{"k":"w"}'),
    "file_data": ("data:application/pdf;base64,aGk=", "data:application/pdf;base64,aG8="),
    "tool_use_id": ("call_1", "call_2"),
    "tool_call_id": ("call_1", "call_2"),
    "input_schema": (
        {"type": "object", "properties": {"k": {"type": "string"}}},
        {"type": "object", "properties": {"w": {"type": "string"}}},
    ),
    "trigger": ({"type": "input_tokens", "value": 50_000}, {"type": "input_tokens", "value": 60_000}),
    "user_id": ("user-a", "user-b"),
}
NAMED["parameters"] = NAMED["schema"] = NAMED["input_schema"]
NAMED_OF = {("Reasoning", "max_tokens"): (2048, 20_000)}
ALLOWED = ("f", "g")
# What the types leave open and the protocol asks for.
NEEDED = {"FileFile": {"file_data"}, "JSONSchema": {"schema"}, "BetaSystemMessageParam": {"content"}}
BASE64 = ("aGk=", "aG8=")


def needed(record: Record) -> frozenset[str]:
    return record.required | NEEDED.get(record.name, set())


def values(shape: object, name: str, record: Record | None) -> list:
    """Values that tell a field's effects apart: all words of a closed list, two of anything else."""
    match shape:
        case Words(words):
            return list(words)
        case Scalar(kind) if kind is bool:
            return [True, False]
        case _:
            return [sample(shape, name, record, 0), sample(shape, name, record, 1)]


def sample(shape: object, name: str, record: Record | None = None, variant: int = 0) -> object:
    """The smallest value of a shape: of an object only what must be there."""
    if record is not None and (record.name, name) in NAMED_OF:
        return NAMED_OF[record.name, name][variant]
    if name in NAMED and not isinstance(shape, (Record, Row, Choice)):
        return copy.deepcopy(NAMED[name][variant])
    if name == "data" and record is not None and "media_type" in record.fields:
        return BASE64[variant] if record.fields["media_type"] != Words(("text/plain",)) else f"data {variant}"
    match shape:
        case Scalar(kind):
            return {
                str: f"{name} {'ab'[variant]}",
                int: 7 + variant,
                float: 0.5 + variant / 4,
                bool: not variant,
            }[kind]
        case Words(words):
            return words[min(variant, len(words) - 1)]
        case Anything() if record is not None and record.name == "ChatCompletionAllowedToolsParam":
            return {"type": "function", "function": {"name": ALLOWED[variant]}}
        case Anything(_, None):
            return {"k": "vw"[variant]}
        case Anything(_, inner):
            return {"50256": sample(inner, name, None, variant)}
        case Row(element):
            return [sample(element, name, record, variant)]
        case Record():
            return {
                field: sample(shape.fields[field], field, shape, variant)
                for field in shape.fields
                if field in needed(shape)
            }
        case Choice(members):
            useful = [member for member in members if member != Scalar(type(None))]
            return sample(useful[0], name, record, variant)
    raise TypeError(shape)


def largest(shape: object, name: str = "", record: Record | None = None, stack: tuple = ()) -> object:
    """A value with every member set that is not of a type already open."""
    match shape:
        case Record():
            if shape in stack:
                return sample(shape, name)
            return {
                field: largest(inner, field, shape, (*stack, shape)) for field, inner in shape.fields.items()
            }
        case Row(element):
            return [largest(element, name, record, stack)]
        case Choice(members):
            useful = [member for member in members if member != Scalar(type(None))]
            return largest(useful[-1], name, record, stack)
    return sample(shape, name, record)


# What stands around the value under test. A message under test is the third one, so its path never changes.

TOOL = {"name": "f", "input_schema": {"type": "object", "properties": {}}}
CALL = {"type": "function", "function": {"name": "f", "arguments": "{}"}}


def request(protocol: str) -> dict:
    body = {"model": "m", "messages": [{"role": "user", "content": "q"}]}
    if protocol == "anthropic":
        body["max_tokens"] = 40_000
    return body


def around(protocol: str, message: dict) -> list[dict]:
    """A conversation in which the message may stand, at index 2."""
    return around_messages(message) if protocol == "anthropic" else around_chat(message)


def around_messages(message: dict) -> list[dict]:
    first = {"role": "user", "content": "q"}
    blocks = message["content"] if isinstance(message.get("content"), list) else []
    if message["role"] == "user":
        answered = [block["tool_use_id"] for block in blocks if block.get("type") == "tool_result"]
        calls = [{"type": "tool_use", "id": id, "name": "f", "input": {}} for id in answered]
        return [first, {"role": "assistant", "content": calls or "a"}, message]
    before = [first, {"role": "user", "content": "r"}, message]
    calls = [block["id"] for block in blocks if block.get("type") == "tool_use"]
    if calls:
        results = [{"type": "tool_result", "tool_use_id": id, "content": "r"} for id in calls]
        return [*before, {"role": "user", "content": results}]
    return [*before, {"role": "user", "content": "s"}] if message["role"] == "assistant" else before


def around_chat(message: dict) -> list[dict]:
    first = {"role": "user", "content": "q"}
    match message["role"]:
        case "tool":
            before = {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": message["tool_call_id"], **CALL}],
            }
        case "function":
            before = {
                "role": "assistant",
                "content": None,
                "function_call": {"name": message["name"], "arguments": "{}"},
            }
        case "assistant":
            calls = message.get("tool_calls") or []
            after = [{"role": "tool", "tool_call_id": call["id"], "content": "r"} for call in calls]
            if call := message.get("function_call"):
                after.append({"role": "function", "name": call["name"], "content": "r"})
            return [
                first,
                {"role": "user", "content": "r"},
                message,
                *after,
                {"role": "user", "content": "s"},
            ]
        case _:
            before = {"role": "assistant", "content": "a"}
    return [first, before, message]


def completed(protocol: str, body: dict) -> dict:
    """The body with the tools that its choices and calls need."""
    if body.get("tools") is not None or body.get("functions") is not None:
        return body
    choice = body.get("tool_choice")
    calls = [call for message in body["messages"] for call in calls_in(message)]
    names = [named(choice) or named(body.get("function_call")) or "f"]
    if names[0] in ALLOWED:
        names = list(ALLOWED)
    if protocol == "anthropic" and (choice or calls):
        return {**body, "tools": [{**TOOL, "name": name} for name in names]}
    if protocol == "openai-chat" and (body.get("function_call") or "function" in calls):
        return {**body, "functions": [{"name": name, "parameters": TOOL["input_schema"]} for name in names]}
    if protocol == "openai-chat" and (choice or calls or body.get("parallel_tool_calls") is not None):
        kind = "custom" if isinstance(choice, dict) and choice.get("type") == "custom" else "function"
        return {**body, "tools": [{"type": kind, kind: {"name": name}} for name in names]}
    return body


def calls_in(message: dict) -> list[str]:
    """The kinds of calls and answers to calls that a message holds."""
    content = message.get("content")
    blocks = (
        [block["type"] for block in content if isinstance(block, dict)] if isinstance(content, list) else []
    )
    found = [kind for kind in blocks if kind in ("tool_use", "tool_result")]
    if message.get("tool_calls") or message["role"] == "tool":
        found.append("tool")
    if message.get("function_call") or message["role"] == "function":
        found.append("function")
    return found


def named(choice: object) -> str | None:
    """The tool a choice names, in any of the ways to name one."""
    if not isinstance(choice, dict):
        return None
    inner = choice.get("function") or choice.get("custom") or choice
    return inner.get("name")
