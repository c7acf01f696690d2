"""The source tree as the house rules see it."""

import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Sources"

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|func|protocol|let|var|typealias)\s+)?(\w+)",
    re.MULTILINE,
)


@functools.cache
def tracked(*patterns: str) -> list[pathlib.Path]:
    """Files that git tracks or would track, so that a rule also holds before the commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in sorted(filter(None, names.split("\0"))))
    return [path for path in paths if path.is_file()]


def name(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def swift_sources() -> list[pathlib.Path]:
    return [path for path in tracked("Sources") if path.suffix == ".swift"]


def target(path: pathlib.Path) -> str:
    return path.relative_to(SOURCES).parts[0]


def targets() -> list[str]:
    return sorted({target(path) for path in tracked("Sources") if path.parent != SOURCES})


def code(path: pathlib.Path) -> str:
    """The file without comments and without what stands inside string literals."""
    text = path.read_text()
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match.group().count("\n"), text, flags=re.DOTALL)
    text = re.sub(
        r'"""(.*?)"""', lambda match: '""' + "\n" * match.group().count("\n"), text, flags=re.DOTALL
    )
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


def imports(path: pathlib.Path) -> set[str]:
    return set(IMPORT.findall(code(path)))
