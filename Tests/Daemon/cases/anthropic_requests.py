"""T53-T82 and T146: what a Messages request becomes for the OpenAI upstream."""

import hashlib

from support.secrets import PROMPT

from .case import Case
from .masks import Like, Spells
from .rows import maybe, messages_row
from .spelling import (
    F_FUNCTION,
    PNG,
    F,
    anthropic_error,
    assistant,
    call,
    completion_reply,
    counted,
    function,
    message,
    messages_body,
    result,
    text,
    to_chat,
    tool,
    use,
    user,
)

MODELS = {
    "claude-3-5-haiku": "small-1",
    "Claude-Opus": "big-1",
    "claude-sonnet-4": "middle-1",
    "gpt-4.1": "gpt-4.1",
    "deepseek-x": "deepseek-x",
    "o3-mini": "o3-mini",
    "zzz": "big-1",
}
LIMITED = maybe(Like(r"max_tokens(:\w+)?"))
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
PICTURE_PART = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
LINK = {"type": "image", "source": {"type": "url", "url": "https://pictures.example/a.png"}}
LINK_PART = {"type": "image_url", "image_url": {"url": "https://pictures.example/a.png"}}
PAPER = {
    "type": "document",
    "title": "T",
    "source": {"type": "text", "media_type": "text/plain", "data": "body"},
}
PDF = {
    "type": "document",
    "title": "T",
    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
}
PDF_PART = {"type": "file", "file": {"filename": "T", "file_data": "data:application/pdf;base64,JVBERi0="}}
WEB_SEARCH = {"type": "web_search_20250305", "name": "web_search"}
G = {"name": "g", "input_schema": {"type": "object", "properties": {}}}
SEARCH = Like(r"tools\[1\](:\w+)?")
STOPS = [f"<stop {number}>" for number in range(6)]
EMULATED = Like(r"stop_sequences\[4\](:\w+)?,stop_sequences\[5\](:\w+)?")


def model_row(asked: str, sent: str) -> Case:
    return messages_row(
        f"T54 {asked}", messages_body(model=asked), to_chat(model=sent), answer=message(model=asked)
    )


def turns_row(id: str, asked: list, sent: list, tools: bool = False, **other) -> Case:
    more = {"tools": [F]} if tools else {}
    theirs = {"tools": [F_FUNCTION]} if tools else {}
    return messages_row(id, messages_body(messages=asked, **more), to_chat(messages=sent, **theirs), **other)


def loop_row(id: str, results: list, sent: list, **other) -> Case:
    """A call t1 and what the user says after it."""
    asked = [user("q"), assistant([use("t1", "f", {})]), *results]
    return turns_row(id, asked, [user("q"), CALLED, *sent], tools=True, **other)


CALLED = assistant("", tool_calls=[call("t1", "f", "{}")])


def choice_row(id: str, choice: dict, sent: object) -> Case:
    body = messages_body(tools=[F], tool_choice=choice)
    return messages_row(f"T74 {id}", body, to_chat(tools=[F_FUNCTION], tool_choice=sent))


def system_row(id: str, words: object, sent: str | None) -> Case:
    first = [] if sent is None else [{"role": "system", "content": sent}]
    return messages_row(id, messages_body(system=words), to_chat(messages=[*first, user(PROMPT)]))


def openai_row(id: str, body: dict, **sent) -> dict:
    """Towards a profile that knows `max_completion_tokens`."""
    received = to_chat(max_tokens=..., max_completion_tokens=200, **sent)
    return {"id": id, "body": body, "received": received, "settings": {"OPENAI_PROFILE": "openai"}}


NOTHING_LEFT = message(stop="max_tokens", usage=counted(7, 0, 0))
NOTHING_LEFT["content"] = []

