"""What Claude Code carries over from turn to turn, over both backends."""

import json
import sys

import pytest

from conftest import CLIENT_KEY
from programs import mcp_server
from scripted.turns import Call, Think, turn

pytestmark = pytest.mark.client("Claude Code")
LONG = f"mcp__archive__{mcp_server.LONG}"


@pytest.fixture
def archive(claude) -> list[str]:
    """Options that give Claude Code a server of tools."""
    servers = {"archive": {"command": sys.executable, "args": [mcp_server.__file__]}}
    (claude.project / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    return ["--mcp-config", "mcp.json", "--allowedTools", f"ToolSearch {LONG}"]


def test_system_in_messages(claude, backend):
    """`role: system` inside `messages`"""
    backend.turns(turn(Call("Bash", {"command": "echo hi", "description": "x"})), turn("Done."))
    assert claude.run("Do it.").answer() == "Done."
    for asked in backend.asked:
        roles = [message["role"] for message in asked.raw["messages"]]
        assert (
            roles[:2] == ["user", "system"]
            if not backend.is_chat
            else roles[:3] == ["system", "user", "system"]
        )


def test_thinking(claude, start, backend):
    """thinking on, carried over turns"""
    if backend.is_chat:
        # An upstream that wants its model's thoughts back.
        profile = {"OPENAI_PROFILE": "deepseek"}
        backend.takes_also = {"thinking"}
        claude.use(start(**backend.settings(), **profile, ALLOWED_API_KEYS=CLIENT_KEY))
    look = Call("Bash", {"command": "echo hi", "description": "x"})
    backend.turns(turn(Think("I should look."), look), turn(Think("Once more."), look), turn("Done."))
    run = claude.run("Do it.")
    assert run.answer() == "Done."
    assert [block["thinking"] for block in run.blocks("thinking")] == ["I should look.", "Once more."]
    assert backend.asked[2].thoughts == ["I should look.", "Once more."]


def test_conversation_goes_on(claude, backend):
    """a conversation taken up again by a second process"""
    backend.turns(turn("I remember it."), turn("It was 42."))
    first = claude.run("Remember 42.")
    first.answer()
    again = claude.run("What was it?", "--resume", first.result["session_id"])
    assert again.answer() == "It was 42."
    assert backend.asked[1].says("Remember 42.") and backend.asked[1].says("What was it?")


def test_deferred_tools(claude, backend, archive):
    """deferred tools and `tool_reference`"""
    backend.turns(turn(Call("ToolSearch", {"query": f"select:{LONG}", "max_results": 1})), turn("Found."))
    assert claude.run("Is there a tool for the weather?", *archive).answer() == "Found."
    first, second = backend.asked
    assert len(second.tools) == len(first.tools) + 1
    if backend.is_chat:
        # The reference is for Anthropic's servers; the tool it names is among the tools now.
        assert second.results[0].text == ""
        assert any(name.startswith("mcp__archive__") for name in set(second.tools) - set(first.tools))
        assert not any("defer_loading" in json.dumps(tool) for tool in second.raw["tools"])


def test_long_tool_names(claude, backend, archive):
    """names of MCP tools over 64 characters"""

    def script(asked):
        if asked.answers == 0:
            return turn(Call("ToolSearch", {"query": f"select:{LONG}", "max_results": 1}))
        if asked.answers == 1:
            (name,) = [name for name in asked.tools if name.startswith("mcp__")]
            return turn(Call(name, {"city": "Rome"}))
        return turn("It rained.")

    backend.play(script)
    run = claude.run("How was the weather in Rome?", *archive)
    assert run.answer() == "It rained."
    assert backend.asked[2].results[-1].text == "It rained in Rome."
    assert run.blocks("tool_use")[-1]["name"] == LONG
