"""HTTP over a connection that is made already."""

import contextlib
import dataclasses
import http.client
import json
import socket
from collections.abc import Iterator

ANSWER_SECONDS = 60


@dataclasses.dataclass
class Reply:
    status: int
    fields: http.client.HTTPMessage
    body: bytes

    def json(self):
        return json.loads(self.body)


class Connection:
    """One request and its reply, whole or event by event."""

    def __init__(self, sock: socket.socket, method: str, path: str, body: object, fields: dict[str, str]):
        sock.settimeout(ANSWER_SECONDS)
        self.sock = sock
        self.http = http.client.HTTPConnection("127.0.0.1")
        self.http.sock = sock
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if body is not None:
            headers["content-type"] = "application/json"
        self.http.request(method, path, None if body is None else json.dumps(body), headers)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_) -> None:
        # At once, even if a reply is not read to its end.
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def response(self) -> http.client.HTTPResponse:
        return self.http.getresponse()

    def reply(self) -> Reply:
        response = self.response()
        return Reply(response.status, response.headers, response.read())

    def events(self) -> Iterator[dict]:
        """The data of server-sent events as they come; ends with the reply, raises if that breaks off."""
        response = self.response()
        assert response.status == 200, response.read()
        for line in response:
            if line.startswith(b"data: {"):
                yield json.loads(line[6:])
