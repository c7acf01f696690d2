"""Every id of the goldens must have run; the counts are printed at the end."""

import collections

import pytest

from agreement import goldens
from agreement.clients import Clients
from agreement.replay import Replay

EXPECTED = {
    "request": [golden.id for golden in goldens.REQUESTS],
    "reply": [golden.id for golden in goldens.REPLIES],
    "stream": [golden.id for golden in goldens.STREAMS],
    "error": [golden.id for golden in goldens.ERRORS],
}
RAN = collections.defaultdict(collections.Counter)
COUNTS: dict[str, int] = {}


def pytest_sessionstart():
    if not goldens.BINARY.exists():
        raise pytest.UsageError(
            f"{goldens.BINARY} is not built; `make build`, or name one in CLAUDE_PROXY_BINARY"
        )


@pytest.fixture
def ran():
    """Notes that the golden has gone through an SDK, as a request, a reply, a stream or an error."""

    def note(kind: str, golden: goldens.Golden) -> None:
        RAN[kind][golden.id] += 1

    return note


@pytest.fixture
def counted():
    """Puts a figure into the summary."""
    return COUNTS.__setitem__


@pytest.fixture(scope="session")
def replay():
    replay = Replay()
    yield replay
    replay.close()


@pytest.fixture(scope="session")
def clients():
    clients = Clients()
    yield clients
    clients.close()


def missing() -> list[str]:
    return [f"{kind} {id}" for kind, ids in EXPECTED.items() for id in ids if not RAN[kind][id]]


def is_whole(config) -> bool:
    return not config.option.keyword and not any("::" in argument for argument in config.args)


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == pytest.ExitCode.OK and is_whole(session.config) and missing():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    write = terminalreporter.write_line
    for kind, ids in EXPECTED.items():
        seen = [id for id in ids if RAN[kind][id]]
        write(f"{kind}: {len(seen)} of {len(ids)} ids, {sum(RAN[kind].values())} checks: {' '.join(seen)}")
    for name, figure in COUNTS.items():
        write(f"{name}: {figure}")
    if is_whole(config) and missing():
        write(f"NOT RUN: {', '.join(missing())}", red=True)
