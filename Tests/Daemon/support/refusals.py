"""What the genuine services refuse with a 400, as far as their documents and users tell."""

import re


def words(line: str) -> set[str]:
    return set(line.split())


ID = re.compile(r"[a-zA-Z0-9_-]+")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
IMAGES = {"image/jpeg", "image/png", "image/gif", "image/webp"}
MESSAGES_FIELDS = words(
    "model max_tokens messages system stream stop_sequences temperature top_p top_k thinking output_config"
    " tools tool_choice metadata service_tier cache_control context_management container"
)
CHAT_FIELDS = words(
    "model messages max_tokens max_completion_tokens stream stream_options stop temperature top_p n tools"
    " tool_choice parallel_tool_calls response_format reasoning_effort verbosity seed user safety_identifier"
    " metadata store service_tier logprobs top_logprobs logit_bias presence_penalty frequency_penalty"
    " prompt_cache_key prediction modalities"
)


class Refused(Exception):
    """Why a request is not taken."""


def need(holds: object, why: str) -> None:
    if not holds:
        raise Refused(why)


def refused_messages(fields: dict, body: dict) -> str | None:
    return reason(lambda: check_messages(fields, body))


def refused_chat(fields: dict, body: dict) -> str | None:
    return reason(lambda: check_chat(body))


def reason(check) -> str | None:
    try:
        check()
    except Refused as refused:
        return str(refused)
    except (AttributeError, KeyError, TypeError) as fault:
        return f"malformed: {type(fault).__name__}"
    return None


# Anthropic Messages.


def check_messages(fields: dict, body: dict) -> None:
    need(fields.get("anthropic-version"), "anthropic-version: header is required")
    for name in body:
        need(name in MESSAGES_FIELDS, f"{name}: Extra inputs are not permitted")
    need(type(body.get("max_tokens")) is int and body["max_tokens"] > 0, "max_tokens: must be positive")
    need(0 <= body.get("temperature", 1) <= 1, "temperature: range 0..1")
    need(all(word.strip() for word in body.get("stop_sequences", [])), "stop_sequences: must not be blank")
    system = body.get("system", [])
    for block in system if isinstance(system, list) else [{"type": "text", "text": system}]:
        need(block["type"] == "text" and block["text"].strip(), "system: text blocks must be non-empty")
    tools = check_tools(body)
    turns = body.get("messages")
    need(turns and turns[0]["role"] == "user", "messages: first message must use the user role")
    open_calls: list[str] = []
    for turn in turns:
        open_calls = check_turn(turn, open_calls, tools)
    need(not open_calls, "messages: tool_use without tool_result")
    thinks = body.get("thinking", {}).get("type") in ("enabled", "adaptive")
    need(not thinks or body.get("temperature", 1) == 1, "temperature: must be 1 when thinking is enabled")


def check_tools(body: dict) -> bool:
    tools = body.get("tools", [])
    for tool in tools:
        need(NAME.fullmatch(tool.get("name", "")), "tools.name: does not match the pattern")
        schema = tool.get("input_schema")
        need("input_schema" not in tool or schema.get("type") == "object", "tools.input_schema.type: object")
    choice = body.get("tool_choice")
    if choice is not None:
        need(
            isinstance(choice, dict) and choice.get("type") in ("auto", "any", "tool", "none"), "tool_choice"
        )
        need(tools, "tool_choice: may only be specified while providing tools")
    return bool(tools)


def check_turn(turn: dict, open_calls: list[str], tools: bool) -> list[str]:
    need(turn["role"] in ("user", "assistant"), "messages.role: user or assistant")
    content = turn["content"]
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    need(blocks, "messages.content: must be non-empty")
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    need(sorted(results) == sorted(open_calls), "messages: tool_result and tool_use must match")
    kinds = [block["type"] for block in blocks]
    need(kinds[: len(results)] == ["tool_result"] * len(results), "messages: tool_results come first")
    for block in blocks:
        check_block(block, turn["role"])
    calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
    need(len(set(calls)) == len(calls), "messages: tool_use ids must be unique")
    need(tools or not (calls or results), "tools: required while tool blocks stand in messages")
    return calls


def check_block(block: dict, role: str) -> None:
    kind = block["type"]
    if kind == "text":
        need(block["text"].strip(), "messages: text content blocks must contain non-whitespace text")
    elif kind == "tool_use":
        need(role == "assistant" and isinstance(block["input"], dict), "tool_use.input: must be an object")
        need(ID.fullmatch(block["id"]), "tool_use.id: does not match the pattern")
    elif kind == "image":
        source = block["source"]
        need(source["type"] == "url" or source["media_type"] in IMAGES, "image.source.media_type")
    elif kind == "thinking":
        need(block.get("signature") == "signed-by-the-vendor", "thinking.signature: invalid")
    else:
        need(
            kind in ("tool_result", "document", "redacted_thinking"),
            "messages.content.type: none of the known",
        )


# OpenAI Chat Completions.


def check_chat(body: dict) -> None:
    for name in body:
        need(name in CHAT_FIELDS, f"Unknown parameter: '{name}'")
    need("max_tokens" not in body or "max_completion_tokens" not in body, "only one of the two token limits")
    need(0 <= (body.get("temperature") or 0) <= 2, "temperature: range 0..2")
    need(len(body.get("stop") or []) <= 4, "stop: at most 4")
    need("stream_options" not in body or body.get("stream"), "stream_options: only with stream")
    need("tools" not in body or body["tools"], "tools: [] is too short")
    need("tool_choice" not in body or body.get("tools"), "tool_choice: only with tools")
    need("parallel_tool_calls" not in body or body.get("tools"), "parallel_tool_calls: only with tools")
    for tool in body.get("tools", []):
        need(tool["type"] == "function" and NAME.fullmatch(tool["function"]["name"]), "tools.function.name")
    need(body.get("messages"), "messages: [] is too short")
    waiting: set[str] = set()
    for message in body["messages"]:
        waiting = check_message(message, waiting)
    need(not waiting, "messages: tool_calls must be followed by tool messages")


def check_message(message: dict, waiting: set[str]) -> set[str]:
    role = message["role"]
    if role == "tool":
        need(message["tool_call_id"] in waiting, "messages: a tool message must answer a tool call")
        need(texts_only(message["content"]), "messages: content of tool messages is text")
        return waiting - {message["tool_call_id"]}
    need(not waiting, "messages: tool_calls must be followed by tool messages")
    need(role in ("system", "developer", "user", "assistant"), "messages.role: none of the known")
    content = message.get("content")
    for part in content if isinstance(content, list) else []:
        need(part["type"] in ("text", "image_url", "file", "input_audio"), "content.type: none of the known")
    if role != "assistant":
        need(content or content == "", f"messages: content of {role} is required")
        return set()
    calls = message.get("tool_calls")
    need(calls is None or calls, "messages.tool_calls: [] is too short")
    need(content is not None or calls, "messages.content: null needs tool_calls")
    for call in calls or []:
        need(isinstance(call["function"]["arguments"], str), "tool_calls.function.arguments: a string")
    return {call["id"] for call in calls or []}


def texts_only(content) -> bool:
    return isinstance(content, str) or all(part["type"] == "text" for part in content)
