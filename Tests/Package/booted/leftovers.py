"""What a run that was killed could not take away: empty directories."""

import contextlib
import os
import pathlib
import tempfile
import time

from .cgroup import parents

PREFIX = "claude-proxy-test"
OLD_SECONDS = 3600
"""No run takes that long; a younger directory may be another run's."""


def sweep() -> None:
    for folder in [pathlib.Path(tempfile.gettempdir()), *parents()]:
        for path in folder.glob(f"{PREFIX}-*"):
            # Not empty, in use, or gone meanwhile: then it is no leftover.
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_ctime > OLD_SECONDS:
                    remove(path)


def remove(folder: pathlib.Path) -> None:
    for path, _, _ in os.walk(folder, topdown=False):
        os.rmdir(path)
