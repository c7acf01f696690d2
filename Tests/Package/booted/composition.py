"""The files for compose, brought up by podman from an image's storage, apart from all else on this host."""

import contextlib
import glob
import os
import pathlib
import shutil
import subprocess

from .image import FOLDER, Image
from .leftovers import remove
from .network import Network

ENGINE = """[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
tmp_dir = "{0}/tmp"
volume_path = "{0}/volumes"
[containers]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
network_config_dir = "{0}/networks"
"""
STORAGE = """[storage]
driver = "{0.driver}"
graphroot = "{0.folder}/root"
runroot = "{0.folder}/run"
"""
COMMAND_SECONDS = 120
APART = ["--net", "--mount", "--pid"]
WORLD = """
mount -t tmpfs -o mode=0755 run /run
mount -t tmpfs shm /dev/shm
ip link set lo up
echo ready
exec cat
"""
"""Where podman keeps notes outside of its folders, it meets empty ones; with `cat` all its processes end."""


class Composition(Network):
    def __init__(self, image: Image, *files: str, **variables: str):
        words = ["unshare", *APART, "--fork", "--kill-child", "--mount-proc", "sh", "-euc", WORLD]
        self.holder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"ready\n"
        children = pathlib.Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        super().__init__(int(children.read_text()))
        self.folder = image.folder / "compose"
        shutil.copytree(FOLDER, self.folder)
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        places = {
            "CONTAINERS_CONF": ENGINE.format(image.folder / "podman"),
            "CONTAINERS_STORAGE_CONF": STORAGE.format(image),
        }
        # Its checks of health would be timers of a service manager; here they are asked for.
        self.environment = {**os.environ, "DISABLE_HC_SYSTEMD": "true"}
        for name, text in places.items():
            (self.folder / name).write_text(text)
            self.environment[name] = str(self.folder / name)
        self.files = [f"--file={name}" for name in files]
        self.compose("up", "--detach", "--no-build")

    def end(self) -> None:
        self.compose("down", "--volumes")
        self.holder.stdin.close()
        self.holder.wait(COMMAND_SECONDS)
        self.holder.stdout.close()
        shutil.rmtree(self.folder)
        for path in glob.glob("/sys/fs/cgroup/libpod_parent") + glob.glob("/sys/fs/cgroup/*/libpod_parent"):
            # Another podman's are not empty.
            with contextlib.suppress(OSError):
                remove(pathlib.Path(path))

    def compose(self, *words: str) -> str:
        return self.run("podman-compose", "--project-name=tried", *self.files, *words).stdout

    def podman(self, *words: str) -> str:
        return self.run("podman", *words).stdout

    def run(self, *words: str, check: bool = True):
        done = subprocess.run(
            ["nsenter", f"--target={self.leader}", *APART, f"--wd={self.folder}", "--", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def container(self, service: str) -> str:
        label = f"label=com.docker.compose.service={service}"
        return self.podman("ps", "--all", "--quiet", f"--filter={label}").strip()

    def inspect(self, service: str, template: str) -> str:
        return self.podman("inspect", f"--format={template}", self.container(service)).strip()

    def is_healthy(self, service: str) -> bool:
        return self.run("podman", "healthcheck", "run", self.container(service), check=False).returncode == 0

    def said(self, service: str) -> str:
        done = self.run("podman", "logs", self.container(service))
        return done.stdout + done.stderr
