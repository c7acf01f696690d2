"""No program is treated in a way of its own."""

import re

import tree

NAMES = re.compile(
    r"claude[-_ ]?code|claude-cli|sdk-cli|stainless|langchain|pydantic|openai[-_ ]agents|codex|aider|litellm",
    re.IGNORECASE,
)
MAY_NAME = {
    "Sources/claude-proxy/ClientConfig.swift": "the table of programs it prints settings for",
    "Sources/Settings/Values/TranslationChoices.swift": "the default of DEFAULT_SYSTEM_PROMPT",
    "Sources/Settings/Table/SettingTable.swift": "what is said of ANTHROPIC_API_KEY",
    "Sources/Settings/Reading/Resolution+Clients.swift": "what is said of ANTHROPIC_API_KEY",
}


def test_sources_name_no_client():
    found = [
        f"{tree.name(path)}:{number}: {line.strip()}"
        for path in tree.swift_sources()
        if tree.name(path) not in MAY_NAME
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if NAMES.search(line)
    ]
    assert not found


def test_every_exception_is_needed():
    named = {tree.name(path) for path in tree.swift_sources() if NAMES.search(path.read_text())}
    assert not set(MAY_NAME) - named
