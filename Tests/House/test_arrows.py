"""Which target may lean on which: the table of the house, read against imports and the manifest."""

import json
import subprocess

import pytest

import tree

PURE = {
    "Wire": set(),
    "Settings": {"Wire", "Dialogue"},
    "Tokens": {"Wire"},
    "Dialogue": {"Wire"},
    "Pool": {"Settings"},
    "Demo": {"Wire"},
    "Gateway": {"Wire", "Dialogue", "Settings", "Tokens"},
}
SYSTEM = {"CPlatform", "CSystemd", "CCurl", "CZlib", "CZstd"}
IMPURE = {
    "Platform": {"CPlatform"},
    "Systemd": {"CSystemd", "Platform"},
    "Inflate": {"CZlib", "CZstd", "Wire"},
    "Upstream": {"CCurl", "Platform", "Wire"},
}
EVERYTHING = set(PURE) | set(IMPURE)
TOOLS = {name: EVERYTHING for name in tree.targets() if name.startswith(("fuzz-", "bench-"))}
ARROWS = PURE | IMPURE | TOOLS | {"Server": EVERYTHING, "claude-proxy": EVERYTHING | {"Server"}}

STANDARD = {"Swift", "Synchronization"}
OPERATING_SYSTEM = {"Glibc"}


def allowed(target: str) -> set[str]:
    return ARROWS[target] | STANDARD | (set() if target in PURE else OPERATING_SYSTEM)


def test_every_folder_of_sources_is_a_target_of_the_house():
    assert set(tree.targets()) <= set(ARROWS) | SYSTEM


@pytest.mark.parametrize("target", [name for name in tree.targets() if name not in SYSTEM])
def test_a_target_imports_only_what_is_above_it(target):
    wrong = {
        tree.name(path): sorted(tree.imports(path) - allowed(target))
        for path in tree.swift_sources()
        if tree.target(path) == target and not tree.imports(path) <= allowed(target)
    }
    assert not wrong


def test_the_manifest_draws_no_other_arrows():
    command = ["swift", "package", "dump-package"]
    manifest = subprocess.run(command, cwd=tree.ROOT, check=True, capture_output=True, text=True).stdout
    package = json.loads(manifest)
    assert package["dependencies"] == []
    wrong = {}
    for target in package["targets"]:
        if target["type"] in ("test", "system"):
            continue
        if not (tree.SOURCES / target["name"]).is_dir():
            continue
        names = {dependency["byName"][0] for dependency in target["dependencies"]}
        if extra := names - ARROWS[target["name"]]:
            wrong[target["name"]] = sorted(extra)
    assert not wrong
