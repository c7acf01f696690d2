"""Clients that never leave a machine alone."""

import threading
import time

from .machine import Machine


class Knocker:
    """Asks without a break over new connections, and notes every answer and every failure."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.answers: list[object] = []
        self.slowest_seconds = 0.0
        self.first = threading.Event()
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.knock) for _ in range(4)]

    def __enter__(self) -> "Knocker":
        for thread in self.threads:
            thread.start()
        assert self.first.wait(30)
        return self

    def __exit__(self, *_) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    def knock(self) -> None:
        while not self.done.is_set():
            started = time.monotonic()
            try:
                self.answers.append(self.machine.ask("GET", "/livez", connection="close").status)
            except Exception as failure:
                self.answers.append(repr(failure))
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
            self.first.set()
