"""What the release binary is made of."""

import os
import pathlib
import re
import subprocess

import pytest

import tree

BINARY = pathlib.Path(os.environ.get("CLAUDE_PROXY_BINARY", tree.ROOT / ".build/release/claude-proxy"))

pytestmark = pytest.mark.binary


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_no_symbol_of_foundation_or_icu():
    symbols = output("nm", str(BINARY)).splitlines()
    assert len(symbols) > 1000, "a stripped binary shows nothing"
    foreign = re.compile(
        r"\$s\d*(?:10Foundation|20FoundationEssentials)|FoundationICU|_foundation_unicode"
        r"|\b(?:ucol|unum|udat)_open"
    )
    assert not [line for line in symbols if foreign.search(line)]


def test_no_library_of_the_toolchain_foundation_or_icu():
    libraries = output("ldd", str(BINARY))
    assert "libcurl" in libraries and "libsystemd" in libraries
    assert not re.findall(r"\S*(?:libswift|Foundation|libicu|_Internals)\S*", libraries)


def test_no_string_names_foundations_library():
    assert not [line for line in output("strings", str(BINARY)).splitlines() if "libFoundation" in line]
