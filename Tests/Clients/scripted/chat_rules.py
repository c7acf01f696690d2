"""What OpenAI's Chat Completions refuses, as far as a client or a translation could run into it."""

import re

FIELDS = {
    "audio", "frequency_penalty", "function_call", "functions", "logit_bias", "logprobs",
    "max_completion_tokens", "max_tokens", "messages", "metadata", "modalities", "model", "n",
    "parallel_tool_calls", "prediction", "presence_penalty", "prompt_cache_key", "reasoning_effort",
    "response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream",
    "stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user",
    "verbosity", "web_search_options",
}  # fmt: skip
MESSAGE_FIELDS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "refusal", "audio", "tool_calls", "reasoning_content"},
    "tool": {"role", "content", "tool_call_id"},
}
PARTS = {
    "text": {"type", "text"},
    "image_url": {"type", "image_url"},
    "file": {"type", "file"},
    "input_audio": {"type", "input_audio"},
    "refusal": {"type", "refusal"},
}
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LONGEST_ID = 40
MOST_STOPS = 4
MOST_OUTPUT = 128_000


class Refused(Exception):
    pass


def demand(holds: object, message: str) -> None:
    if not holds:
        raise Refused(message)


def refusal_of(raw: dict) -> str | None:
    """The message of the error, if it is one."""
    try:
        judge_fields(raw)
        judge_tools(raw)
        judge_messages(raw["messages"])
    except Refused as refused:
        return str(refused)
    return None


def judge_fields(raw: dict) -> None:
    if unknown := sorted(set(raw) - FIELDS):
        raise Refused(f"Unrecognized request argument supplied: {', '.join(unknown)}")
    demand(isinstance(raw.get("model"), str), "you must provide a model parameter")
    demand(raw.get("messages"), "[] is too short - 'messages'")
    stops = raw.get("stop") or []
    demand(len([stops] if isinstance(stops, str) else stops) <= MOST_STOPS, "Invalid 'stop': array too long.")
    demand(
        not ("max_tokens" in raw and "max_completion_tokens" in raw), "Setting both limits is not supported"
    )
    for field in ("max_tokens", "max_completion_tokens"):
        limit = raw.get(field)
        demand(limit is None or 1 <= limit <= MOST_OUTPUT, f"{field} is too large: {limit}")
    temperature = raw.get("temperature")
    demand(temperature is None or 0 <= temperature <= 2, "Invalid 'temperature'")
    demand(not raw.get("stream_options") or raw.get("stream"), "'stream_options' needs 'stream'")


def judge_tools(raw: dict) -> None:
    names = []
    for tool in raw.get("tools") or []:
        demand(tool.get("type") == "function", f"Invalid value: '{tool.get('type')}'")
        demand(set(tool) <= {"type", "function"}, f"Unknown parameter in {sorted(tool)}")
        function = tool["function"]
        unknown = set(function) - {"name", "description", "parameters", "strict"}
        demand(not unknown, f"Unknown parameter: 'tools.function.{sorted(unknown)}'")
        demand(NAME.fullmatch(function["name"]), f"Invalid 'tools.function.name': '{function['name']}'")
        schema = function.get("parameters")
        demand(schema is None or schema.get("type") == "object", f"Invalid schema for '{function['name']}'")
        names.append(function["name"])
    demand(len(names) == len(set(names)), "Tool names must be unique.")
    demand(raw.get("tools") != [], "[] is too short - 'tools'")
    choice = raw.get("tool_choice")
    demand(choice is None or names, "'tool_choice' is only allowed when 'tools' are specified")
    demand("parallel_tool_calls" not in raw or names, "'parallel_tool_calls' needs 'tools'")
    if isinstance(choice, dict):
        demand(choice["function"]["name"] in names, "Tool choice not found in 'tools'")


def judge_messages(messages: list[dict]) -> None:
    open_calls: list[str] = []
    for index, message in enumerate(messages):
        place = f"messages.[{index}]"
        role = message.get("role")
        demand(role in MESSAGE_FIELDS, f"Invalid value: '{role}' at {place}.role")
        unknown = set(message) - MESSAGE_FIELDS[role]
        demand(not unknown, f"Unknown parameter: '{place}.{sorted(unknown)}'")
        if role == "tool":
            demand(
                message["tool_call_id"] in open_calls,
                f"{place}: 'tool' must be a response to a preceding message with 'tool_calls'",
            )
            open_calls.remove(message["tool_call_id"])
        else:
            demand(not open_calls, f"{place}: no response for the tool_call_ids {open_calls}")
        if role == "assistant":
            open_calls = judge_calls(message, place)
        judge_content(message, place)
    demand(not open_calls, f"no response for the tool_call_ids {open_calls}")


def judge_calls(message: dict, place: str) -> list[str]:
    calls = message.get("tool_calls")
    demand(calls != [], f"Invalid '{place}.tool_calls': empty array")
    demand(calls or message.get("content") is not None, f"Invalid value for 'content' at {place}: null")
    for call in calls or []:
        demand(
            set(call) <= {"id", "type", "function"}, f"Unknown parameter: {place}.tool_calls {sorted(call)}"
        )
        demand(len(call["id"]) <= LONGEST_ID, f"Invalid '{place}.tool_calls.id': string too long")
        demand(NAME.fullmatch(call["function"]["name"]), f"Invalid '{place}.tool_calls.function.name'")
        demand(isinstance(call["function"]["arguments"], str), f"{place}: arguments must be a string")
    return [call["id"] for call in calls or []]


def judge_content(message: dict, place: str) -> None:
    content = message.get("content")
    if not isinstance(content, list):
        demand(isinstance(content, str) or message["role"] == "assistant", f"Invalid 'content' at {place}")
        return
    demand(content, f"Invalid '{place}.content': empty array")
    for part in content:
        kind = part.get("type")
        demand(kind in PARTS, f"Invalid value: '{kind}' at {place}.content")
        demand(set(part) <= PARTS[kind], f"Unknown parameter: {place}.content {sorted(part)}")
        demand(kind == "text" or message["role"] in ("user", "assistant"), f"{kind} in {place}.content")
        if kind == "image_url":
            demand(part["image_url"]["url"].startswith(("data:image/", "http")), f"Invalid image at {place}")
