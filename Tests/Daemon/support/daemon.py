"""The real binary as a child process."""

import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from . import secrets
from .client import Client, Response
from .fields import Fields
from .notify import NotifySocket
from .waiting import DEADLINE

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("CLAUDE_PROXY_BINARY") or ROOT / ".build/release/claude-proxy").resolve()
LISTENING = re.compile(r"listening on 127\.0\.0\.1:(\d+)")
CRASH = re.compile(
    r"Fatal error|WARNING: ThreadSanitizer|AddressSanitizer|runtime error:|\*\*\* Program crashed"
)


def serve_command(config: pathlib.Path) -> list[str]:
    return [str(BINARY), "serve", "--config", str(config)]


def environment(env: dict[str, str]) -> dict[str, str]:
    """Nothing of the tester's own environment but what a sanitizer reads."""
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": "/usr/bin:/bin", **kept, **env}


class Daemon:
    """One run of `claude-proxy serve`, from exec to exit."""

    def __init__(
        self,
        config: pathlib.Path,
        settings: dict[str, str] | str,
        env: dict[str, str],
        sockets: dict[str, socket.socket] | None = None,
        notify: NotifySocket | None = None,
        inherited: Sequence[socket.socket] = (),
        through: Sequence[str] = (),
    ):
        self.config = config
        self.notify = notify
        self.configure(settings)
        self.may_crash = False
        self.log: list[str] = []
        self.logged = threading.Condition()
        command = serve_command(config)
        env = environment(env)
        descriptors = [sock.fileno() for sock in (sockets or {}).values()]
        if sockets:
            launcher = str(pathlib.Path(__file__).with_name("launch.py"))
            command = [sys.executable, launcher, ",".join(map(str, descriptors)), *command]
            env["LISTEN_FDNAMES"] = ":".join(name.partition("/")[0] for name in sockets)
        command = [*through, *command]
        if notify:
            env["NOTIFY_SOCKET"] = str(notify.path)
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            command,
            env=env,
            pass_fds=[*descriptors, *(sock.fileno() for sock in inherited)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.reader = threading.Thread(target=self._collect, daemon=True)
        self.reader.start()

    def configure(self, settings: dict[str, str] | str) -> None:
        """Writes the file; a running daemon reads it again when it is told to."""
        if not isinstance(settings, str):
            settings = "".join(f"{key}={value}\n" for key, value in settings.items())
        self.config.write_text(settings)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        line = self.wait_for_log(LISTENING)
        return int(LISTENING.search(line)[1])

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def text(self) -> str:
        return "".join(self.log)

    def wait_for_log(self, pattern: str | re.Pattern, deadline: float = DEADLINE, after: int = 0) -> str:
        """The first line that matches, not counting the first `after` lines."""
        pattern = re.compile(pattern)

        def found() -> str | None:
            return next((line for line in self.log[after:] if pattern.search(line)), None)

        def settled() -> bool:
            return found() is not None or not self.reader.is_alive()

        with self.logged:
            self.logged.wait_for(settled, deadline)
        line = found()
        assert line, f"{pattern.pattern!r} was not logged:\n{self.text}"
        return line

    def client(self, **options) -> Client:
        return Client(self.address, **options)

    def ask(self, method: str, target: str, fields: Fields = (), body: bytes | None = None) -> Response:
        """One request on a connection of its own."""
        with self.client() as client:
            client.request(method, target, fields, body)
            return client.response(method)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, deadline: float = DEADLINE) -> int:
        """The exit status."""
        status = self.process.wait(deadline)
        self.reader.join(deadline)
        return status

    def end(self) -> None:
        """Stops it, whatever the test left open. A crash, a race, a hang or a logged secret is a failure."""
        hung = False
        if self.process.poll() is None:
            self.signal(signal.SIGINT)
            try:
                self.process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                hung = True
                self.process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait()
        assert not hung, f"still running after SIGINT:\n{self.text}"
        secrets.search("the log", self.text.encode())
        if self.may_crash:
            return
        assert not CRASH.search(self.text), self.text
        assert self.process.returncode >= 0, f"ended by signal {-self.process.returncode}:\n{self.text}"

    def _collect(self) -> None:
        for line in self.process.stdout:
            with self.logged:
                self.log.append(line.decode(errors="replace"))
                self.logged.notify_all()
        with self.logged:
            self.logged.notify_all()
