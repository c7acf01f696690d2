"""Reading a machine's journal, and waiting for what will be in it."""

import json
from collections.abc import Callable

from .waiting import eventually

UNIT = "--unit=claude-proxy.service"
FORMAT = ["--quiet", "--all", "--output=json"]

Entry = dict[str, str]


class Journal:
    def __init__(self, machine):
        self.machine = machine

    def entries(self, *words: str, since: str | None = None) -> list[Entry]:
        """The service's entries and process 1's about it."""
        self.machine.run("journalctl", "--sync")
        # Not --after-cursor: with other units' entries filtered out it skips one of this unit's as well.
        words = (*words, f"--cursor={since}") if since else words
        return [entry for entry in self.read(UNIT, *words) if entry["__CURSOR"] != since]

    def read(self, *words: str) -> list[Entry]:
        text = self.machine.run("journalctl", *FORMAT, *words).stdout
        return [{"MESSAGE": "", **json.loads(line)} for line in text.splitlines()]

    def now(self) -> str:
        """The place from where to look for what comes next."""
        self.machine.run("journalctl", "--sync")
        return self.read("--lines=1")[0]["__CURSOR"]

    def gather(self, count: int, *words: str, since: str) -> list[Entry]:
        """The entries of any unit that match, as soon as there are `count` of them.

        What a process wrote to its output before it ended may come after a synchronisation, and without
        the name of its unit; so match by a field that the record brings along.
        """
        found: list[Entry] = []

        def enough() -> bool:
            self.machine.run("journalctl", "--sync")
            found[:] = [
                entry for entry in self.read(f"--cursor={since}", *words) if entry["__CURSOR"] != since
            ]
            return len(found) >= count

        assert eventually(enough), f"{len(found)} of {count} entries are in the journal: {found}"
        return found

    def wait(self, since: str, holds: Callable[[Entry], object]) -> Entry:
        """The first entry of the unit after `since` of which `holds` is true."""
        found: list[Entry] = []
        if not eventually(lambda: found.extend(filter(holds, self.entries(since=since))) or found):
            seen = "\n".join(str(entry["MESSAGE"]) for entry in self.entries(since=since))
            raise AssertionError(f"not in the journal; there was only:\n{seen}")
        return found[0]
