"""A request as a scripted model sees it: one form for both protocols."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Result:
    """What a tool gave back."""

    id: str
    text: str
    failed: bool = False


@dataclasses.dataclass(frozen=True)
class Asked:
    raw: dict
    headers: dict[str, str]
    system: str
    user: list[str]
    """The texts of the user's messages, in order."""
    answers: int
    """How many answers of the model the conversation holds already."""
    results: list[Result]
    images: int
    thoughts: list[str]

    @property
    def model(self) -> str:
        return self.raw["model"]

    @property
    def streams(self) -> bool:
        return bool(self.raw.get("stream"))

    @property
    def tools(self) -> list[str]:
        return [name_of(tool) for tool in self.raw.get("tools") or []]

    def tool(self, name: str) -> dict:
        return next(tool for tool in self.raw["tools"] if name_of(tool) == name)

    def says(self, words: str) -> bool:
        return any(words in text for text in self.user)


def name_of(tool: dict) -> str:
    return tool["function"]["name"] if "function" in tool else tool["name"]


def text_of(content) -> str:
    """The texts of a message's content, in either protocol."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] == "text")


def images_of(content) -> int:
    if not isinstance(content, list):
        return 0
    inner = sum(images_of(part.get("content")) for part in content)
    return inner + sum(part["type"] in ("image", "image_url") for part in content)


def read_messages(raw: dict, headers: dict[str, str]) -> Asked:
    """A request in Anthropic's protocol."""
    blocks = [
        (message["role"], block)
        for message in raw["messages"]
        if isinstance(message["content"], list)
        for block in message["content"]
    ]
    results = [block for _, block in blocks if block["type"] == "tool_result"]
    return Asked(
        raw,
        headers,
        system="\n".join(
            [text_of(raw.get("system"))]
            + [text_of(message["content"]) for message in raw["messages"] if message["role"] == "system"]
        ),
        user=[text_of(message["content"]) for message in raw["messages"] if message["role"] == "user"],
        answers=sum(message["role"] == "assistant" for message in raw["messages"]),
        results=[
            Result(block["tool_use_id"], text_of(block.get("content")), bool(block.get("is_error")))
            for block in results
        ],
        images=sum(images_of(message["content"]) for message in raw["messages"]),
        thoughts=[block["thinking"] for _, block in blocks if block["type"] == "thinking"],
    )


def read_chat(raw: dict, headers: dict[str, str]) -> Asked:
    """A request in OpenAI's Chat protocol."""
    messages = raw["messages"]
    answers = [message for message in messages if message["role"] == "assistant"]
    results = [message for message in messages if message["role"] == "tool"]
    first = [message for message in messages if message["role"] in ("system", "developer")]
    return Asked(
        raw,
        headers,
        system="\n".join(text_of(message["content"]) for message in first),
        user=[text_of(message["content"]) for message in messages if message["role"] == "user"],
        answers=len(answers),
        results=[
            Result(
                message["tool_call_id"],
                text_of(message["content"]),
                text_of(message["content"]).lower().startswith("error"),
            )
            for message in results
        ],
        images=sum(images_of(message.get("content")) for message in messages),
        thoughts=[text for message in answers if (text := message.get("reasoning_content"))],
    )
