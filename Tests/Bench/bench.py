"""usage: bench.py [--binary claude-proxy]

CPU of nginx relaying, of claude-proxy relaying and of claude-proxy translating the same, in turns: user and
system time of all threads, divided by what was relayed; the best of three rounds, as the machine's other
work only ever adds. Then what a single request waits, and what live streams keep resident. A report,
never a test.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

HERE = pathlib.Path(__file__).parent
UPSTREAMS = {
    "relaying": "UPSTREAM_API_URL=http://127.0.0.1:{}/v1/messages\nUPSTREAM_API_KEY=sk-bench-0001\n",
    "translating": "OPENAI_BASE_URL=http://127.0.0.1:{}/v1\nOPENAI_API_KEY=sk-bench-0001\n",
}
STREAMS = 10_000
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
    median_wait: float
    late_wait: float


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


def wait_until_ready(log: pathlib.Path) -> None:
    """Its port is open before all workers are there; idle it is only then."""
    deadline = time.monotonic() + 10
    while "ready: " not in log.read_text():
        if time.monotonic() > deadline:
            sys.exit(f"not ready: {log.read_text()}")
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
def claude_proxy(
    folder: pathlib.Path, upstream: int, binary: str, way: str, more: str = ""
) -> Iterator[Server]:
    config = folder / f"{way}.env"
    config.write_text(f"{UPSTREAMS[way].format(upstream)}{more or 'GUNICORN_WORKERS=1'}\n")
    env = {"PATH": "/usr/bin:/bin", "HOST": "127.0.0.1", "PORT": str(port := free_port())}
    with (
        (folder / f"{way}.log").open("w") as output,
        running([binary, "serve", "--config", str(config)], env=env, stderr=output) as it,
    ):
        wait_until_served(port)
        wait_until_ready(folder / f"{way}.log")
        yield Server(way, port, [it.pid])


def measure(server: Server, load: str, work: Work) -> Result:
    command = [load, str(server.port), "/v1/messages", str(work.connections), str(work.requests), work.wish]
    warm = [*command[:4], str(work.connections), work.wish.replace(":10000:", ":100:")]
    subprocess.run(warm, check=True, capture_output=True)
    before = server.cpu_seconds()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    spent = server.cpu_seconds() - before
    units = work.requests * work.units_per_request
    _, seconds, median, late = (float(word) for word in output.split())
    return Result(spent / units * 1e6, units / seconds, median, late)


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
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
                for way in UPSTREAMS if binary else ():
                    servers.append(stack.enter_context(claude_proxy(folder, upstream, binary, way)))
                report(servers, load)
                report_waits([Server("no relay", upstream, []), *servers], load)
            if binary:
                report_streams(folder, upstream, binary, load)


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
                f"  {name:12} {result.microseconds:8.2f} us CPU per {work.unit}   {ratio:5.2f} x nginx"
                f"   {result.per_second:10.0f} {work.unit}s/s"
            )
    print("\nresident, idle and after the work")
    for server in servers:
        print(f"  {server.name:12} {idle[server.name]:8.1f} MB {server.resident_megabytes():8.1f} MB")


def report_waits(servers: list[Server], load: str) -> None:
    work = Work("one request after the other", "request", 1, 3_000, "bench:plain:1000")
    print(f"\nwhole answer, {work.name}")
    rounds = [[measure(server, load, work) for server in servers] for _ in range(ROUNDS)]
    direct, *_ = best = [
        min(column, key=lambda result: result.late_wait) for column in zip(*rounds, strict=True)
    ]
    for server, result in zip(servers, best, strict=True):
        median, late = result.median_wait, result.late_wait
        print(
            f"  {server.name:12} median {median:6.0f} us, 99 % {late:6.0f} us"
            f"   added {median - direct.median_wait:6.0f} and {late - direct.late_wait:6.0f} us"
        )


def report_streams(folder: pathlib.Path, upstream: int, binary: str, load: str) -> None:
    """Streams that all live at once, an event every two seconds."""
    # Each costs the daemon two descriptors.
    most_open, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    streams = min(STREAMS, most_open // 2 - 100)
    settings = "GUNICORN_WORKERS=2\nGUNICORN_WORKER_CONNECTIONS=6000\n"
    command = ["/v1/messages", str(streams), str(streams), "bench:events:12:2000"]
    print(f"\nresident with {streams} live streams, two workers")
    for way in UPSTREAMS:
        with claude_proxy(folder, upstream, binary, way, settings) as server:
            idle = server.resident_megabytes()
            with running([load, str(server.port), *command], stdout=subprocess.PIPE) as clients:
                most = idle
                while clients.poll() is None:
                    most = max(most, server.resident_megabytes())
                    time.sleep(0.2)
                if clients.returncode:
                    sys.exit(f"{way}: a stream failed")
        print(f"  {way:12} {most:8.1f} MB   idle {idle:6.1f} MB")


if __name__ == "__main__":
    sys.exit(main())
