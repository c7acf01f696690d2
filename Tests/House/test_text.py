"""What no tracked file may mention."""

import re

import pytest

import tree

TEXT_LIMIT_BYTES = 1 << 20


def mentions(pattern: str) -> list[str]:
    wanted = re.compile(pattern, re.IGNORECASE)
    found = []
    for path in tree.tracked():
        if path.stat().st_size > TEXT_LIMIT_BYTES or b"\0" in (data := path.read_bytes()):
            continue
        for number, line in enumerate(data.decode(errors="replace").splitlines(), 1):
            if wanted.search(line):
                found.append(f"{tree.name(path)}:{number}: {line.strip()[:120]}")
    return found


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a folder of somebody's machine", r"(?<![\w.$)}])/(?:work|root|Users)/|/home/(?!\[)\w|\.pye" + "nv"),
        ("the host of a registry", r"\b(?:pypi|pythonhosted|deb\.debian|registry\.npmjs)\." + r"org\b"),
        ("the option that names a registry", r"--(?:extra-)?index" + "-url"),
    ],
)
def test_no_tracked_file_names(what, pattern):
    assert not mentions(pattern), what
