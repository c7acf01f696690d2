"""The table of black-box cases: a row a case, the running binary between a client and a scripted upstream."""

import re

import pytest

from cases import anthropic_answers, anthropic_requests, openai_answers, openai_requests, operations
from cases.case import Case
from cases.elsewhere import ELSEWHERE
from cases.table import Bench, play
from support.daemon import ROOT

ROWS: list[Case] = [
    *openai_requests.ROWS,
    *openai_answers.ROWS,
    *anthropic_requests.ROWS,
    *anthropic_answers.ROWS,
    *operations.ROWS,
]
CLASSES = ("async", "gthread", "sync")
BY_SETTINGS = sorted(ROWS, key=lambda row: list(row.settings.items()))
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


@pytest.mark.parametrize("number", sorted(ELSEWHERE))
def test_what_is_tested_elsewhere_is_there(number):
    for place in ELSEWHERE[number]:
        path, _, name = place.partition("::")
        wanted = rf'\b(def|func) {re.escape(name)}\b|@Test\(\s*"{re.escape(name)}"'
        assert re.search(wanted, (ROOT / path).read_text()), place
