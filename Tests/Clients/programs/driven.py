"""Client libraries, each in one process of its own that takes orders; and the `llm` program."""

import json
import pathlib
import queue
import subprocess
import threading
from typing import ClassVar

from .process import INSTALLED, PYTHON, Ended, run

DRIVERS = pathlib.Path(__file__).with_name("drivers")
LIMIT = 60.0
QUIET = {"OPENAI_AGENTS_DISABLE_TRACING": "1", "LANGSMITH_TRACING": "false", "PATH": "/usr/bin:/bin"}


class Driven:
    """One library behind its driver, for as many orders as there are."""

    def __init__(self, driver: str, folder: pathlib.Path):
        self.errors = folder / f"{driver}.err"
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [str(PYTHON), str(DRIVERS / f"{driver}.py")],
                env={**QUIET, "HOME": str(folder)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self.outcomes: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._collect, daemon=True).start()

    def order(self, scenario: str, prompt: str, base_url: str, key: str, model: str) -> dict:
        order = {"scenario": scenario, "prompt": prompt, "base_url": base_url, "key": key, "model": model}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        try:
            line = self.outcomes.get(timeout=LIMIT)
        except queue.Empty:
            line = ""
        assert line, f"no outcome: {self.errors.read_text()[-2000:]}"
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def _collect(self) -> None:
        for line in self.process.stdout:
            self.outcomes.put(line)
        self.outcomes.put("")


FUNCTIONS = '''
def weather(city: str) -> str:
    """The weather of a city."""
    return f"It rained in {city}."
'''


class CommandLine:
    """The `llm` program: a process for each order."""

    OPTIONS: ClassVar = {
        "plain": ["--no-stream"],
        "streamed": [],
        "loop": ["--no-stream", "--functions", FUNCTIONS],
        "parallel": ["--no-stream", "--functions", FUNCTIONS],
        "streamed loop": ["--functions", FUNCTIONS],
        "structured": ["--no-stream", "--schema", "city str, days int"],
        "thinking": ["--no-stream", "-o", "reasoning_effort", "medium", "--functions", FUNCTIONS],
        "retry": ["--no-stream"],
        "refused": ["--no-stream"],
    }

    def __init__(self, _: str, folder: pathlib.Path):
        self.folder = folder / "llm"
        self.folder.mkdir()
        self.work = folder / "llm-work"
        self.work.mkdir()

    def order(self, scenario: str, prompt: str, base_url: str, key: str, model: str) -> dict:
        models = (
            f"- model_id: m\n  model_name: {model}\n  api_base: {base_url}\n"
            "  api_key_name: proxy\n  supports_tools: true\n  supports_schema: true\n  reasoning: true\n"
        )
        (self.folder / "extra-openai-models.yaml").write_text(models)
        (self.folder / "keys.json").write_text(json.dumps({"proxy": key}))
        command = [str(INSTALLED / "bin/llm"), "-m", "m", "-s", "You know the weather of every city."]
        environment = {**QUIET, "HOME": str(self.folder), "LLM_USER_PATH": str(self.folder)}
        ended = run([*command, *self.OPTIONS[scenario], prompt], environment, self.work)
        return self.outcome(scenario, ended)

    @staticmethod
    def outcome(scenario: str, ended: Ended) -> dict:
        if ended.status:
            status = 401 if "401" in ended.errors else None
            return {"error": "llm", "status": status, "message": ended.errors.strip()}
        text = ended.output.strip()
        return {"data": json.loads(text)} if scenario == "structured" else {"text": text}

    def close(self) -> None:
        pass
