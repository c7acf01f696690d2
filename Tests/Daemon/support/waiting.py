"""Waiting for something that announces itself to nobody, always with a deadline."""

import threading
import time
from collections.abc import Callable

DEADLINE = 20.0
"""Seconds after which a test gives up on an event; no claim about time is made by it."""


def highest(measure: Callable[[], float], seconds: float, every: float = 0.05) -> float:
    """The largest value seen in that time: for what must stay small, which no event tells."""
    seen = []
    eventually(lambda: seen.append(measure()), seconds, every)
    return max(seen)


def eventually(holds: Callable[[], object], deadline: float = DEADLINE, every: float = 0.005) -> bool:
    """Looks again and again until `holds()` is true; says whether it ever was. For /proc and the like."""
    end = time.monotonic() + deadline
    pause = threading.Event()
    while not holds():
        if time.monotonic() > end:
            return False
        pause.wait(every)
    return True
