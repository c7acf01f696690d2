"""usage: bench.py [--binary claude-proxy]

CPU of claude-proxy and nginx on the same relaying, in turns: user and system time of all threads, divided
by what was relayed; the best of three rounds, as the machine's other work only ever adds. A report, never
a test.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

HERE = pathlib.Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")
ROUNDS = 3


@dataclasses.dataclass
class Work:
    name: str
    unit: str
    connections: int
    requests: int
    wish: str
    units_per_request: int = 1


WORKS = [
    Work("plain requests, 1 KB each way", "request", 32, 60_000, "bench:plain:1000"),
    Work("events, 400 streams, 20 ms apart", "event", 400, 400, "bench:events:200:20", 200),
    Work("events, 20 streams, back to back", "event", 20, 200, "bench:events:10000:0", 10_000),
]


@dataclasses.dataclass
class Server:
    """A relay under measurement: where it listens, and which processes its work is done in."""

    name: str
    port: int
    pids: list[int]

    def cpu_seconds(self) -> float:
        total = 0
        for pid in self.pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def resident_megabytes(self) -> float:
        pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.pids)
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclasses.dataclass
class Result:
    microseconds: float
    per_second: float


def compiled(folder: pathlib.Path, name: str) -> str:
    program = folder / name
    subprocess.run(["gcc", "-O2", "-Wall", "-o", str(program), str(HERE / f"{name}.c")], check=True)
    return str(program)


@contextlib.contextmanager
def running(command: list[str], **options) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_until_served(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def children(pid: int) -> list[int]:
    words = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(word) for word in words]


@contextlib.contextmanager
def nginx(folder: pathlib.Path, upstream: int) -> Iterator[Server]:
    port = free_port()
    text = (HERE / "nginx.conf").read_text()
    for name, value in {"PORT": port, "UPSTREAM": upstream, "FOLDER": folder}.items():
        text = text.replace(f"@{name}@", str(value))
    config = folder / "nginx.conf"
    config.write_text(text)
    with running(["/usr/sbin/nginx", "-e", "stderr", "-c", str(config)]) as process:
        wait_until_served(port)
        yield Server("nginx", port, [process.pid, *children(process.pid)])


@contextlib.contextmanager
def claude_proxy(folder: pathlib.Path, upstream: int, binary: str) -> Iterator[Server]:
    config = folder / "claude-proxy.env"
    config.write_text(
        f"UPSTREAM_API_URL=http://127.0.0.1:{upstream}/v1/messages\n"
        "UPSTREAM_API_KEY=sk-bench-0001\nGUNICORN_WORKERS=1\nLOG_LEVEL=error\n"
    )
    env = {"PATH": "/usr/bin:/bin", "HOST": "127.0.0.1", "PORT": str(port := free_port())}
    log = folder / "claude-proxy.log"
    with (
        log.open("w") as output,
        running([binary, "serve", "--config", str(config)], env=env, stderr=output) as it,
    ):
        wait_until_served(port)
        yield Server("claude-proxy", port, [it.pid])


def measure(server: Server, load: str, work: Work) -> Result:
    command = [load, str(server.port), "/v1/messages", str(work.connections), str(work.requests), work.wish]
    warm = [*command[:4], str(work.connections), work.wish.replace(":10000:", ":100:")]
    subprocess.run(warm, check=True, capture_output=True)
    before = server.cpu_seconds()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = server.cpu_seconds() - before
    units = work.requests * work.units_per_request
    return Result(spent / units * 1e6, units / float(output.split()[1]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--binary", help="the daemon; without it nginx runs alone")
    binary = options.parse_args().binary
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        load = compiled(folder, "load")
        with running([compiled(folder, "upstream")], stdout=subprocess.PIPE, text=True) as process:
            upstream = int(process.stdout.readline())
            with contextlib.ExitStack() as stack:
                servers = [stack.enter_context(nginx(folder, upstream))]
                if binary:
                    servers.append(stack.enter_context(claude_proxy(folder, upstream, binary)))
                report(servers, load)


def report(servers: list[Server], load: str) -> None:
    idle = {server.name: server.resident_megabytes() for server in servers}
    for work in WORKS:
        rounds = [[measure(server, load, work) for server in servers] for _ in range(ROUNDS)]
        best = [min(column, key=lambda result: result.microseconds) for column in zip(*rounds, strict=True)]
        results = dict(zip((server.name for server in servers), best, strict=True))
        print(f"\n{work.name}")
        for name, result in results.items():
            ratio = result.microseconds / results["nginx"].microseconds
            print(
                f"  {name:13} {result.microseconds:8.2f} us CPU per {work.unit}   {ratio:5.2f} x nginx"
                f"   {result.per_second:10.0f} {work.unit}s/s"
            )
    print("\nresident, idle and after the work")
    for server in servers:
        print(f"  {server.name:13} {idle[server.name]:8.1f} MB {server.resident_megabytes():8.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
