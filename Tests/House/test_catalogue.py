"""What the package tells administrators keeps pace with the code: catalogue and completion."""

import re

import tree

NUMBERS = tree.SOURCES / "Server/Logging/MessageID.swift"
CATALOGUE = tree.ROOT / "packaging/systemd/claude-proxy.catalog"
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


def test_every_command_is_completed():
    code = (tree.SOURCES / "claude-proxy/Commands.swift").read_text()
    commands = {word for word in re.findall(r'case "([a-z-]+)"', code) if not word.startswith("-")}
    offered = re.search(r'commands="([^"]+)"', COMPLETION.read_text()).group(1)
    assert set(offered.split()) == commands
