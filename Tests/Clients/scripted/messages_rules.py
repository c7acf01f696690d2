"""What Anthropic's Messages refuses, as far as a client or a translation could run into it."""

import re
from collections.abc import Callable

FIELDS = {
    "cache_control", "container", "context_management", "inference_geo", "max_tokens", "mcp_servers",
    "messages", "metadata", "model", "output_config", "output_format", "service_tier", "speed",
    "stop_sequences", "stream", "system", "temperature", "thinking", "tool_choice", "tools", "top_k",
    "top_p",
}  # fmt: skip
BLOCKS = {
    "text": {"text", "citations"},
    "image": {"source"},
    "document": {"source", "title", "context", "citations"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
    "tool_use": {"id", "name", "input", "caller"},
    "tool_result": {"tool_use_id", "content", "is_error"},
    "tool_reference": {"tool_name"},
}
TOOL_FIELDS = {
    "allowed_callers", "cache_control", "defer_loading", "description", "eager_input_streaming",
    "input_examples", "input_schema", "name", "strict", "type",
}  # fmt: skip
NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
ID = re.compile(r"[a-zA-Z0-9_-]+")
MOST_CACHE_MARKS = 4
IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}


class Refused(Exception):
    pass


def demand(holds: object, message: str) -> None:
    if not holds:
        raise Refused(message)


def refusal_of(raw: dict, headers: dict[str, str], sign: Callable[[str], str]) -> str | None:
    """The message of the error, if it is one."""
    try:
        demand("anthropic-version" in headers, "anthropic-version: header is required")
        judge_fields(raw, headers)
        judge_tools(raw)
        judge_messages(raw, sign)
        demand(
            count_marks(raw) <= MOST_CACHE_MARKS, "A maximum of 4 blocks with cache_control may be provided."
        )
    except Refused as refused:
        return str(refused)
    return None


def judge_fields(raw: dict, headers: dict[str, str]) -> None:
    if unknown := sorted(set(raw) - FIELDS):
        raise Refused(f"{unknown[0]}: Extra inputs are not permitted")
    if "context_management" in raw:
        betas = headers.get("anthropic-beta", "")
        demand("context-management" in betas, "context_management: Extra inputs are not permitted")
    for field, kind in (("model", str), ("max_tokens", int), ("messages", list)):
        demand(isinstance(raw.get(field), kind), f"{field}: Field required")
    demand(raw["max_tokens"] >= 1, "max_tokens: Input should be greater than or equal to 1")
    temperature = raw.get("temperature")
    demand(temperature is None or 0 <= temperature <= 1, "temperature: range: 0..1")
    stops = raw.get("stop_sequences") or []
    demand(all(stop.strip() for stop in stops), "stop_sequences: each must contain non-whitespace")
    thinking = raw.get("thinking") or {}
    if thinking.get("type") == "enabled":
        budget = thinking.get("budget_tokens", 0)
        demand(1024 <= budget < raw["max_tokens"], "thinking.budget_tokens: out of range")
        demand(temperature in (None, 1), "`temperature` may only be set to 1 when thinking is enabled")


def judge_tools(raw: dict) -> None:
    names = []
    for index, tool in enumerate(raw.get("tools") or []):
        demand(NAME.fullmatch(tool.get("name") or ""), f"tools.{index}.name: String should match pattern")
        names.append(tool["name"])
        if tool.get("type", "custom") != "custom":
            continue
        unknown = sorted(set(tool) - TOOL_FIELDS)
        demand(not unknown, f"tools.{index}.custom.{unknown}: Extra inputs are not permitted")
        schema = tool.get("input_schema") or {}
        demand(schema.get("type") == "object", f"tools.{index}.custom.input_schema.type: Field required")
    demand(len(names) == len(set(names)), "tools: Tool names must be unique.")
    choice = raw.get("tool_choice")
    demand(not choice or names, "tool_choice may only be specified while providing tools.")
    if choice and choice["type"] == "tool":
        demand(choice["name"] in names, f"Tool '{choice['name']}' not found in provided tools")


