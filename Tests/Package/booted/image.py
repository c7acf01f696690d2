"""The container image, built by buildah in a storage of its own, with nothing from a network."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from .leftovers import PREFIX
from .machine import BOOT_SECONDS, Machine
from .root import ROOT

OFFICIAL = "docker.io/library/debian:12-slim"
CADDY = "docker.io/library/caddy:2"
FOLDER = ROOT / "packaging/container"


class Image:
    def __init__(self, base: pathlib.Path, package: pathlib.Path):
        # In memory and in this run's own mounts: nothing is left of it, whatever ends the run.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{PREFIX}-image-"))
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "image", self.folder], check=True)
        self.driver = "overlay"
        if self.buildah("info", check=False).returncode:
            self.driver = "vfs"
        self.tag(base)
        self.tag_caddy()
        context = self.folder / "context"
        (context / "dist").mkdir(parents=True)
        shutil.copy(package, context / "dist")
        # Without a network, as there is no registry and no mirror behind the base.
        words = ["bud", "--isolation=chroot", "--pull-never", "--format=docker", "--disable-compression"]
        words += [f"--file={FOLDER / 'Containerfile'}", "--tag=claude-proxy", str(context)]
        self.buildah(*words, before=("unshare", "--net"))
        described = json.loads(self.buildah("inspect", "--type=image", "claude-proxy").stdout)
        self.config = described["Docker"]["config"]

    def tag(self, base: pathlib.Path) -> None:
        """A Debian without sources of packages, under the official name."""
        container = self.buildah("from", "scratch").stdout.strip()
        tree = pathlib.Path(self.buildah("mount", container).stdout.strip())
        subprocess.run(["cp", "-a", f"{base}/.", tree], check=True)
        (tree / "etc/apt/sources.list").write_text("")
        shutil.rmtree(tree / "etc/apt/sources.list.d", ignore_errors=True)
        self.buildah("umount", container)
        self.buildah("commit", "--quiet", "--disable-compression", "--rm", container, OFFICIAL)

    def tag_caddy(self) -> None:
        """Debian's Caddy, set up as the official image is."""
        container = self.buildah("from", "--pull-never", OFFICIAL).stdout.strip()
        command = "caddy run --config /etc/caddy/Caddyfile --adapter caddyfile"
        places = ["--env=XDG_CONFIG_HOME=/config", "--env=XDG_DATA_HOME=/data"]
        self.buildah("config", "--entrypoint=[]", f"--cmd={command}", *places, container)
        self.buildah("commit", "--quiet", "--disable-compression", "--rm", container, CADDY)

    def end(self) -> None:
        self.buildah("rm", "--all")
        self.buildah("rmi", "--all", "--force")
        subprocess.run(["umount", "--recursive", self.folder], check=True)
        self.folder.rmdir()

    def command(self, *words: str) -> list[str]:
        places = [f"--root={self.folder / 'root'}", f"--runroot={self.folder / 'run'}"]
        return ["buildah", *places, f"--storage-driver={self.driver}", *words]

    def buildah(self, *words: str, before: tuple[str, ...] = (), check: bool = True):
        done = subprocess.run([*before, *self.command(*words)], capture_output=True, text=True, timeout=300)
        if check and done.returncode:
            raise AssertionError(f"buildah {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done


class Container:
    """A container of the image on the loopback of a machine, run as its configuration says."""

    def __init__(self, image: Image, machine: Machine, **variables: str):
        self.image = image
        self.net = ["nsenter", f"--net=/proc/{machine.leader}/ns/net"]
        self.name = image.buildah("from", "--pull-never", "localhost/claude-proxy").stdout.strip()
        self.variables = [f"--env={name}={value}" for name, value in variables.items()]

    def run(self, *words: str) -> subprocess.Popen:
        run = self.image.command("run", "--isolation=chroot", *self.variables, self.name, "--", *words)
        return subprocess.Popen(
            [*self.net, *run], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def serve(self) -> subprocess.Popen:
        """Its words go to a file: buildah may end before it has passed on what a process printed last."""
        words = " ".join([*self.image.config["Entrypoint"], *self.image.config["Cmd"]])
        return self.run("sh", "-c", f"exec {words} >/tmp/said 2>&1")

    def said(self) -> str:
        tree = pathlib.Path(self.image.buildah("mount", self.name).stdout.strip())
        try:
            return (tree / "tmp/said").read_text()
        finally:
            self.image.buildah("umount", self.name)

    def is_healthy(self) -> bool:
        kind, command = self.image.config["Healthcheck"]["Test"]
        assert kind == "CMD-SHELL"
        return self.run("sh", "-c", command).wait(BOOT_SECONDS) == 0

    def stop(self, daemon: subprocess.Popen) -> str:
        """All it said until it ended, as told by the image's stop signal."""
        os.killpg(daemon.pid, signal.Signals[self.image.config["StopSignal"]])
        daemon.wait(BOOT_SECONDS)
        return self.said()
