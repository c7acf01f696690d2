"""What no source file may hold."""

import re

import pytest

import tree

LINE_LIMIT = 400
PROGRAMS = {".swift", ".h", ".c", ".py", ".sh"}


def lines_with(pattern: str, paths) -> list[str]:
    wanted = re.compile(pattern)
    return [
        f"{tree.name(path)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(tree.code(path).splitlines(), 1)
        if wanted.search(line)
    ]


@pytest.mark.parametrize(
    "pattern",
    [
        r"@unchecked\s+Sendable",
        r"nonisolated\(unsafe\)",
        r"\btry!",
        r"\bas!",
        r"\bimport\s+Foundation",
        r"\bpublic\s+(?:\w+\s+)*(?:struct|class|enum|actor|protocol|func|var|let|init|extension)\b",
    ],
)
def test_sources_never_say(pattern):
    assert not lines_with(pattern, tree.swift_sources())


def test_no_file_is_longer_than_the_wall():
    long = {
        tree.name(path): count
        for path in tree.tracked("Sources", "Tests", "scripts", "packaging")
        if path.suffix in PROGRAMS and (count := path.read_bytes().count(b"\n")) > LINE_LIMIT
    }
    assert not long


def test_no_swift_file_opens_with_a_banner():
    wrong = []
    for path in tree.tracked("*.swift"):
        first = path.read_text().split("\n", 1)[0]
        legal = first.startswith(("///", "// swift-tools-version", "// swift-format-ignore"))
        if first.startswith(("//", "/*")) and not legal:
            wrong.append(f"{tree.name(path)}: {first}")
    assert not wrong
