"""Whether the engine accounts for all a client said: it is sent, its loss is said, or the client is told."""

import dataclasses
import enum
import json
import re
import subprocess

from agreement import goldens, samples
from agreement.samples import ABSENT
from agreement.shapes import Anything, Record
from agreement.walk import Field, fields_of

PATIENCE_S = 120


class Verdict(enum.StrEnum):
    CARRIED = "carried or mapped"
    REPORTED = "reported as a loss"
    REFUSED = "refused by name"
    AS_ABSENT = "null as absent"
    UNACCOUNTED = "unaccounted"


@dataclasses.dataclass(frozen=True)
class Outcome:
    exit: int
    output: object
    losses: tuple[tuple[str, str], ...]

    @property
    def refusal(self) -> str:
        """All that an error says of its cause."""
        if self.exit != 1:
            return ""
        error = self.output["body"]["error"]
        return f"{error['message']} `{error.get('param') or ''}`"


class Engine:
    """The engine in one direction, asked for many requests at once."""

    def __init__(self, source: str, target: str, profile: str):
        self.command = [goldens.BINARY, "translate", "request", "--from", source, "--to", target]
        self.command += ["--profile", profile, "--deterministic", "--lines"]
        self.known: dict[str, Outcome] = {}
        self.wanted: dict[str, None] = {}

    def want(self, body: dict) -> None:
        text = json.dumps(body)
        if text not in self.known:
            self.wanted[text] = None

    def ask(self) -> None:
        """Translates all that is wanted."""
        texts = list(self.wanted)
        self.wanted.clear()
        if not texts:
            return
        done = subprocess.run(
            self.command, input="\n".join(texts).encode(), capture_output=True, timeout=PATIENCE_S, check=True
        )
        lines = done.stdout.splitlines()
        assert len(lines) == len(texts)
        for text, line in zip(texts, lines, strict=True):
            result = json.loads(line)
            losses = tuple((loss["path"], loss["action"]) for loss in result["losses"])
            self.known[text] = Outcome(result["exit"], result["output"], losses)

    def __getitem__(self, body: dict) -> Outcome:
        return self.known[json.dumps(body)]


def is_below(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def is_reported(outcome: Outcome, path: str) -> bool:
    return any(
        path == lost or (action == "dropped" and is_below(path, lost)) for lost, action in outcome.losses
    )


def is_named(refusal: str, path: str) -> bool:
    """Whether a refusal names the path, or what it stands in, or the type of that."""
    while path:
        if re.search(rf"(?:^|`){re.escape(path)}(?:\.(?:type|role))?[`:]", refusal):
            return True
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return False


@dataclasses.dataclass
class Finding:
    """What became of one value in one place."""

    key: str
    path: str
    value: object
    verdict: Verdict
    outcome: Outcome


def examine(engine: Engine, fields: list[Field]) -> list[Finding]:
    """Walks down, level by level; below what is lost as a whole nothing is left to see."""
    findings: list[Finding] = []
    while fields:
        for field in fields:
            for body in bodies(field):
                engine.want(body)
        engine.ask()
        below: list[Field] = []
        for field in fields:
            if not isinstance(field.shape, Record):
                findings += [finding(engine, field, value) for value in field.values]
            elif is_lost_whole(engine, field):
                findings.append(finding(engine, field, field.values[0]))
            else:
                below += fields_of(field.place, field.shape)
                # Where it must say more than its kind, its members show what becomes of it.
                if not field.shape.says_more:
                    findings.append(finding(engine, field, field.values[0]))
                if engine[field.place.body(field.values[0])].exit == 0:
                    findings.append(unknown_member(engine, field))
            if field.place.is_member:
                findings.append(null(engine, field))
        fields = below
    return findings


UNKNOWN = "mystery"


def bodies(field: Field) -> list[dict]:
    place = field.place
    values = list(field.values)
    if place.is_optional:
        values.append(ABSENT)
    if place.is_member:
        values.append(None)
    if isinstance(field.shape, Record):
        values.append(samples.largest(field.shape, place.name))
        values.append({**values[0], UNKNOWN: 1})
    return [place.body(value) for value in values]


def is_lost_whole(engine: Engine, field: Field) -> bool:
    """Whether an object is reported or refused both with the least and with the most in it."""
    return all(
        verdict(engine, field, value)[0] in (Verdict.REPORTED, Verdict.REFUSED)
        for value in (field.values[0], samples.largest(field.shape, field.place.name))
    )


def finding(engine: Engine, field: Field, value: object) -> Finding:
    return Finding(field.place.key, field.place.path, value, *verdict(engine, field, value))


def verdict(engine: Engine, field: Field, value: object) -> tuple[Verdict, Outcome]:
    """Carried is what shows in the upstream's body: other words upstream for another value, and for none."""
    place = field.place
    outcome = engine[place.body(value)]
    if (told := verdict_told(outcome, place.path)) is not None:
        return told, outcome
    inner = value if isinstance(field.shape, Anything) and isinstance(value, dict) else {}
    if inner and all(is_reported(outcome, f"{place.path}.{name}") for name in inner):
        return Verdict.REPORTED, outcome
    said = (outcome.exit, outcome.output)
    others = [engine[place.body(other)] for other in field.values if other != value]
    others = [other for other in others if verdict_told(other, place.path) is None]
    is_carried = not others or any(said != (other.exit, other.output) for other in others)
    if place.is_optional:
        absent = engine[place.body(ABSENT)]
        is_carried = is_carried and said != (absent.exit, absent.output)
    return (Verdict.CARRIED if is_carried else Verdict.UNACCOUNTED), outcome


def verdict_told(outcome: Outcome, path: str) -> Verdict | None:
    """The verdict if the client is told of what is at this path."""
    if outcome.exit == 1:
        return Verdict.REFUSED if is_named(outcome.refusal, path) else Verdict.UNACCOUNTED
    return Verdict.REPORTED if is_reported(outcome, path) else None


def unknown_member(engine: Engine, field: Field) -> Finding:
    """A member that no type knows must not vanish."""
    value = {**field.values[0], UNKNOWN: 1}
    outcome = engine[field.place.body(value)]
    path = f"{field.place.path}.{UNKNOWN}"
    told = verdict_told(outcome, path)
    return Finding(f"{field.place.key}.{UNKNOWN}", path, 1, told or Verdict.UNACCOUNTED, outcome)


def null(engine: Engine, field: Field) -> Finding:
    """Null is as if the member were not there, though an object of nulls may be lost aloud."""
    outcome, absent = engine[field.place.body(None)], engine[field.place.body(ABSENT)]
    is_same = (outcome.exit, outcome.output) == (absent.exit, absent.output)
    more = set(outcome.losses) - set(absent.losses)
    is_same = is_same and all(
        path != field.place.path and is_below(field.place.path, path) for path, _ in more
    )
    same = Verdict.AS_ABSENT if is_same else Verdict.UNACCOUNTED
    return Finding(field.place.key, field.place.path, None, same, outcome)
