"""Counting tokens beside PyPI's tiktoken: the same text, one thread, one run after the other, processor time.

Exit status 1 if a figure misses its goal.
"""

import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "Tokens"))

import corpus  # noqa: E402
import counting  # noqa: E402


def ours(text: bytes) -> dict[str, dict[str, float]]:
    program = ROOT / ".build" / "bench" / "release" / "bench-tokens"
    done = subprocess.run([program, str(ROOT / "Data")], input=text, capture_output=True, check=True)
    figures: dict[str, dict[str, float]] = {name: {} for name in counting.NAMES}
    for line in done.stdout.decode().splitlines():
        name, key, value = line.split()
        figures[name][key] = float(value)
    return figures


def theirs(name: str, text: str) -> tuple[float, int]:
    encoding = counting.reference(name)
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        tokens = len(encoding.encode_ordinary(text))
        best = min(best, time.process_time() - start)
    return len(text.encode()) / best / 1e6, tokens


def main() -> int:
    kinds = {
        "source": "".join(text for text, _ in zip(corpus.sources(), range(250), strict=False))[:3_000_000],
        "manuals": "".join(text for text, _ in zip(corpus.manuals(), range(300), strict=False))[:2_000_000],
        "mixed": "".join(corpus.texts(3_000_000, counting.words())),
    }
    missed = []

    def goal(name: str, what: str, holds: bool) -> None:
        if not holds:
            missed.append(f"{name}: {what}")

    for kind, text in kinds.items():
        figures = ours(text.encode())
        for name in counting.NAMES:
            mine = figures[name]
            speed, tokens = theirs(name, text)
            first, again, ids = mine["count_first_mb_s"], mine["count_mb_s"], mine["ids_mb_s"]
            print(
                f"{kind:8} {name:12} tiktoken {speed:6.1f} MB/s"
                f"   count {first:6.1f} ({first / speed:.1f}x), again {again:6.1f} ({again / speed:.1f}x)"
                f"   ids {ids:6.1f} ({ids / speed:.1f}x)"
            )
            print(
                f"         open {mine['open_us']:.0f} us   resident +{mine['resident_mb']:.1f} MB"
                f"   request of 200 KB {mine['request_200k_ms']:.2f} ms"
                f"   longest slice {mine['longest_slice_ms']:.2f} ms"
            )
            goal(name, f"{kind}: tokens", mine["tokens"] == tokens)
            goal(name, f"{kind}: 3x", mine["count_first_mb_s"] >= 3 * speed)
            goal(name, f"{kind}: ids 3x", mine["ids_mb_s"] >= 3 * speed)
            goal(name, f"{kind}: open", mine["open_us"] <= 2000)
            goal(name, f"{kind}: resident", mine["resident_mb"] <= 8)
            goal(name, f"{kind}: request", mine["request_200k_ms"] < 5)
            goal(name, f"{kind}: slice", mine["longest_slice_ms"] < 10)
    for name in counting.NAMES:
        print(f"{name}: ns per byte of a run of 1 KB, 10 KB, 100 KB, 1 MB; longest slice of 1 M characters")
        for unit in ("letter", "space", "digit", "pair", "ideograph"):
            curve = [figures[name][f"run_{unit}_{10**power}_ns_per_byte"] for power in range(3, 7)]
            longest = figures[name][f"run_{unit}_longest_slice_ms"]
            print(f"  {unit:10}" + "".join(f"{value:8.1f}" for value in curve) + f"   {longest:.2f} ms")
            goal(name, f"run of {unit}", curve[3] < 3 * max(curve[1], 5) and longest < 10)
    for what in missed:
        print(f"MISSED {what}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
