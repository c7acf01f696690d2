"""Runs last: no log of the whole run holds a key or a word of a prompt."""

from support.daemon import Daemon
from support.secrets import MARK


def test_no_secret_and_no_prompt_is_in_any_log():
    assert Daemon.started, "no daemon was started before"
    lines = [line for daemon in Daemon.started for line in daemon.log]
    assert lines, "nothing was logged at all"
    assert not [line for line in lines if MARK in line]
