"""The long comparison: 50 MB of text and a million random strings."""

import pytest

import corpus
import counting

MEGABYTE = 1_000_000


@pytest.mark.parametrize("name", counting.NAMES)
def test_fifty_megabytes_of_everything(name):
    found = corpus.texts(50 * MEGABYTE, counting.words())
    assert sum(len(text.encode()) for text in found) >= 50 * MEGABYTE
    assert counting.differences(name, found) == []


@pytest.mark.parametrize("name", counting.NAMES)
@pytest.mark.parametrize("seed", range(10))
def test_a_million_random_strings(name, seed):
    inventor = corpus.Inventor(seed, counting.words())
    assert counting.differences(name, [inventor.string() for _ in range(100_000)]) == []
