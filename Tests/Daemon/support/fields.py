"""Header fields as they stood on the wire: an ordered list, names compared without case."""

import dataclasses

Fields = list[tuple[str, str]]


def lookup(fields: Fields, name: str) -> list[str]:
    return [value for key, value in fields if key.lower() == name.lower()]


def spell(fields: Fields) -> bytes:
    return b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in fields)


@dataclasses.dataclass
class Head:
    """The first line and the header of a request or a response."""

    first: str
    fields: Fields
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> "Head":
        first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return cls(first, [(name, value.strip(" \t")) for name, _, value in pairs], raw)

    def all(self, name: str) -> list[str]:
        return lookup(self.fields, name)

    def get(self, name: str) -> str | None:
        """The value of a field that may stand at most once."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times in {self.raw!r}"
        return values[0] if values else None

    @property
    def status(self) -> int:
        return int(self.first.split(" ", 2)[1])
