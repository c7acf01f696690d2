"""The file system machines boot from: made once by mmdebstrap and kept in `.cache`."""

import fcntl
import hashlib
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
SUITE = "bookworm"
PACKAGES = [
    "ca-certificates",
    "caddy",
    "curl",
    "dbus",
    "init-system-helpers",
    "libcurl4",
    "libgcc-s1",
    "libstdc++6",
    "libsystemd0",
    "libzstd1",
    "nginx",
    "openssl",
    "systemd",
    "systemd-sysv",
    "zlib1g",
]
"""What boots, what the package depends on (there is no network inside), and what tests call."""
UNWANTED = ["caddy.service", "caddy-api.service"]
"""What would listen on nginx's ports from the boot on."""


def base() -> pathlib.Path:
    """The directory of the system, made if it is not there yet. Nothing is ever written below it."""
    key = hashlib.sha256(" ".join([SUITE, *PACKAGES, *UNWANTED]).encode()).hexdigest()[:12]
    cache = ROOT / ".cache"
    cache.mkdir(exist_ok=True)
    made = cache / f"package-root-{key}"
    with open(cache / "package-root.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in cache.glob("package-root-*/"):
                shutil.rmtree(old)
            half = cache / "package-root-half"
            bootstrap(half)
            half.rename(made)
    return made


def bootstrap(directory: pathlib.Path) -> None:
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    command += [f"--aptopt={option}" for option in transport()]
    command += [f'--customize-hook=chroot "$1" systemctl --quiet disable {" ".join(UNWANTED)}']
    # No test reads pages or translations.
    command += ["--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*"]
    subprocess.run([*command, SUITE, directory, *sources()], check=True)


def sources() -> list[pathlib.Path]:
    """Where this machine itself gets the suite from; empty means mmdebstrap's own default."""
    folder = pathlib.Path("/etc/apt/sources.list.d")
    files = [
        pathlib.Path("/etc/apt/sources.list"),
        *sorted(folder.glob("*.list")),
        *sorted(folder.glob("*.sources")),
    ]
    wanted = re.compile(rf"(?<![\w-]){SUITE}(?![\w])")
    return [file for file in sorted(files) if file.exists() and wanted.search(file.read_text())]


def transport() -> list[str]:
    """The proxies and time-outs this machine's apt is told of."""
    dump = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True).stdout
    return [line.rstrip(";") for line in dump.splitlines() if re.match(r'Acquire::https?(::\S+)? ".+"', line)]