ROWS = [
    messages_row("T53", received=to_chat()),
    messages_row("T53 with the beta's query", received=to_chat(), path="/v1/messages?beta=true"),
    *(model_row(asked, sent) for asked, sent in MODELS.items()),
    messages_row(
        "T55",
        messages_body(max_tokens=9999),
        to_chat(max_tokens=4096),
        settings={"MAX_TOKENS_LIMIT": "4096"},
        changed=LIMITED,
    ),
    messages_row("T56", messages_body(max_tokens=5), to_chat(max_tokens=5)),
    messages_row(
        "T57",
        messages_body(max_tokens=-1),
        status=400,
        answer=anthropic_error("invalid_request_error", Like(".*max_tokens.*")),
    ),
    messages_row(
        "T57 zero", messages_body(max_tokens=0), answer=NOTHING_LEFT, settings={"TOKEN_COUNTER": "chars"}
    ),
    system_row("T58", [text(" A "), text("B ")], " A \n\nB "),
    system_row("T59 empty", "", None),
    system_row("T59 blank", "  ", None),
    turns_row("T60", [user([text("hi"), PICTURE])], [user([text("hi"), PICTURE_PART])]),
    turns_row("T61", [user([PICTURE])], [user([PICTURE_PART])]),
    turns_row("T62", [user([LINK])], [user([LINK_PART])]),
    turns_row(
        "T63",
        [
            user("q"),
            assistant([text("x"), text("y"), use("t1", "f", {"é": 1})]),
            user([result("t1", "r")]),
        ],
        [user("q"), assistant("xy", tool_calls=[call("t1", "f", Spells({"é": 1}))]), tool("t1", "r")],
        tools=True,
    ),
    loop_row("T64", [user([result("t1", "r"), text("go on")])], [tool("t1", "r"), user("go on")]),
    loop_row(
        "T65",
        [user("interrupt"), user([result("t1", "late")])],
        [tool("t1", "late"), user("interrupt")],
    ),
    loop_row("T66 no content", [user([result("t1")])], [tool("t1", "")]),
    loop_row("T66 null", [user([result("t1", None)])], [tool("t1", "")]),
    loop_row(
        "T67",
        [user([result("t1", [text("r1"), PICTURE, text("r2")])])],
        [
            tool("t1", "r1\n[image 1 of this tool result is in the next user message]\nr2"),
            user([text("[tool result t1, image 1]"), PICTURE_PART]),
        ],
        changed="messages[2].content[0]",
    ),
    loop_row(
        "T68", [user([result("t1", "no such file", is_error=True)])], [tool("t1", "Error: no such file")]
    ),
    turns_row(
        "T69",
        [
            user("u"),
            assistant([{"type": "thinking", "thinking": "h", "signature": "s"}, text("a")]),
            user("v"),
        ],
        [user("u"), assistant("a"), user("v")],
        dropped="messages[1].content[0]",
    ),
    turns_row(
        "T70", [user([PAPER, text("x")])], [user("[document: T]\nbody\n\nx")], changed=maybe(Like(r".+"))
    ),
    turns_row("T70 as a file", [user([PDF, text("x")])], [user([PDF_PART, text("x")])]),
    turns_row("T71", [user("u"), assistant("")], [user("u")], dropped="messages[1]"),
    messages_row(
        "T72",
        messages_body(messages=[]),
        status=400,
        answer=anthropic_error("invalid_request_error", Like("empty_messages.*")),
    ),
    messages_row(
        "T73",
        messages_body(tools=[{**F, "description": "F"}, {"name": " ", "input_schema": {}}, G]),
        to_chat(
            tools=[
                function("f", description="F", parameters=F["input_schema"]),
                function("g", parameters=G["input_schema"]),
            ]
        ),
        dropped="tools[1]",
    ),
    choice_row("auto", {"type": "auto"}, "auto"),
    choice_row("any", {"type": "any"}, "required"),
    choice_row("tool", {"type": "tool", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
    choice_row("none", {"type": "none"}, "none"),
    messages_row("T75", messages_body(tool_choice={"type": "any"}), to_chat(), dropped="tool_choice"),
    messages_row(
        **openai_row(
            "T76",
            messages_body(tools=[F], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
            tools=[F_FUNCTION],
            tool_choice="auto",
            parallel_tool_calls=False,
        )
    ),
    messages_row("T77", messages_body(tools=[F, WEB_SEARCH]), to_chat(tools=[F_FUNCTION]), dropped=SEARCH),
    messages_row("T78", messages_body(thinking={"type": "disabled"}), to_chat()),
    messages_row(**openai_row("T79", messages_body(stop_sequences=STOPS), stop=STOPS[:4]), changed=EMULATED),
    messages_row(
        **openai_row("T79 emulated", messages_body(stop_sequences=STOPS), stop=STOPS[:4]),
        changed=EMULATED,
        reply=completion_reply(assistant("one <stop 4> two")),
        answer=message(text("one "), stop="stop_sequence", sequence="<stop 4>"),
    ),
    messages_row(
        "T80",
        messages_body(metadata={"user_id": "u1"}),
        to_chat(safety_identifier=hashlib.sha256(b"u1").hexdigest()[:32]),
    ),
    messages_row("T81", received=to_chat()),
    messages_row(
        "T146",
        messages_body(tools=[function("f", description="d", parameters=F["input_schema"])]),
        to_chat(tools=[function("f", description="d", parameters=F["input_schema"])]),
        changed="tools[0]",
    ),
]
