"""An upstream on a machine's loopback that says when it wrote what, and what reached it."""

import dataclasses
import http.server
import json
import threading
import time

PORT = 9100
WORDS = 20


@dataclasses.dataclass
class Seen:
    """One request as it came."""

    version: str
    fields: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name]


class Upstream:
    """Answers Messages requests; the text of each delta is the moment it was written."""

    def __init__(self, machine):
        self.requests: list[Seen] = []
        self.client_left = threading.Event()
        self.pause_seconds = 0.1
        with machine.inside_network():
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), self.handler())
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def end(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def handler(self):
        upstream = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                upstream.requests.append(Seen(self.request_version, self.headers.items(), body))
                if json.loads(body).get("stream"):
                    upstream.stream(self)
                else:
                    upstream.whole(self)

        return Handler

    def whole(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        text = json.dumps({"type": "message", "content": [{"type": "text", "text": "x" * 4000}]}).encode()
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)

    def stream(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.close_connection = True
        # Nothing more is to come from the other side but its end.
        watch = threading.Thread(target=self.await_end, args=(handler,), daemon=True)
        watch.start()
        tick = threading.Event()
        try:
            for _ in range(WORDS):
                self.write(handler, {"type": "content_block_delta", "at": time.monotonic()})
                tick.wait(self.pause_seconds)
            self.write(handler, {"type": "message_stop"})
        except OSError:
            self.client_left.set()

    def await_end(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        try:
            if handler.connection.recv(1) == b"":
                self.client_left.set()
        except OSError:
            self.client_left.set()

    def write(self, handler: http.server.BaseHTTPRequestHandler, event: dict) -> None:
        handler.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        handler.wfile.flush()
