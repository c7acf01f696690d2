"""The last major of the `anthropic` client before 2.0, which speaks another version of the API by default."""

import os
import subprocess
import sys

from support.daemon import ROOT

OLDER = ROOT / ".venv" / "older"
MODULE = "test_anthropic_sdk_translated.py"


def test_the_same_conversations_hold_with_the_last_major_before_2():
    env = {**os.environ, "PYTHONPATH": str(OLDER)}
    if binary := env.get("CLAUDE_PROXY_BINARY"):
        env["CLAUDE_PROXY_BINARY"] = os.path.abspath(binary)
    asked = "import anthropic; print(anthropic.__version__, anthropic.__file__)"
    said = subprocess.run([sys.executable, "-c", asked], env=env, capture_output=True, text=True, check=True)
    version, file = said.stdout.split()
    assert version.startswith("1.") and file.startswith(str(OLDER)), said.stdout
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:warnings", MODULE]
    folder = ROOT / "Tests" / "Daemon"
    run = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    print(run.stdout.strip().splitlines()[-1])
