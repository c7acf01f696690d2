"""Neighbours of T01-T30 and T53-T82: the same facts asked otherwise, named after what states them."""

from support.secrets import PROMPT

from .case import Case
from .masks import WORDS, Like, OneOf
from .rows import chat_row, messages_row
from .spelling import (
    F_FUNCTION,
    PNG,
    F,
    anthropic_error,
    assistant,
    call,
    chat_body,
    function,
    messages_body,
    openai_error,
    result,
    text,
    to_anthropic,
    to_chat,
    tool,
    use,
    user,
)

LIMITED = OneOf(None, "max_tokens", "max_completion_tokens")

# A7.1: what counts as a wish for tokens.

QUERIES = {
    "max_tokens=99999999999999999999999": 16384,
    "max_tokens=%3128": 128,
    "max_tokens=+128": 128,
    "max_tokens=%20128": 128,
    "max_tokens=-5": 64,
    "max_tokens=12.9": 64,
    "max_tokens=1e3": 64,
    "max_tokens=": 64,
    "max_tokens": 64,
    "max_tokens=%": 64,
    "x=1&max_tokens=77&max_tokens=88": 77,
    "MAX_TOKENS=77": 64,
}
WISHES = {
    "true": 4096,
    "null": 4096,
    '"abc"': 4096,
    '"12.9"': 4096,
    '" 128 "': 128,
    "[]": 4096,
    "{}": 4096,
    "1e30": 16384,
    "99999999999999999999": 16384,
    '"99999999999999999999"': 16384,
}


def raw_chat(members: str) -> bytes:
    """A0 with members that JSON libraries would spell in another way."""
    return f'{{"model":"m","messages":[{{"role":"user","content":"{PROMPT}"}}],{members}}}'.encode()


def wish_rows() -> list[Case]:
    queries = [
        chat_row(
            f"A7.1 ?{query}",
            chat_body(max_tokens=64),
            to_anthropic(max_tokens=sent),
            query=f"?{query}",
            changed=LIMITED,
        )
        for query, sent in QUERIES.items()
    ]
    bodies = [
        chat_row(
            f"A7.1 {name} {wish}",
            raw_chat(f'"{name}":{wish}'),
            to_anthropic(max_tokens=sent),
            changed=LIMITED,
        )
        for wish, sent in WISHES.items()
        for name in ("max_tokens", "max_completion_tokens")
    ]
    return [
        *queries,
        *bodies,
        chat_row(
            "A7.1 both",
            chat_body(max_tokens=50, max_completion_tokens=70),
            to_anthropic(max_tokens=70),
            dropped="max_tokens",
        ),
    ]


# A3: what a Chat message may look like.

IMAGE = f"data:image/png;base64,{PNG}"
IMAGE_BLOCK = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
LINK = "https://pictures.example/a.png"


def said_row(id: str, content, sent, **other) -> Case:
    body = chat_body(messages=[{"role": "user", "content": content}])
    return chat_row(f"A3 {id}", body, to_anthropic(messages=[user(sent)]), **other)


def refused_row(id: str, param: object, code: object = None, **body) -> Case:
    error = openai_error("invalid_request_error", code, param=param)
    return chat_row(f"E4 {id}", chat_body(**body), status=400, answer=error)


def turns_row(id: str, turns: list, sent: list, **other) -> Case:
    return chat_row(
        f"A3 {id}",
        chat_body(messages=[user("q"), *turns], tools=[F_FUNCTION]),
        to_anthropic(messages=[user("q"), *sent], tools=[F]),
        **other,
    )


CALLED = assistant(None, tool_calls=[call("c1", "f", "{}")])
USED = assistant([use("c1", "f", {})])

CHAT_FORMS = [
    said_row("a part alone", text("x"), "x"),
    said_row("strings and empty places", ["x", None, "y"], [text("x"), text("y")]),
    said_row("a part without a type", [{"text": "x"}], "x"),
    said_row("words in value", [{"type": "input_text", "value": "x"}], "x"),
    said_row("words in value beside no text", [{"type": "output_text", "text": "", "value": "x"}], "x"),
    said_row(
        "words in value beside a text",
        [{"type": "text", "text": "x", "value": "y"}],
        "x",
        dropped="messages[0].content[0].value",
    ),
    said_row("null", None, "."),
    said_row("an empty list", [], "."),
    said_row("an image by its string", [{"type": "image_url", "image_url": IMAGE}], [IMAGE_BLOCK]),
    said_row("an image of type image", [{"type": "image", "image": {"url": IMAGE}}], [IMAGE_BLOCK]),
    said_row(
        "a link of type image",
        [{"type": "image", "image": LINK}],
        [{"type": "image", "source": {"type": "url", "url": LINK}}],
    ),
    turns_row("a result that is a part", [CALLED, tool("c1", text("r"))], [USED, user([result("c1", "r")])]),
    turns_row("a result of null", [CALLED, tool("c1", None)], [USED, user([result("c1")])]),
    turns_row(
        "is_error before status",
        [CALLED, {**tool("c1", "r"), "is_error": False, "status": "error"}],
        [USED, user([result("c1", "r")])],
    ),
    chat_row(
        "A3 tool_choice auto_multi",
        chat_body(tools=[F_FUNCTION], tool_choice="auto_multi"),
        to_anthropic(tools=[F], tool_choice={"type": "auto"}),
    ),
    chat_row(
        "A3 tool_choice any",
        chat_body(tools=[F_FUNCTION], tool_choice="any"),
        to_anthropic(tools=[F], tool_choice={"type": "any"}),
    ),
    chat_row("A3 tool_choice without tools", chat_body(tool_choice="auto"), to_anthropic()),
    chat_row("A3 no tools left", chat_body(tools=[]), to_anthropic()),
    chat_row("A3 tools null", chat_body(tools=None), to_anthropic()),
    chat_row("A-29 null", chat_body(stream=None), to_anthropic()),
]

