"""A client program as a child process: its own environment, a hard limit, nothing left behind."""

import contextlib
import dataclasses
import os
import pathlib
import signal
import subprocess

from support.daemon import ROOT
from support.waiting import eventually

INSTALLED = ROOT / os.environ.get("CLAUDE_PROXY_CLIENTS", ".build/clients")
PYTHON = INSTALLED / "bin/python"
LIMIT = 60.0
"""Seconds after which a program is ended and the test has failed."""


@dataclasses.dataclass
class Ended:
    status: int
    output: str
    errors: str


def session_of(pid: int) -> list[int]:
    """The processes of the session that `pid` began."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                stat = pathlib.Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
                if int(stat[3]) == pid and stat[0] != "Z":
                    found.append(int(name))
    return found


class Program:
    """One run, in a session of its own so that its descendants are known."""

    def __init__(self, command: list[str], environment: dict[str, str], folder: pathlib.Path, text: str = ""):
        self.outputs = [folder.parent / f"{folder.name}.{name}" for name in ("out", "err")]
        with self.outputs[0].open("wb") as out, self.outputs[1].open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.PIPE if text else subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
            )
        if text:
            self.process.stdin.write(text.encode())
            self.process.stdin.close()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def wait(self, limit: float = LIMIT) -> Ended:
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.end()
            raise AssertionError(f"not finished within {limit:g} s: {self.text()}") from None
        eventually(lambda: not session_of(self.process.pid))
        left = session_of(self.process.pid)
        self.end()
        assert not left, f"left processes behind: {left}"
        out, errors = (path.read_text(errors="replace") for path in self.outputs)
        return Ended(status, out, errors)

    def text(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in self.outputs)

    def end(self) -> None:
        for pid in {self.process.pid, *session_of(self.process.pid)}:
            with contextlib.suppress(ProcessLookupError):
                if pid != self.process.pid or self.process.poll() is None:
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()


def run(command: list[str], environment: dict[str, str], folder: pathlib.Path, text: str = "") -> Ended:
    return Program(command, environment, folder, text).wait()
