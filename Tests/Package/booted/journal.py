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
        # Not --after-cursor: with other units' entries filtered out it skips one of this unit's as well.
        words = (*words, f"--cursor={since}") if since else words
        return [entry for entry in self.read(UNIT, *words) if entry["__CURSOR"] != since]

    def read(self, *words: str) -> list[Entry]:
        """All that was written before, as far as its writers are not dead already."""
        command = 'journalctl --sync && exec journalctl "$@"'
        text = self.machine.run("sh", "-c", command, "sh", *FORMAT, *words).stdout
        return [{"MESSAGE": "", **json.loads(line)} for line in text.splitlines()]

    def now(self) -> str:
        """The place from where to look for what comes next."""
        return self.read("--lines=1")[0]["__CURSOR"]

    def gather(self, count: int, *words: str, since: str) -> list[Entry]:
        """The entries of any unit that match, as soon as there are `count` of them.

        What a process wrote to its output before it ended may come after a synchronisation, and without
        the name of its unit; so match by a field that the record brings along.
        """
        found: list[Entry] = []

        def enough() -> bool:
            found[:] = [
                entry for entry in self.read(f"--cursor={since}", *words) if entry["__CURSOR"] != since
            ]
            return len(found) >= count

        assert eventually(enough), f"{len(found)} of {count} entries are in the journal: {found}"
        return found

    def wait(self, since: str, holds: Callable[[Entry], object]) -> Entry:
        """The first entry of the unit after `since` of which `holds` is true."""
        return self.wait_for_count(since, 1, holds)[0]

    def wait_for_count(self, since: str, count: int, holds: Callable[[Entry], object]) -> list[Entry]:
        """The entries of the unit after `since` of which `holds` is true, as soon as there are so many."""
        seen: list[Entry] = []
        found: list[Entry] = []

        def enough() -> bool:
            seen[:] = self.entries(since=since)
            found[:] = filter(holds, seen)
            return len(found) >= count

        assert eventually(enough), "not in the journal; there was only:\n" + "\n".join(
            str(entry["MESSAGE"]) for entry in seen
        )
        return found
