"""The table of clients, backends and scenarios in the README: one cell for each test of this folder."""

import re

from support.daemon import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- clients:begin -->", "<!-- clients:end -->"
PACKAGES = {"Claude Code": "claude-agent-sdk", "pydantic-ai": "pydantic-ai-slim"}


def version_of(client: str) -> str:
    pins = (ROOT / "Tests/Clients/requirements.txt").read_text()
    package = PACKAGES.get(client, client)
    return re.search(rf"^{re.escape(package)}==(.+)$", pins, re.MULTILINE)[1]


def places(item) -> tuple[str, str, str]:
    """Client, scenario and backend of a test."""
    values = item.callspec.params if hasattr(item, "callspec") else {}
    client = values.get("program") or item.get_closest_marker("client").args[0]
    return client, item.function.__doc__, values["backend"].NAME if "backend" in values else ""


def tests(items) -> list:
    return [item for item in items if item.function.__doc__]


def table(items) -> str:
    """The table in Markdown."""
    cells: dict[tuple[str, str], list[str]] = {}
    for item in tests(items):
        client, scenario, backend = places(item)
        cells.setdefault((scenario, client), []).append(backend)
    clients = list(dict.fromkeys(client for _, client in cells))
    scenarios = list(dict.fromkeys(scenario for scenario, _ in cells))
    heads = [f"{client} ({version_of(client)})" for client in clients]
    lines = ["| Scenario | " + " | ".join(heads) + " |", "|---|" + "---|" * len(clients)]
    for scenario in scenarios:
        row = [word_for(cells.get((scenario, client), [])) for client in clients]
        lines.append(f"| {scenario} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def word_for(backends: list[str]) -> str:
    names = sorted(set(backends))
    return "both" if len(names) == 2 else "".join(names)


def in_readme() -> str:
    return README.read_text().partition(BEGIN)[2].partition(END)[0].strip("\n")


def write(fresh: str) -> None:
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n{fresh}\n{END}{after}")
