"""A control group of its own for each machine, as two systemds in one group would fight."""

import os
import pathlib


class ControlGroup:
    def __init__(self, name: str):
        self.folders = [parent / name for parent in parents()]
        for folder in self.folders:
            folder.mkdir()

    def enter(self) -> None:
        """Moves the calling process in."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self) -> None:
        """All processes must be gone."""
        for folder in self.folders:
            for path, _, _ in os.walk(folder, topdown=False):
                os.rmdir(path)


def parents() -> list[pathlib.Path]:
    """This process's groups in the hierarchies of systemd: the unified one, and in old setups its own."""
    own = {}
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[controllers] = path
    found = []
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup2":
            found.append(pathlib.Path(place + own.get("", "/")))
        elif kind == "cgroup" and "name=systemd" in options.split(","):
            found.append(pathlib.Path(place + own.get("name=systemd", "/")))
    return found
