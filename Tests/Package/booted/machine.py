"""A Debian that is booted for a test and gone after it."""

import os
import pathlib
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable

from .cgroup import ControlGroup
from .journal import Journal
from .leftovers import PREFIX, sweep
from .network import Network
from .waiting import eventually

BOOT_SECONDS = 60
COMMAND_SECONDS = 90
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
    "SYSTEMD_COLORS": "0",
    "SYSTEMD_PAGER": "",
}


class Machine(Network):
    """systemd as process 1 of a container without a network, on a copy-on-write copy of a root."""

    def __init__(self, base: pathlib.Path):
        sweep()
        self.name = f"{PREFIX}-{secrets.token_hex(4)}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self.cgroup = ControlGroup(self.name)
        self.mount(base)
        self.process, leader = self.boot()
        super().__init__(leader)
        self.journal = Journal(self)

    def mount(self, base: pathlib.Path) -> None:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", self.name, self.folder], check=True)
        for name in ("upper", "work", "root"):
            (self.folder / name).mkdir()
        places = f"lowerdir={base},upperdir={self.folder}/upper,workdir={self.folder}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", places, self.name, self.folder / "root"], check=True)

    def boot(self) -> tuple[subprocess.Popen, int]:
        """Returns when process 1 says that all is started."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
            ready.bind(str(self.folder / "notify"))
            process = self.spawn()
            ended = os.pidfd_open(process.pid)
            lines: list[str] = []
            while "READY=1" not in lines:
                events, _, _ = select.select([ready, ended], [], [], BOOT_SECONDS)
                if ready not in events:
                    process.kill()
                    raise AssertionError("not booted:\n" + (self.folder / "console").read_text())
                lines += ready.recv(4096).decode().splitlines()
            os.close(ended)
        leader = next(line for line in lines if line.startswith("X_NSPAWN_LEADER_PID="))
        return process, int(leader.partition("=")[2])

    def spawn(self) -> subprocess.Popen:
        command = ["systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit"]
        command += ["--notify-ready=yes", "--private-network", "--console=pipe", f"--machine={self.name}"]
        with open(self.folder / "console", "wb") as console:
            return subprocess.Popen(
                [*command, f"--directory={self.folder / 'root'}"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={**ENVIRONMENT, "NOTIFY_SOCKET": str(self.folder / "notify")},
                preexec_fn=self.cgroup.enter,
            )

    def end(self) -> None:
        """Ends the container by its first process; with that all others are gone."""
        os.kill(self.leader, signal.SIGKILL)
        self.process.wait(BOOT_SECONDS)
        subprocess.run(["umount", self.folder / "root"], check=True)
        subprocess.run(["umount", self.folder], check=True)
        self.folder.rmdir()
        self.cgroup.remove()

    # What an administrator does.

    def command(self, *words: str) -> list[str]:
        spaces = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
        return ["nsenter", "--target", str(self.leader), *spaces, "--", *words]

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            self.command(*words),
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def begin(self, *words: str) -> subprocess.Popen:
        """The same without waiting for its end."""
        return subprocess.Popen(self.command(*words), env=ENVIRONMENT, stdin=subprocess.DEVNULL)

    def systemctl(self, *words: str, check: bool = True) -> str:
        return self.run("systemctl", *words, check=check).stdout.strip()

    def show(self, unit: str, name: str) -> str:
        return self.systemctl("show", "--value", f"--property={name}", unit)

    def expect(self, unit: str, name: str, holds: Callable[[str], object] | str) -> str:
        """Waits until a property has this value, or one of which `holds` is true: process 1 takes what a
        service tells it when it comes to it."""
        seen: list[str] = []

        def come() -> object:
            seen[:] = [self.show(unit, name)]
            return seen[0] == holds if isinstance(holds, str) else holds(seen[0])

        assert eventually(come), f"{name} of {unit} stays {seen[0]!r}"
        return seen[0]

    def install(self, package: pathlib.Path) -> None:
        shutil.copy(package, self.file("/var/tmp"))
        self.run("apt-get", "install", "--yes", "-qq", f"/var/tmp/{package.name}")

    def kill(self, signal_name: str, unit: str = "claude-proxy.service") -> None:
        self.systemctl("kill", f"--signal={signal_name}", "--kill-whom=main", unit)

    def drop_in(self, unit: str, *lines: str) -> None:
        """What `systemctl edit` writes."""
        folder = self.file(f"/etc/systemd/system/{unit}.d")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "override.conf").write_text("\n".join(lines) + "\n")
        self.systemctl("daemon-reload")