def judge_messages(raw: dict, sign: Callable[[str], str]) -> None:
    messages = raw["messages"]
    demand(messages, "messages: at least one message is required")
    demand(messages[0]["role"] == "user", 'messages: first message must use the "user" role')
    open_calls: list[str] = []
    for index, message in enumerate(messages):
        place = f"messages.{index}"
        role = message.get("role")
        demand(
            role in ("user", "assistant", "system"), f"{place}.role: Input should be 'user' or 'assistant'"
        )
        allowed = {"role", "content", "output_config"} if role == "system" else {"role", "content"}
        demand(set(message) <= allowed, f"{place}: Extra inputs are not permitted {sorted(message)}")
        blocks = blocks_of(message["content"], place, may_be_empty=role == "system")
        for block in blocks:
            judge_block(block, role, place, sign)
        if open_calls:
            demand(role == "user", f"{place}: `tool_use` ids were found without `tool_result` blocks")
        if role == "user":
            judge_results(blocks, open_calls, place)
            open_calls = []
        elif role == "assistant":
            open_calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
            demand(len(open_calls) == len(set(open_calls)), f"{place}: `tool_use` ids must be unique")
            demand(not open_calls or raw.get("tools"), "Requests which include `tool_use` must define tools")
            judge_order(raw, blocks, place)
    demand(not open_calls, f"`tool_use` ids were found without `tool_result` blocks: {open_calls}")
    last = messages[-1]
    if last["role"] == "assistant":
        text = blocks_of(last["content"], "last", may_be_empty=False)[-1].get("text", "")
        demand(text == text.rstrip(), "final assistant content cannot end with trailing whitespace")


def blocks_of(content, place: str, may_be_empty: bool) -> list[dict]:
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    demand(isinstance(blocks, list) and (blocks or may_be_empty), f"{place}: content must be non-empty")
    return blocks


def judge_block(block: dict, role: str, place: str, sign: Callable[[str], str]) -> None:
    kind = block.get("type")
    demand(kind in BLOCKS, f"{place}: Input tag '{kind}' does not match any of the expected tags")
    unknown = set(block) - BLOCKS[kind] - {"type", "cache_control"}
    demand(not unknown, f"{place}.{kind}: Extra inputs are not permitted {sorted(unknown)}")
    if kind == "text":
        demand(block["text"].strip(), f"{place}: text content blocks must contain non-whitespace text")
    elif kind == "thinking":
        genuine = block.get("signature") == sign(block["thinking"])
        demand(genuine, f"{place}: Invalid `signature` in `thinking` block")
        demand(role == "assistant", f"{place}: thinking blocks belong to the assistant")
    elif kind == "tool_use":
        demand(ID.fullmatch(block["id"]), f"{place}.tool_use.id: String should match pattern")
        demand(NAME.fullmatch(block["name"]), f"{place}.tool_use.name: String should match pattern")
        demand(isinstance(block["input"], dict), f"{place}.tool_use.input: Input should be an object")
    elif kind == "tool_result" and isinstance(block.get("content"), list):
        for inner in block["content"]:
            demand(inner["type"] in ("text", "image", "document", "tool_reference"), f"{place}.tool_result")
            judge_block(inner, role, place, sign)
    elif kind == "image" and block["source"]["type"] == "base64":
        demand(block["source"]["media_type"] in IMAGES, f"{place}.image.source.media_type")


def judge_results(blocks: list[dict], open_calls: list[str], place: str) -> None:
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    demand(sorted(results) == sorted(open_calls), f"{place}: results {results} for calls {open_calls}")
    first = [block["type"] for block in blocks[: len(results)]]
    demand(set(first) <= {"tool_result"}, f"{place}: `tool_result` blocks must come first")


def judge_order(raw: dict, blocks: list[dict], place: str) -> None:
    """Manual thinking wants its thoughts in front, where calls follow."""
    manual = (raw.get("thinking") or {}).get("type") == "enabled"
    if manual and any(block["type"] == "tool_use" for block in blocks):
        leads = blocks[0]["type"] in ("thinking", "redacted_thinking")
        demand(leads, f"{place}.content.0.type: Expected `thinking` or `redacted_thinking`")


def count_marks(raw: dict) -> int:
    def count(value) -> int:
        if isinstance(value, list):
            return sum(map(count, value))
        if not isinstance(value, dict):
            return 0
        own = 1 if value.get("cache_control") else 0
        inner = value.get("content")
        return own + (count(inner) if isinstance(inner, list) else 0)

    return count(raw.get("system")) + count(raw.get("tools")) + count(raw["messages"])
