"""Claude Code's tools, over both backends."""

import base64
import json

import pytest

from scripted.turns import Call, turn

pytestmark = pytest.mark.client("Claude Code")
RED_DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg=="
)


def shell(command: str) -> Call:
    return Call("Bash", {"command": command, "description": "Runs it"})


def test_plain(claude, backend):
    """a plain turn"""
    backend.turns(turn("Hello from the backend."))
    run = claude.run("Say hello.")
    assert run.answer() == "Hello from the backend."
    assert len(backend.asked) == 1
    assert run.result["usage"]["input_tokens"] == 1000 and run.result["usage"]["output_tokens"] == 20


def test_loop(claude, backend):
    """a loop of four tools that changes files"""
    poem = claude.project / "poem.txt"
    poem.write_text("roses are red\n")
    backend.turns(
        turn("I look.", Call("Read", {"file_path": str(poem)})),
        turn(Call("Edit", {"file_path": str(poem), "old_string": "red", "new_string": "blue"})),
        turn(shell("cp poem.txt copy.txt && cat copy.txt")),
        turn(Call("Write", {"file_path": str(claude.project / "new.txt"), "content": "new\n"})),
        turn("Done."),
    )
    assert claude.run("Make the roses blue.").answer() == "Done."
    assert poem.read_text() == "roses are blue\n"
    assert (claude.project / "copy.txt").read_text() == "roses are blue\n"
    assert (claude.project / "new.txt").read_text() == "new\n"
    results = backend.asked[-1].results
    assert len(results) == 4 and not any(result.failed for result in results)
    assert "roses are red" in results[0].text and "roses are blue" in results[2].text


def test_parallel(claude, backend):
    """two parallel calls, their arguments interleaved"""
    backend.turns(
        turn("Both.", shell("echo first > first.txt"), shell("echo second > second.txt"), interleaved=True),
        turn("Done."),
    )
    assert claude.run("Write two files.").answer() == "Done."
    assert (claude.project / "first.txt").read_text() == "first\n"
    assert (claude.project / "second.txt").read_text() == "second\n"
    assert len(backend.asked[1].results) == 2


def test_failing_tool(claude, backend):
    """a tool that fails"""
    backend.turns(turn(shell("echo no such luck >&2; exit 3")), turn("It failed."))
    assert claude.run("Try it.").answer() == "It failed."
    (result,) = backend.asked[1].results
    assert result.failed and "no such luck" in result.text


def test_no_arguments(claude, backend):
    """a call whose arguments are refused by the tool, then mended"""
    backend.turns(turn(Call("Bash", {})), turn(shell("touch made.txt")), turn("Done."))
    assert claude.run("Make a file.").answer() == "Done."
    assert backend.asked[1].results[0].failed
    assert (claude.project / "made.txt").exists()


def test_image(claude, backend):
    """an image read by a tool"""
    picture = claude.project / "dot.png"
    picture.write_bytes(RED_DOT)
    backend.turns(turn(Call("Read", {"file_path": str(picture)})), turn("A red dot."))
    assert claude.run("What is on the picture?").answer() == "A red dot."
    assert backend.asked[0].images == 0
    assert backend.asked[1].images == 1


def test_structured_output(claude, backend):
    """structured output"""
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    }
    backend.turns(turn(Call("StructuredOutput", {"city": "Rome", "days": 3})), turn("Done."))
    run = claude.run("Where, and how long?", "--json-schema", json.dumps(schema))
    run.answer()
    assert run.result["structured_output"] == {"city": "Rome", "days": 3}


def test_sub_task(claude, backend):
    """a second conversation on another model"""

    def script(asked):
        if asked.says("Count the files of the project"):
            return turn("There are three.")
        if asked.answers == 0:
            task = {
                "description": "Counts",
                "prompt": "Count the files of the project",
                "subagent_type": "general-purpose",
            }
            return turn(Call("Agent", {**task, "model": "haiku"}))
        return turn("Three files.")

    backend.play(script)
    assert claude.run("How many files are there?").answer() == "Three files."
    models = {asked.says("Count the files of the project"): asked.model for asked in backend.asked}
    assert len(models) == 2 and models[True] != models[False]


def test_web_search(claude, backend):
    """a web search where the upstream has none"""

    def script(asked):
        if asked.says("Perform a web search"):
            return turn("It is sunny, as far as I know.")
        return turn("Done.") if asked.answers else turn(Call("WebSearch", {"query": "weather in Rome"}))

    backend.play(script)
    assert claude.run("What is the weather in Rome?").answer() == "Done."
    assert "It is sunny, as far as I know." in backend.asked[-1].results[0].text
    searching = next(asked for asked in backend.asked if asked.says("Perform a web search"))
    assert searching.tools == ([] if backend.is_chat else ["web_search"])
