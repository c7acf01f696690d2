"""Waiting for what announces itself to nobody, always with a deadline."""

import threading
import time
from collections.abc import Callable

DEADLINE = 30.0


def eventually(holds: Callable[[], object], deadline: float = DEADLINE) -> bool:
    """Looks again and again until `holds()` is true; says whether it ever was."""
    end = time.monotonic() + deadline
    pause = threading.Event()
    while not holds():
        if time.monotonic() > end:
            return False
        pause.wait(0.05)
    return True
