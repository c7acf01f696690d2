"""The project's goldens, and the engine that makes them."""

import dataclasses
import functools
import json
import os
import pathlib
import subprocess

TESTS = pathlib.Path(__file__).resolve().parents[2]
FOLDER = TESTS / "Goldens"
BINARY = pathlib.Path(
    os.environ.get("CLAUDE_PROXY_BINARY", TESTS.parent / ".build/release/claude-proxy")
).absolute()
PATIENCE_S = 20


@dataclasses.dataclass(frozen=True)
class Golden:
    id: str
    mode: str
    source: str
    target: str
    profile: str
    input_path: str
    output_path: str
    request_path: str | None
    exit: int

    def __str__(self) -> str:
        return self.id

    @property
    def client(self) -> str:
        """The client's protocol."""
        return self.source if self.mode == "request" else self.target

    @property
    def input(self) -> bytes:
        return (FOLDER / self.input_path).read_bytes()

    @property
    def output(self) -> bytes:
        return (FOLDER / self.output_path).read_bytes()

    @property
    def is_stream(self) -> bool:
        return self.output_path.endswith(".sse")

    @functools.cached_property
    def translated(self) -> bytes:
        """What the engine itself writes, byte for byte; the golden only says what it must mean."""
        more = ["--request", str(FOLDER / self.request_path)] if self.request_path else []
        run = translate(self.mode, self.source, self.target, self.profile, self.input, *more)
        assert run.status == self.exit, f"{self.id}: exit status {run.status}: {run.errors!r}"
        return run.output


@dataclasses.dataclass(frozen=True)
class Run:
    status: int
    output: bytes
    errors: bytes

    @property
    def losses(self) -> list[dict]:
        return [json.loads(line) for line in self.errors.splitlines()]


def translate(mode: str, source: str, target: str, profile: str | None, body: bytes, *more: str) -> Run:
    """The engine as a filter, with its fixed clock and counted ids."""
    command = [BINARY, "translate", mode, "--from", source, "--to", target, "--deterministic", *more]
    if profile:
        command += ["--profile", profile]
    done = subprocess.run(command, input=body, capture_output=True, timeout=PATIENCE_S, check=False)
    return Run(done.returncode, done.stdout, done.stderr)


def load() -> list[Golden]:
    return [
        Golden(
            id=case["id"],
            mode=case["mode"],
            source=case["from"],
            target=case["to"],
            profile=case["profile"],
            input_path=case["input"],
            output_path=case["output"],
            request_path=case.get("request"),
            exit=case["exit"],
        )
        for case in json.loads((FOLDER / "cases.json").read_text())
    ]


ALL = load()
REQUESTS = [golden for golden in ALL if golden.mode == "request"]
# What a client gets: an answer, a stream, or an error with its status.
ERRORS = [golden for golden in ALL if golden.exit == 1]
STREAMS = [golden for golden in ALL if golden.is_stream]
REPLIES = [
    golden
    for golden in ALL
    if golden not in ERRORS + STREAMS and (golden.mode != "request" or golden.exit == 3)
]
