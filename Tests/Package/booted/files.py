"""What is on a machine's disk."""

import os

from .machine import Machine

PASSING = (
    "/var/log",
    "/var/backups",
    "/var/cache",
    "/var/lib/dpkg",
    "/var/lib/apt",
    "/var/lib/systemd/deb-systemd",
    "/var/lib/systemd/timers",
)
"""Logs, and apt's and dpkg's own notes."""


def files(machine: Machine) -> set[str]:
    """All names on the disk but passing ones, and in any place those that speak of the package."""
    own_mounts = {"/proc", "/sys", "/dev", "/tmp", "/var/tmp"}
    found = set()
    root = str(machine.file("/")).rstrip("/")
    for folder, names, entries in os.walk(root):
        place = folder.removeprefix(root)
        names[:] = [name for name in names if f"{place}/{name}" not in own_mounts]
        found.update(f"{place}/{name}" for name in [*names, *entries])
    return {path for path in found if "claude-proxy" in path or not path.startswith((*PASSING, "/run"))}
