"""Texts to count: what lies around on a Debian system, and what is awkward, made up from a seed."""

import base64
import gettext
import gzip
import json
import pathlib
import random
import unicodedata
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]

AWKWARD = list(
    "aabcdeABCDstrvemldSTREVMLD'''''  \t\n\r\n/012.,!\"(<|>_-"
    "éÉß\u017fK\u02bc\u2019ǅʰªº中あアกिா\u0301\u0308\ufe0e\u200d🎉👍🏽🇩²½Ⅳ٣०"
    "\u00a0\u2028\u2029\u3000\u0085\u200b\ufeff\x01\x1f\x0b\x0c\u1680\u180e\ue000\U000e0001\U0001d400\U0001d41a\x00"
)


def manuals() -> Iterator[str]:
    """Manual pages, first those that are not in English."""
    folder = pathlib.Path("/usr/share/man")
    for path in sorted(folder.glob("*/man*/*.gz")) + sorted(folder.glob("man*/*.gz")):
        yield gzip.decompress(path.read_bytes()).decode(errors="replace")


def catalogues() -> Iterator[str]:
    """What programs say in other languages."""
    for path in sorted(pathlib.Path("/usr/share/locale").glob("*/LC_MESSAGES/*.mo")):
        try:
            catalogue = gettext.GNUTranslations(path.open("rb"))
        except (OSError, UnicodeDecodeError, ValueError):
            continue
        yield "\n".join(text for text in catalogue._catalog.values() if isinstance(text, str))


def sources() -> Iterator[str]:
    for folder, pattern in (
        (ROOT / "Sources", "*.swift"),
        (ROOT / "Tests", "*.json"),
        (ROOT / "Tests", "*.py"),
        (pathlib.Path("/usr/lib/python3.11"), "*.py"),
        (pathlib.Path("/usr/include"), "*.h"),
        (pathlib.Path("/usr/share/perl"), "*.p[lm]"),
    ):
        for path in sorted(folder.rglob(pattern)):
            yield path.read_bytes().decode(errors="replace")


def interleaved(*kinds: Iterator[str]) -> Iterator[str]:
    """One of each kind after another, until all are at their ends."""
    left = list(kinds)
    while left:
        for kind in list(left):
            text = next(kind, None)
            if text is None:
                left.remove(kind)
            elif text:
                yield text


class Inventor:
    """Endless texts and strings; the same for the same seed."""

    def __init__(self, seed: int, words: list[str]):
        self.random = random.Random(seed)
        self.words = words

    def character(self) -> str:
        kind = self.random.random()
        if kind < 0.75:
            return self.random.choice(AWKWARD)
        if kind < 0.9:
            return chr(self.random.randrange(0x3000))
        code = self.random.randrange(0x110000 - 0x800)
        return chr(code if code < 0xD800 else code + 0x800)

    def string(self) -> str:
        kind = self.random.random()
        pick, number = self.random.choice, self.random.randrange
        if kind < 0.6:
            return "".join(self.character() for _ in range(number(25)))
        if kind < 0.75:
            return "".join(pick(self.words) for _ in range(number(1, 20)))
        if kind < 0.85:
            few = [self.character() for _ in range(3)]
            return "".join(pick(few) for _ in range(number(1, 120)))
        if kind < 0.95:
            return "".join(self.character() * number(1, 6) for _ in range(number(1, 20)))
        return "".join(pick("abcdefghijklmnopqrstuvwxyz") for _ in range(number(1, 200)))

    def texts(self) -> Iterator[str]:
        pick, number = self.random.choice, self.random.randrange
        while True:
            prose = " ".join(pick(self.words) for _ in range(4000))
            yield prose
            yield prose.replace(" ", "\r\n", 500)
            yield unicodedata.normalize("NFD", prose)
            yield base64.b64encode(self.random.randbytes(6000)).decode()
            yield json.dumps(
                {pick(self.words): [pick(self.words), number(10**9)] for _ in range(500)}, indent=2
            )
            yield json.dumps([pick(self.words) for _ in range(500)])
            yield "".join(pick("🎉👍🏽🇩🇪👩\u200d💻❤️☃") for _ in range(2000))
            yield "".join(self.character() for _ in range(5000))
            for _ in range(4):
                yield self.character() * number(1, 3000)


def texts(bytes_wanted: int, words: list[str]) -> list[str]:
    """About so many bytes of everything, in pieces of at most 256 K characters."""
    found, size = [], 0
    invented = Inventor(bytes_wanted, words).texts()
    for text in interleaved(manuals(), catalogues(), sources(), invented):
        for start in range(0, len(text), 1 << 18):
            piece = text[start : start + (1 << 18)]
            found.append(piece)
            size += len(piece.encode())
        if size >= bytes_wanted:
            return found
    raise AssertionError("the invented texts have no end")
