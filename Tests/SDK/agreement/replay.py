"""A small HTTP server on loopback that gives every client what was put up under its path."""

import http.server
import itertools
import threading


class Replay:
    def __init__(self):
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.names = itertools.count()
        replay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("content-length", 0)))
                status, headers, body = replay.answers[self.path.split("/")[1]]
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def put(self, body: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> str:
        """The base URL under which this answer is given to any request."""
        name = str(next(self.names))
        self.answers[name] = (status, {"content-type": kind, **(headers or {})}, body)
        return f"http://127.0.0.1:{self.server.server_address[1]}/{name}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
