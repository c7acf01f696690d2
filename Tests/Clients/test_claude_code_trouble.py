"""Claude Code when something goes wrong, over both backends."""

import pytest

from conftest import CLIENT_KEY
from programs.wiretap import Wiretap
from scripted import chat
from scripted.turns import Call, Fault, turn

pytestmark = pytest.mark.client("Claude Code")


def test_rate_limit(claude, start, backend):
    """429 with `retry-after`, retried by the client"""
    claude.use(start(**backend.settings(), MAX_RETRIES="0", ALLOWED_API_KEYS=CLIENT_KEY))
    limited = Fault(429, "Slow down.", "rate_limit_error", fields=(("retry-after", "1"),))
    backend.turns([limited, turn("Done.")])
    run = claude.run("Do it.")
    assert run.answer() == "Done."
    assert len(backend.asked) == 2
    (retried,) = run.of("system", "api_retry")
    assert retried["error_status"] == 429 and retried["retry_delay_ms"] >= 1000


def test_overloaded(claude, backend):
    """529, retried by the client or the daemon"""
    backend.turns([Fault(529, "Overloaded", "overloaded_error"), turn("Done.")])
    assert claude.run("Do it.").answer() == "Done."
    assert len(backend.asked) == 2


def test_refused_key(claude, backend):
    """401, told to the user"""
    backend.play(lambda asked: Fault(401, "The key is no good.", "authentication_error", "invalid_api_key"))
    run = claude.run("Do it.", CLAUDE_CODE_MAX_RETRIES="0")
    assert run.ended.status == 1
    assert run.result["api_error_status"] == 401


def test_overflow(claude, backend):
    """a context overflow that makes it compact"""
    if backend.is_chat:
        words = "This model's maximum context length is 128000 tokens. However, your messages resulted in"
        words += " 130000 tokens. Please reduce the length of the messages."
        overflow = Fault(400, words, "invalid_request_error", "context_length_exceeded")
    else:
        words = "prompt is too long: 210000 tokens > 200000 maximum"
        overflow = Fault(400, words, "invalid_request_error")
    compacted = []

    def script(asked):
        if asked.says("<summary>") and not compacted:
            compacted.append(asked)
            return turn("<summary>We echoed.</summary>")
        if compacted:
            return turn("Done.")
        if asked.answers == 2:
            return overflow
        return turn(Call("Bash", {"command": f"echo {asked.answers}", "description": "x"}))

    backend.play(script)
    run = claude.run("Do it.")
    assert run.answer() == "Done."
    assert run.of("system", "compact_boundary")
    assert backend.asked[-1].says("We echoed.")


@pytest.mark.parametrize("backend", [chat], ids=["Chat"], indirect=True)
def test_silence(claude, start, backend):
    """a long silence before the first token: pings"""
    daemon = start(**backend.settings(), EARLY_HEAD_AFTER="1", PING_INTERVAL="1", ALLOWED_API_KEYS=CLIENT_KEY)
    tap = Wiretap(daemon.port, b"event: ping")
    claude.use(tap)
    backend.turns(turn("Done.", awaits=tap.said))
    try:
        assert claude.run("Do it.").answer() == "Done."
    finally:
        tap.close()
    assert tap.said.is_set()
    assert len(backend.asked) == 1


def test_death_in_mid_stream(claude, backend):
    """an upstream that dies in mid-stream"""
    backend.turns([turn("This answer is cut in the middle.", breaks=True), turn("Done.")])
    assert claude.run("Do it.").answer() == "Done."
    assert len(backend.asked) == 2


def test_interrupt(claude, backend):
    """the user interrupts: the upstream is cancelled"""
    backend.turns(turn("A very long answer, which nobody wants to hear to its end.", hangs=True))
    started = claude.start("Tell me a long story.")
    assert backend.hanging.wait(20), started.text()
    started.interrupt()
    assert backend.abandoned.wait(20), "the upstream still waits"
    claude.finish(started)
    assert len(backend.asked) == 1
