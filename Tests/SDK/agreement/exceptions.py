"""What need be neither carried nor reported, with a reason a row. A row that excuses nothing is a fault."""

import dataclasses
import re

ANY = object()
DEFAULT = "says what holds anyway; a value equal to the default is no loss"
EMPTY = "an empty object says nothing"
FOR_THE_ANSWER = "kept for the translation of the answer"


@dataclasses.dataclass
class Row:
    protocol: str
    key: str
    value: object
    reason: str
    uses: int = 0


TABLE = [
    Row("anthropic", r".*", {}, EMPTY),
    Row("openai-chat", r".*", {}, EMPTY),
    Row("anthropic", r"stream", False, DEFAULT),
    Row("anthropic", r"service_tier", "auto", DEFAULT),
    Row("anthropic", r"speed", "standard", DEFAULT),
    Row(
        "anthropic", r"thinking<disabled>", {"type": "disabled"}, "the upstream's model does not think anyway"
    ),
    Row("anthropic", r"thinking<\w+>\.display", ANY, FOR_THE_ANSWER),
    Row("anthropic", r"tool_choice<\w+>\.disable_parallel_tool_use", False, DEFAULT),
    Row("anthropic", r".*<tool_result>\.is_error", False, DEFAULT),
    Row("openai-chat", r"logprobs|store|stream", False, DEFAULT),
    Row("openai-chat", r"verbosity", "medium", DEFAULT),
    Row("openai-chat", r"response_format<text>", {"type": "text"}, DEFAULT),
    Row("openai-chat", r".*\.image_url\.detail", "auto", DEFAULT),
    Row("openai-chat", r"stream_options<\w+>\.include_usage", ANY, FOR_THE_ANSWER),
    Row(
        "openai-chat",
        r"stream_options<\w+>\.include_obfuscation",
        ANY,
        "padding on the wire, ignored by rule",
    ),
    Row("openai-chat", r"thinking<\w+>\.display", ANY, FOR_THE_ANSWER),
    Row("openai-chat", r"prompt_cache_key", ANY, "its presence turns automatic caching on; there is no key"),
    Row("openai-chat", r".*\.prompt_cache_breakpoint\.ttl", "30m", "becomes the mark's own default lifetime"),
    Row("openai-chat", r"messages\[\]<tool>\.name", ANY, "the call it answers says the name"),
    Row("openai-chat", r"messages\[\]<tool>\.status", "success", DEFAULT),
    Row("openai-chat", r"response_format<json_schema>\.json_schema\.strict", True, DEFAULT),
    Row("openai-chat", r"response_format<json_schema>\.json_schema\.name", ANY, "a label no model sees"),
]


def excuse(protocol: str, key: str, value: object) -> Row | None:
    for row in TABLE:
        if row.protocol == protocol and re.fullmatch(row.key, key) and row.value in (ANY, value):
            row.uses += 1
            return row
    return None
