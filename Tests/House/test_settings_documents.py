"""The printed copies of the table of settings are what the binary would print."""

import subprocess

import pytest

import tree
from test_binary import BINARY


@pytest.mark.binary
def test_settings_documents_are_not_stale():
    command = [str(BINARY), "settings-docs", "--check"]
    run = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, timeout=20)
    assert run.returncode == 0, run.stdout + run.stderr
