"""What the package tells administrators keeps pace with the code: catalogue and completion."""

import re

import tree

NUMBERS = tree.SOURCES / "Server/Logging/MessageID.swift"
CATALOGUE = tree.ROOT / "packaging/systemd/claude-proxy.catalog"
MANUAL = tree.ROOT / "packaging/debian/claude-proxy.8"
COMPLETION = tree.ROOT / "packaging/bash-completion/claude-proxy"


def entries() -> dict[str, str]:
    pieces = re.split(r"^-- ([0-9a-f]{32})$", CATALOGUE.read_text(), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def test_every_kind_of_record_is_in_the_catalogue_and_no_other():
    numbers = re.findall(r'MessageID\(text: "([0-9a-f]{32})"\)', NUMBERS.read_text())
    assert len(set(numbers)) == len(numbers) > 0
    assert set(entries()) == set(numbers)


def test_every_entry_says_cause_and_remedy():
    for number, text in entries().items():
        assert re.match(r"\nSubject: \S.*\nDefined-By: claude-proxy\nDocumentation: \S.*\n\n", text), number
        assert "\nCause: " in text and "\nRemedy: " in text, number


def commands() -> set[str]:
    code = (tree.SOURCES / "claude-proxy/Commands.swift").read_text()
    return {word for word in re.findall(r'case "([a-z-]+)"', code) if not word.startswith("-")}


def test_every_command_is_completed():
    offered = re.search(r'commands="([^"]+)"', COMPLETION.read_text()).group(1)
    assert set(offered.split()) == commands()


def test_every_command_is_in_the_manual():
    told = set(re.findall(r"^\.It Cm ([a-z-]+)", MANUAL.read_text(), re.MULTILINE))
    assert told == commands() - {"help"}
