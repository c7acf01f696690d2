"""The table of black-box cases: a row a case, the running binary between a client and a scripted upstream."""

import re

import pytest

from cases import (
    anthropic_answers,
    anthropic_requests,
    neighbours_failures,
    neighbours_paths,
    neighbours_requests,
    neighbours_streams,
    openai_answers,
    openai_requests,
    operations,
)
from cases.case import Case
from cases.elsewhere import ELSEWHERE, NOT_APPLICABLE
from cases.table import Bench, play
from support.daemon import ROOT

ROWS: list[Case] = [
    *openai_requests.ROWS,
    *openai_answers.ROWS,
    *anthropic_requests.ROWS,
    *anthropic_answers.ROWS,
    *operations.ROWS,
]
ALL = {f"T{number:02}" for number in range(1, 147)}
CLASSES = ("async", "gthread", "sync")
NEIGHBOURS: list[Case] = [
    *neighbours_requests.ROWS,
    *neighbours_paths.ROWS,
    *neighbours_failures.ROWS,
    *neighbours_streams.ROWS,
]
BY_SETTINGS = sorted([*ROWS, *NEIGHBOURS], key=lambda row: list(row.settings.items()))
"""Rows of equal settings stand together, so that they share a daemon."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("t"))
    yield bench
    bench.close()


@pytest.mark.parametrize("row", BY_SETTINGS, ids=str)
@pytest.mark.parametrize("worker_class", CLASSES)
def test_case(bench, worker_class, row):
    bench.serve(row.settings, worker_class)
    for step in row.steps:
        play(bench, step)


def test_every_case_is_in_the_table_or_said_to_be_elsewhere():
    rows = {row.number for row in ROWS}
    told = rows | set(ELSEWHERE) | set(NOT_APPLICABLE)
    assert told == ALL, f"missing {sorted(ALL - told)}, unknown {sorted(told - ALL)}"
    assert not rows & set(NOT_APPLICABLE)
    assert len({row.id for row in BY_SETTINGS}) == len(BY_SETTINGS)


@pytest.mark.parametrize("number", sorted(ELSEWHERE))
def test_what_is_tested_elsewhere_is_there(number):
    for place in ELSEWHERE[number]:
        path, _, name = place.partition("::")
        wanted = rf'\b(def|func) {re.escape(name)}\b|@Test\(\s*"{re.escape(name)}"'
        assert re.search(wanted, (ROOT / path).read_text()), place
