"""Every field of the SDKs' request types is carried, mapped, refused by name or reported as a loss."""

import collections

import pytest

from agreement import accounting, exceptions, shapes, walk
from agreement.accounting import Verdict

CHAT_PROFILES = [
    "openai",
    "openai-reasoning",
    "generic",
    "azure",
    "vllm",
    "sglang",
    "ollama",
    "deepseek",
    "mistral",
    "gemini",
    "openrouter",
    "groq",
    "xai",
    "kimi",
    "glm",
    "qwen",
    "thinktag",
]
ANTHROPIC_PROFILES = ["anthropic", "anthropic-4.5", "anthropic-5", "anthropic-5-always"]
# Source, target, profile, and the types the requests are made from.
WALKS = [
    *(("anthropic", "openai-chat", profile, "anthropic") for profile in CHAT_PROFILES),
    ("anthropic", "openai-chat", "openai", "anthropic-beta"),
    *(("openai-chat", "anthropic", profile, "openai-chat") for profile in ANTHROPIC_PROFILES),
]
VERDICTS: collections.Counter = collections.Counter()
# Fewer would mean that the walk has lost its way.
LEAST = {"anthropic": 450, "anthropic-beta": 550, "openai-chat": 400}


@pytest.mark.parametrize(("source", "target", "profile", "types"), WALKS, ids=lambda part: part)
def test_nothing_is_unaccounted(source, target, profile, types, counted):
    engine = accounting.Engine(source, target, profile)
    findings = accounting.examine(engine, list(walk.root(source, shapes.request_shape(types))))
    unaccounted = []
    for finding in findings:
        verdict = finding.verdict
        if verdict is Verdict.UNACCOUNTED:
            if exceptions.excuse(source, finding.key, finding.value):
                verdict = "excused by the table"
            else:
                unaccounted.append(f"{finding.key} = {finding.value!r}: {told(finding.outcome)}")
        VERDICTS[str(verdict)] += 1
    counted("fields", ", ".join(f"{count} {verdict}" for verdict, count in VERDICTS.most_common()))
    assert not unaccounted, "\n".join(unaccounted)
    assert len(findings) >= LEAST[types]


def told(outcome: accounting.Outcome) -> str:
    if outcome.exit == 1:
        return f"refused: {outcome.refusal}"
    return f"carried on, losses {list(outcome.losses)}"


def test_every_exception_excuses_something():
    """Runs behind the walks, in the order of this file."""
    if not VERDICTS:
        pytest.skip("no walk has run")
    assert not [row.key for row in exceptions.TABLE if not row.uses]


def test_every_sample_is_of_its_type():
    """The walk asks with requests the SDK could have sent, but for members it does not know."""
    wrong = []
    for protocol, types in (("anthropic", "anthropic"), ("openai-chat", "openai-chat")):
        shape = shapes.request_shape(types)
        for field in walk.root(protocol, shape):
            for value in field.values:
                faults = shapes.faults(shape, field.place.body(value))
                wrong += [fault for fault in faults if not fault.extra]
    assert not wrong


def test_the_accounting_can_fail():
    """A field that the engine does not hear of is found, if the engine says nothing."""
    outcome = accounting.Outcome(0, {}, (("tools[0]", "changed"), ("messages[1].content[0]", "dropped")))
    assert accounting.is_reported(outcome, "tools[0]")
    assert accounting.is_reported(outcome, "messages[1].content[0].text")
    assert not accounting.is_reported(outcome, "tools[0].strict")
    assert not accounting.is_reported(outcome, "messages[1].content[01]")
    assert accounting.is_named("`a.b[0].type` cannot be sent", "a.b[0].c")
    assert not accounting.is_named("`a.b[0].other` cannot be sent", "a.b[0].c")
    assert not accounting.is_named("a stored thing cannot be continued", "thing.id")
