"""The two protocols, as far as a relay tells them apart."""

import dataclasses
import json

from .client import Response
from .fields import Fields
from .secrets import PROMPT, REPLY, SERVER_KEY
from .upstream import Upstream

JSON = ("Content-Type", "application/json")


@dataclasses.dataclass(frozen=True)
class Protocol:
    """One inference route together with the upstream that speaks its protocol."""

    name: str
    path: str
    upstream_path: str
    reply: bytes
    event: bytes
    """One streamed text delta."""
    last: bytes
    """What ends a whole stream."""
    upstream_url: str
    """The setting that names the upstream."""
    upstream_key: str | None
    opening: bytes = b""
    """What a stream has before its first text delta, if it is to be understood and not only passed on."""
    closing: bytes = b""
    """What such a stream has after its last one."""

    def settings(self, upstream: Upstream) -> dict[str, str]:
        path = self.upstream_path
        if self.upstream_url == "OPENAI_BASE_URL":
            path = path.removesuffix("/chat/completions")
        settings = {self.upstream_url: upstream.url(path)}
        if self.upstream_key:
            settings[self.upstream_key] = SERVER_KEY
        return settings

    def body(self, stream: bool = False, prompt: str = PROMPT, **extra) -> bytes:
        message = {"role": "user", "content": prompt}
        fields = {"model": "m-1", "max_tokens": 64, "messages": [message], **extra}
        if stream:
            fields["stream"] = True
        return json.dumps(fields).encode()

    def fields(self, *more: tuple[str, str]) -> Fields:
        version = [("anthropic-version", "2023-06-01")] if self.name == "messages" else []
        return [JSON, *version, *more]

    def events(self, count: int) -> bytes:
        """A legal stream of `count` deltas, no two alike."""
        numbered = (self.event.replace(b"REPLY", b"%s %d" % (REPLY.encode(), n)) for n in range(count))
        return b"".join(numbered) + self.last

    def told(self, text: str, stream: bool = False) -> bytes:
        """An answer that is legal from its first byte to its last."""
        return (
            self.begun(text) + self.closing if stream else self.reply.replace(REPLY.encode(), text.encode())
        )

    def begun(self, text: str) -> bytes:
        """A stream without its end."""
        return self.opening + self.event.replace(b"REPLY", text.encode())

    def error(self, response: Response) -> dict:
        """The `error` object, once the envelope is known to be this protocol's genuine one."""
        return self.error_in(response.json(), request_id=True)

    def error_in(self, envelope: dict, request_id: bool = False) -> dict:
        if self.name == "messages":
            expected = {"type", "error", "request_id"} if request_id else {"type", "error"}
            assert expected <= set(envelope) and envelope["type"] == "error", envelope
            assert set(envelope["error"]) >= {"type", "message"}, envelope
        else:
            assert set(envelope) == {"error"}, envelope
            assert set(envelope["error"]) == {"message", "type", "param", "code"}, envelope
        assert envelope["error"]["message"]
        return envelope["error"]

    def error_frame(self, stream: bytes) -> dict:
        """The error that ends a broken stream; nothing may follow it."""
        frame = stream.rstrip(b"\r\n").replace(b"\r\n", b"\n").rpartition(b"\n\n")[2].decode()
        lines = frame.split("\n")
        if self.name == "messages":
            assert lines[0] == "event: error", frame
            lines = lines[1:]
        assert len(lines) == 1 and lines[0].startswith("data: "), frame
        return self.error_in(json.loads(lines[0].removeprefix("data: ")))


MESSAGES = Protocol(
    name="messages",
    path="/v1/messages",
    upstream_path="/upstream/v1/messages",
    upstream_url="UPSTREAM_API_URL",
    upstream_key="UPSTREAM_API_KEY",
    reply=json.dumps(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "m-1",
            "content": [{"type": "text", "text": REPLY}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 5},
        }
    ).encode(),
    event=(
        b"event: content_block_delta\n"
        b'data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"REPLY"}}\n\n'
    ),
    last=b'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    opening=(
        b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message",'
        b'"role":"assistant","model":"m-1","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}\n\n'
        b'event: content_block_start\ndata: {"type":"content_block_start","index":0,'
        b'"content_block":{"type":"text","text":""}}\n\n'
    ),
    closing=(
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n'
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn",'
        b'"stop_sequence":null},"usage":{"output_tokens":5}}\n\n'
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    ),
)

CHAT = Protocol(
    name="chat",
    path="/v1/chat/completions",
    upstream_path="/upstream/v1/chat/completions",
    upstream_url="OPENAI_BASE_URL",
    upstream_key="OPENAI_API_KEY",
    reply=json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "m-1",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": REPLY},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
        }
    ).encode(),
    event=(
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1",'
        b'"choices":[{"index":0,"delta":{"content":"REPLY"},"finish_reason":null}]}\n\n'
    ),
    last=b"data: [DONE]\n\n",
    closing=(
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m-1",'
        b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
        b"data: [DONE]\n\n"
    ),
)

BACKEND = dataclasses.replace(CHAT, name="backend", upstream_url="BACKEND_URL")
"""Chat by `BACKEND_URL`, with a server's key, so the same rules of keys hold as for the other two."""

BOTH = [MESSAGES, CHAT]
ALL = [*BOTH, BACKEND]

MESSAGES_OVER_CHAT = dataclasses.replace(
    MESSAGES,
    name="messages",
    upstream_path=CHAT.upstream_path,
    upstream_url=CHAT.upstream_url,
    upstream_key=CHAT.upstream_key,
)
"""Clients of one protocol before an upstream of the other, which has to answer in its own."""

CHAT_OVER_MESSAGES = dataclasses.replace(
    CHAT,
    upstream_path=MESSAGES.upstream_path,
    upstream_url=MESSAGES.upstream_url,
    upstream_key=MESSAGES.upstream_key,
)


def named(protocol: Protocol) -> str:
    return protocol.name
