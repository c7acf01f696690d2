"""Both counters: the program, and PyPI's tiktoken on the same tables."""

import itertools
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("CLAUDE_PROXY_BINARY", ROOT / ".build/release/claude-proxy"))
TABLES = ROOT / ".build" / "token-tables"
NAMES = ("cl100k_base", "o200k_base")

os.environ["TIKTOKEN_CACHE_DIR"] = str(TABLES)

import tiktoken  # noqa: E402  (it reads the variable above)


def reference(name: str) -> tiktoken.Encoding:
    return tiktoken.get_encoding(name)


def words() -> list[str]:
    """A few thousand words in all languages: tokens of the newer vocabulary."""
    tokens = reference("o200k_base")._mergeable_ranks
    found = (token.decode(errors="ignore") for token in itertools.islice(tokens, 300, None, 41))
    return [word for word in found if word]


def run(*options: str, given: bytes) -> bytes:
    command = [str(BINARY), "count-tokens", "--data", str(ROOT / "Data"), *options]
    done = subprocess.run(command, input=given, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def tokens(name: str, texts: list[str]) -> list[list[int]]:
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    answer = run("--encoding", name, "--ids", "--lines", given=lines.encode()).decode()
    return [[int(token) for token in line.split()] for line in answer.split("\n")[:-1]]


def counts(name: str, texts: list[str]) -> list[int]:
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    return [int(line) for line in run("--encoding", name, "--lines", given=lines.encode()).split()]


def differences(name: str, texts: list[str]) -> list[str]:
    """The texts on which the two disagree, or the program with itself."""
    encoding = reference(name)
    expected = [encoding.encode_ordinary(text) for text in texts]
    wrong = []
    for text, wanted, got, count in zip(
        texts, expected, tokens(name, texts), counts(name, texts), strict=True
    ):
        if wanted != got or len(wanted) != count:
            wrong.append(ascii(text[:300]))
    return wrong
