"""Stand-ins for what no table can know beforehand; each is equal to what it describes."""

import json
import re
import time


class Mask:
    """Compares by `holds`; never hashed."""

    __hash__ = None

    def __eq__(self, other) -> bool:
        return self.holds(other)


class Like(Mask):
    """A string that matches as a whole."""

    def __init__(self, pattern: str):
        self.pattern = re.compile(pattern, re.DOTALL)

    def holds(self, other) -> bool:
        return isinstance(other, str) and bool(self.pattern.fullmatch(other))

    def __repr__(self) -> str:
        return f"Like({self.pattern.pattern!r})"


class Number(Mask):
    """An integer of a range."""

    def __init__(self, low: int = 0, high: int = 1 << 40):
        self.low, self.high = low, high

    def holds(self, other) -> bool:
        return type(other) is int and self.low <= other <= self.high

    def __repr__(self) -> str:
        return f"Number({self.low}, {self.high})"


class Recently(Mask):
    """Unix seconds of about now."""

    def holds(self, other) -> bool:
        return type(other) is int and abs(time.time() - other) < 120

    def __repr__(self) -> str:
        return "Recently()"


class OneOf(Mask):
    def __init__(self, *values):
        self.values = values

    def holds(self, other) -> bool:
        return any(value == other for value in self.values)

    def __repr__(self) -> str:
        return f"OneOf{self.values!r}"


class Spells(Mask):
    """A text that is this JSON value, in any spelling."""

    def __init__(self, value):
        self.value = value

    def holds(self, other) -> bool:
        try:
            return json.loads(other) == self.value
        except (TypeError, ValueError):
            return False

    def __repr__(self) -> str:
        return f"Spells({self.value!r})"


class With(Mask):
    """An object that has these members among others."""

    def __init__(self, **members):
        self.members = members

    def holds(self, other) -> bool:
        return isinstance(other, dict) and all(
            key in other and value == other[key] for key, value in self.members.items()
        )

    def __repr__(self) -> str:
        return f"With({self.members!r})"


WORDS = Like(r".*\S.*")
"""A text that says something."""

OPTIONAL_WORDS = OneOf(None, WORDS)
