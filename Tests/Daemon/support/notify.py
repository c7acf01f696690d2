"""The service manager's end of the notification protocol."""

import dataclasses
import pathlib
import re
import socket
import threading
import time

from .waiting import DEADLINE


@dataclasses.dataclass
class Message:
    at: float
    """Monotonic seconds at which it arrived."""
    values: dict[str, str]

    def __contains__(self, assignment: str) -> bool:
        key, _, value = assignment.partition("=")
        return self.values.get(key) == value


class NotifySocket:
    """Collects every message, in order."""

    def __init__(self, path: pathlib.Path | str):
        self.path = path
        self.messages: list[Message] = []
        self.arrived = threading.Condition()
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(re.sub("^@", "\0", str(path)))
        threading.Thread(target=self._receive, daemon=True).start()

    def wait_for(self, assignment: str, after: int = 0, deadline: float = DEADLINE) -> Message:
        """The first message that holds `assignment`, not counting the first `after` messages."""

        def found() -> Message | None:
            return next((message for message in self.messages[after:] if assignment in message), None)

        with self.arrived:
            self.arrived.wait_for(found, deadline)
            message = found()
        assert message, f"no {assignment} among {[message.values for message in self.messages]}"
        return message

    def wait_for_count(self, assignment: str, count: int, deadline: float = DEADLINE) -> list[Message]:
        def found() -> list[Message]:
            return [message for message in self.messages if assignment in message]

        with self.arrived:
            enough = self.arrived.wait_for(lambda: len(found()) >= count, deadline)
        assert enough, f"{len(found())} of {count} {assignment} came"
        return found()

    def statuses(self) -> list[str]:
        return [message.values["STATUS"] for message in self.messages if "STATUS" in message.values]

    def wait_for_status(self, text: str, deadline: float = DEADLINE) -> str:
        def found() -> str | None:
            return next((status for status in self.statuses() if text in status), None)

        with self.arrived:
            self.arrived.wait_for(found, deadline)
        status = found()
        assert status, f"no status with {text!r} among {self.statuses()}"
        return status

    def _receive(self) -> None:
        while True:
            data = self.sock.recv(65536)
            pairs = (line.partition("=") for line in data.decode().splitlines() if line)
            message = Message(time.monotonic(), {key: value for key, _, value in pairs})
            with self.arrived:
                self.messages.append(message)
                self.arrived.notify_all()
