"""Claude Code without its screen: the program that claude-agent-sdk carries."""

import dataclasses
import json
import pathlib

from support.daemon import Daemon

from .process import INSTALLED, Ended, Program
from .wiretap import Wiretap

QUIET = {
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "IS_SANDBOX": "1",
}
TOOLS = "Bash Read Write Edit Glob Grep Task Agent WebSearch ToolSearch StructuredOutput"


def program() -> pathlib.Path:
    return next(INSTALLED.glob("lib/python3*/site-packages/claude_agent_sdk/_bundled/claude"))


@dataclasses.dataclass
class Run:
    ended: Ended
    lines: list[dict]

    @property
    def result(self) -> dict:
        """The line that ends the output."""
        return self.of("result")[-1]

    def of(self, kind: str, subtype: str | None = None) -> list[dict]:
        fitting = [line for line in self.lines if line["type"] == kind]
        return [line for line in fitting if subtype in (None, line.get("subtype"))]

    def answer(self) -> str:
        """What a run that went well has told its user."""
        assert self.of("result"), f"{self.ended.output[-2000:]}\n{self.ended.errors[-2000:]}"
        assert self.ended.status == 0 and not self.result["is_error"], self.result
        return self.result["result"]

    def blocks(self, kind: str) -> list[dict]:
        """Blocks of the conversation as the program keeps it."""
        return [
            block
            for line in self.lines
            if line["type"] in ("assistant", "user") and isinstance(line["message"]["content"], list)
            for block in line["message"]["content"]
            if block["type"] == kind
        ]


class ClaudeCode:
    """One user's installation: a home, a project, and where the model is."""

    def __init__(self, folder: pathlib.Path, environment: dict[str, str]):
        self.home = folder / "home"
        self.project = folder / "project"
        self.home.mkdir()
        self.project.mkdir()
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            **QUIET,
            **environment,
        }
        self.running: list[Program] = []

    def use(self, daemon: Daemon | Wiretap) -> None:
        self.environment["ANTHROPIC_BASE_URL"] = f"http://127.0.0.1:{daemon.port}"

    def start(self, prompt: str, *options: str, **environment: str) -> Program:
        command = [
            str(program()), "-p", prompt, "--output-format", "stream-json", "--verbose",
            *([] if "--allowedTools" in options else ["--allowedTools", TOOLS]), *options,
        ]  # fmt: skip
        started = Program(command, {**self.environment, **environment}, self.project)
        self.running.append(started)
        return started

    def run(self, prompt: str, *options: str, **environment: str) -> Run:
        return self.finish(self.start(prompt, *options, **environment))

    def finish(self, started: Program) -> Run:
        ended = started.wait()
        lines = [json.loads(line) for line in ended.output.splitlines() if line.startswith("{")]
        return Run(ended, lines)

    def close(self) -> None:
        for program in self.running:
            program.end()
