"""Clients that never leave a machine alone."""

import threading
import time

from .machine import Machine


class Knocker:
    """Asks without a break over new connections, and notes every answer and every failure."""

    def __init__(self, machine: Machine, expects_soon: bool = True):
        self.machine = machine
        self.expects_soon = expects_soon
        self.answers: list[object] = []
        self.slowest_seconds = 0.0
        self.first = threading.Event()
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.knock) for _ in range(4)]

    def __enter__(self) -> "Knocker":
        for thread in self.threads:
            thread.start()
        # Where nobody answers, only later will it be known whether anybody was refused.
        assert not self.expects_soon or self.first.wait(30)
        return self

    def __exit__(self, *_) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    @property
    def refusals(self) -> list[object]:
        """Connections nobody listened for; not those that a process took in and did not live to answer."""
        return [answer for answer in self.answers if isinstance(answer, str) and "Refused" in answer]

    def knock(self) -> None:
        while not self.done.is_set():
            started = time.monotonic()
            try:
                self.answers.append(self.machine.ask("GET", "/livez", connection="close").status)
            except Exception as failure:
                self.answers.append(repr(failure))
            self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
            self.first.set()
