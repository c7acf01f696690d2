"""What the kernel says of a process."""

import contextlib
import os
import pathlib


def descriptors(pid: int) -> list[str]:
    folder = f"/proc/{pid}/fd"
    found = []
    for name in os.listdir(folder):
        try:
            found.append(os.readlink(f"{folder}/{name}"))
        except FileNotFoundError:
            continue
    return found


def resident_bytes(pid: int) -> int:
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def thread_names(pid: int) -> list[str]:
    names = []
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/comm"):
        # A thread may end between the listing and the look.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            names.append(path.read_text().strip())
    return sorted(names)


def seconds_without_cpu(pid: int) -> float:
    """How long its first thread was ready to run and others ran."""
    return int(pathlib.Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e9