# E4: wrong types, each told with its path.

MISSING = "missing_required_parameter"

LONG_WORD = "w\r\n\x07" + "x" * 5000
SHOWN_WORD = r"w\?\?\?x{60}\.\.\."

CHAT_REFUSALS = [
    refused_row("no messages", "messages", MISSING, messages=...),
    refused_row("messages null", "messages", MISSING, messages=None),
    refused_row("messages empty", "messages", "empty_messages", messages=[]),
    refused_row("messages a string", "messages", messages="x"),
    refused_row("a message that is none", "messages[0]", messages=[5]),
    refused_row("no role", "messages[0].role", MISSING, messages=[{"content": "x"}]),
    refused_row("content a number", "messages[0].content", messages=[user(5)]),
    refused_row("a part that is a number", "messages[0].content[0]", messages=[user([5])]),
    refused_row("an image from nowhere", WORDS, MISSING, messages=[user([{"type": "image_url"}])]),
    refused_row(
        "an image of another scheme",
        "messages[0].content[0].image_url.url",
        messages=[user([{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}])],
    ),
    refused_row("stream a string", "stream", stream="false"),
    refused_row("stream a number", "stream", stream=1),
    refused_row("temperature a string", "temperature", temperature="x"),
    refused_row("n above 1", "n", "unsupported_value", n=2),
    refused_row("max_tokens zero", "max_tokens", "invalid_value", max_tokens=0),
    refused_row("tools a string", "tools", tools="x"),
    refused_row(
        "a choice that is no tool",
        "tool_choice",
        "unsupported_value",
        tools=[F_FUNCTION],
        tool_choice=function("nope"),
    ),
    chat_row(
        "E4 a role nobody knows",
        chat_body(messages=[{"role": LONG_WORD, "content": "x"}]),
        status=400,
        answer=openai_error(
            "invalid_request_error", "invalid_value", Like(f".*`{SHOWN_WORD}`.*"), "messages[0].role"
        ),
    ),
    chat_row(
        "E4 a part nobody knows",
        chat_body(messages=[user([{"type": LONG_WORD}])]),
        status=400,
        answer=openai_error(
            "invalid_request_error",
            "unsupported_value",
            Like(f".*`{SHOWN_WORD}`.*"),
            "messages[0].content[0].type",
        ),
    ),
    chat_row(
        "E4 not an object", b"[1]", status=400, answer=openai_error("invalid_request_error", "invalid_json")
    ),
    chat_row("E4 no body", b"", status=400, answer=openai_error("invalid_request_error", "invalid_json")),
]


def unsound_row(id: str, words: str, **body) -> Case:
    error = anthropic_error("invalid_request_error", Like(words))
    return messages_row(f"E4 {id}", messages_body(**body), status=400, answer=error)


MESSAGES_REFUSALS = [
    unsound_row("no model", ".*`model`.*", model=...),
    unsound_row("no max_tokens", ".*`max_tokens`.*", max_tokens=...),
    unsound_row("max_tokens a string", ".*`max_tokens` must be an integer.*", max_tokens="5"),
    unsound_row("max_tokens below nothing", "invalid_max_tokens: .*", max_tokens=-5),
    unsound_row("nothing left", "no_messages: .*", messages=[user("")]),
    unsound_row("no blocks", "no_messages: .*", messages=[user([])]),
    unsound_row("a block that is none", r".*`messages\[0\]\.content\[0\]`.*", messages=[user(["x"])]),
    unsound_row("a role nobody has", f".*`{SHOWN_WORD}`.*", messages=[{"role": LONG_WORD, "content": "x"}]),
    unsound_row("system a number", ".*`system`.*", system=5),
    unsound_row("stop_sequences a string", ".*`stop_sequences`.*", stop_sequences="x"),
    unsound_row("stream a word", ".*`stream`.*", stream="true"),
    unsound_row("thinking a number", ".*`thinking`.*", thinking=5),
    messages_row(
        "C-26 temperature",
        messages_body(temperature=5),
        to_chat(temperature=2),
        changed="temperature",
    ),
    messages_row("B-16", messages_body(temperature=1.2), to_chat(temperature=1.2)),
    messages_row(
        "Z-3",
        messages_body(unknown=1, **{"bad\r\nname": 2}),
        to_chat(),
        dropped='unknown,["badname"]',
    ),
]

ROWS = [*wish_rows(), *CHAT_FORMS, *CHAT_REFUSALS, *MESSAGES_REFUSALS]
