"""What the package tells an administrator, where it is looked for."""

import re
import subprocess

import pytest

from booted.root import ROOT
from conftest import configure

SERVICE = "claude-proxy.service"
PAGES = ["claude-proxy.8", "claude-proxy.env.5"]


def test_the_journal_explains_its_records(machine):
    configure(machine, "UPSTREAM=demo", "LOG_LEVEL=loud")
    since = machine.journal.now()
    machine.systemctl("start", SERVICE)
    machine.journal.wait(since, lambda entry: "LOG_LEVEL" in entry["MESSAGE"] and entry["_PID"] != "1")
    text = machine.run("journalctl", "-x", "--unit", SERVICE, f"--cursor={since}").stdout
    assert "Subject: The configuration has a fault" in text
    assert "Remedy: mend the line" in text


def test_each_kind_of_record_is_explained_with_cause_and_remedy(shared):
    """By the catalogue as systemd has compiled it."""
    source = (ROOT / "Sources/Server/Logging/MessageID.swift").read_text()
    numbers = re.findall(r'MessageID\(text: "([0-9a-f]{32})"\)', source)
    assert len(numbers) > 10
    for number in numbers:
        text = shared.run("journalctl", "--dump-catalog", number).stdout
        for word in (f"-- {number}\nSubject: ", "\nDefined-By: claude-proxy\n", "\nCause: ", "\nRemedy: "):
            assert word in text


def test_a_day_in_the_life_of_the_service_is_explained(machine):
    since = machine.journal.now()
    machine.systemctl("start", SERVICE)
    machine.ask("GET", "/livez")
    configure(machine, "UPSTREAM=demo", "GUNICORN_WORKERS=1")
    machine.systemctl("reload", SERVICE)
    configure(machine, "UPSTREAM=demo", "GUNICORN_WORKERS=some")
    machine.systemctl("reload", SERVICE, check=False)
    machine.systemctl("stop", SERVICE)
    machine.journal.wait(since, lambda entry: "Deactivated successfully" in entry["MESSAGE"])
    text = machine.run("journalctl", "-x", "--unit", SERVICE, f"--cursor={since}").stdout
    for subject in (
        "The gateway is starting",
        "The gateway is ready",
        "A request was answered",
        "The configuration was reloaded",
        "The configuration has a fault",
        "A reload failed; the old configuration stays in effect",
        "The gateway is stopping",
        "The gateway has ended",
    ):
        assert f" Subject: {subject}\n" in text


def test_the_fields_of_a_request_are_shown(machine):
    since = machine.journal.now()
    name = machine.ask("GET", "/health").fields["x-proxy-request-id"]
    machine.journal.wait(since, lambda entry: entry.get("REQUEST_ID") == name)
    text = machine.run("journalctl", "-u", "claude-proxy", f"REQUEST_ID={name}", "-o", "verbose").stdout
    for field in ("ROUTE=health", "STATUS=200", "DURATION_USEC=", "CLIENT=", "WORKER="):
        assert f"\n    {field}" in text


def test_the_catalogue_has_every_entry_of_the_package(shared):
    text = shared.run("journalctl", "--list-catalog").stdout
    ours = re.findall(r"^([0-9a-f]{32}) claude-proxy: (\S.*)$", text, re.MULTILINE)
    source = (ROOT / "packaging/systemd/claude-proxy.catalog").read_text()
    assert len(ours) == source.count("\nDefined-By: claude-proxy\n")


@pytest.mark.parametrize("page", PAGES)
def test_the_manual_pages_are_clean_and_packed(package, page):
    source = ROOT / "packaging/debian" / page
    done = subprocess.run(["man", "--warnings", "-l", source], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    listed = subprocess.run(["dpkg-deb", "--contents", package], capture_output=True, text=True, check=True)
    assert f"./usr/share/man/man{page[-1]}/{page}.gz" in listed.stdout


def completed(machine, *words: str) -> list[str]:
    script = (
        'source /usr/share/bash-completion/completions/claude-proxy; COMP_WORDS=("$@");'
        'COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _claude_proxy; echo "${COMPREPLY[@]}"'
    )
    return machine.run("bash", "-c", script, "bash", *words).stdout.split()


def test_commands_options_and_files_are_completed(machine):
    assert completed(machine, "claude-proxy", "ch") == ["check"]
    assert completed(machine, "claude-proxy", "doctor", "--s") == ["--silence"]
    assert completed(machine, "claude-proxy", "check", "--config", "/etc/claude-p") == ["/etc/claude-proxy"]
    assert completed(machine, "claude-proxy", "translate", "--from", "anth") == ["anthropic"]


def declared() -> list[str]:
    control = (ROOT / "packaging/debian/tests/control").read_text()
    return re.search(r"^Tests: (.+)$", control, re.MULTILINE).group(1).split()


@pytest.mark.parametrize("name", declared())
def test_the_packages_own_tests_pass_on_it(machine, name):
    configure(machine)
    script = machine.file(f"/var/tmp/{name}")
    script.write_bytes((ROOT / "packaging/debian/tests" / name).read_bytes())
    script.chmod(0o755)
    done = machine.run(
        "env", "AUTOPKGTEST_TMP=/var/tmp", "HOME=/root", "sh", "-c", f"cd / && exec /var/tmp/{name}"
    )
    assert done.stderr == "", "what is written there fails a test as well"
