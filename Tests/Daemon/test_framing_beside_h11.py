"""Where messages begin and end, beside Python's h11.

Nothing it refuses is accepted here; each other difference is one a section of an RFC asks for or leaves open.
"""

import random

import h11
import pytest

from support.wire import Ended

CASES = 1500

REFUSED = {
    "The request method is not valid.": "RFC 9110 9.1; upper case and length as gunicorn has it",
    "This server opens no tunnels.": "RFC 9110 9.3.6",
    "Only HTTP/1.0 and HTTP/1.1 are spoken here.": "RFC 9110 15.6.6",
    "The request target is not valid.": "RFC 9112 3.2",
    "There is a character in the request target that may not stand there.": "RFC 9112 3.2",
    "The request line is not valid.": "RFC 9112 3",
    "A request line was expected.": "RFC 9112 2.2: one empty line is to be ignored, not any number",
    "A line of the head ends without a carriage return.": "RFC 9112 2.2: a bare LF MAY end a line",
    "A carriage return stands alone in the head.": "RFC 9112 2.2",
    "There is a control byte in the head.": "RFC 9110 5.5",
    "A header line begins with a blank.": "RFC 9112 5.2: a folded line MUST be refused or unfolded",
    "There is a blank in a header field's name.": "RFC 9112 5.1",
    "A header line has no valid name.": "RFC 9112 5",
    "There is more than one Host header field.": "RFC 9112 3.2",
    "The Host header field is missing.": "RFC 9112 3.2",
    "The Host header field is not valid.": "RFC 9112 3.2",
    "There is more than one Content-Type header field.": "RFC 9110 5.3: not a list, so not to be repeated",
    "There is more than one Content-Length header field.": "RFC 9110 8.6: equal ones MAY be taken for one",
    "Content-Length is not a number.": "RFC 9110 8.6: a list of equal numbers MAY be taken for one",
    "Both Content-Length and Transfer-Encoding are given.": "RFC 9112 6.1: MAY be refused",
    "HTTP/1.0 has no Transfer-Encoding.": "RFC 9112 6.1: its framing is to be treated as faulty",
    "The transfer coding is not known.": "RFC 9112 6.1: 501",
    "Transfer-Encoding is not valid.": "RFC 9112 6.1",
    "The chunked transfer coding is not the last one.": "RFC 9112 6.3",
    "Nothing but 100-continue can be expected.": "RFC 9110 10.1.1: 417",
    "There is a control byte between the chunks.": "RFC 9112 7.1",
    "A carriage return stands alone between the chunks.": "RFC 9112 7.1",
    "A chunk's size is not valid.": "RFC 9112 7.1",
    "A chunk does not end where it should.": "RFC 9112 7.1",
    "A trailer field may not stand behind the body.": "RFC 9110 6.5.1",
    "A trailer line has no valid name.": "RFC 9112 7.1.2",
    "The body is too large.": "RFC 9110 15.5.14",
}

METHODS = ["GET"] * 12 + ["POST", "get", "G", "A" * 21, "G#T", "OPTIONS", "CONNECT", "G T"]
TARGETS = ["/livez"] * 12 + ["/", "/livez?x=1", "*", "http://a/livez", "", "/li\tvez", "/livez#f", "/\xff"]
VERSIONS = ["HTTP/1.1"] * 14 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1", "HTTP/11", ""]
ENDS = ["\r\n"] * 24 + ["\n", "\r", "\n\r", "\r\r\n"]
COLONS = [": "] * 20 + [":", " :", ":\t", "\t: ", ": \t "]
HOSTS = [["a"]] * 12 + [[], ["a", "a"], ["a", "b"], [""], ["a,b"], ["a b"], ["u@a"]]
LENGTHS = [
    "5",
    "5",
    "5",
    "0",
    "4",
    "6",
    "+5",
    "-5",
    "0x5",
    "5 ",
    "05",
    "5,5",
    "5, 5",
    "5,6",
    "",
    "5e0",
    "5\x0b",
    "9" * 30,
]
CODINGS = ["chunked"] * 4 + [
    "Chunked",
    "chunked, chunked",
    "gzip, chunked",
    "chunked, gzip",
    "identity",
    "xchunked",
    "chunked;x=1",
    "",
    "\x0bchunked",
    "chunked,",
    ",chunked",
    '"chunked"',
]
SIZES = ["5"] * 8 + [
    "05",
    "5;x=y",
    "5 ;x",
    '5; x="a"',
    " 5",
    "5 ",
    "+5",
    "0x5",
    "-5",
    "4",
    "6",
    "g",
    "",
    "5\t",
    "f" * 17,
]
ZEROS = ["0"] * 8 + ["00", "0;x", "", "0x0", " 0"]
TRAILERS = [""] * 8 + [
    "X-T: 1\r\n",
    "Content-Length: 3\r\n",
    "bad\r\n",
    " x\r\n",
    "X-T : 1\r\n",
    "X-T: a\rb\r\n",
]
EXTRAS = [""] * 16 + [
    "X-A: b",
    "X-A: b\r\n c",
    "X-A",
    ": b",
    "X-A: b\0c",
    "X A: b",
    "X-A: \xe9",
    "Expect: 100-continue",
    "Expect: x",
    "Connection: close",
    "Content-Type: a\r\nContent-Type: b",
    "X_Length: 5",
    "Transfer_Encoding: chunked",
    "X-A: b\x7f",
]


def message(dice: random.Random) -> bytes:
    """One request, mostly right, with a body framed in any way."""
    pick = dice.choice

    def field(name: str, value: str) -> str:
        return f"{name}{pick(COLONS)}{value}{pick(ENDS)}"

    lines = [f"{pick(METHODS)} {pick(TARGETS)} {pick(VERSIONS)}{pick(ENDS)}"]
    lines += [field("Host", host) for host in pick(HOSTS)]
    if extra := pick(EXTRAS):
        lines.append(f"{extra}{pick(ENDS)}")
    kind = dice.random()
    body = ""
    if kind < 0.4:
        lines.append(field(pick(["Content-Length"] * 9 + ["content-length"]), pick(LENGTHS)))
        body = "hello"
    if 0.35 < kind < 0.8:
        lines.append(field("Transfer-Encoding", pick(CODINGS)))
        body = (
            f"{pick(SIZES)}{pick(ENDS)}hello{pick(ENDS)}{pick(ZEROS)}{pick(ENDS)}{pick(TRAILERS)}{pick(ENDS)}"
        )
    if kind > 0.95:
        lines.append(field("Content-Length", pick(LENGTHS)))
    dice.random() < 0.1 and dice.shuffle(lines)
    return "".join([*lines, pick(ENDS), body]).encode("latin-1")


def by_h11(data: bytes) -> tuple[list[bool], bool]:
    """For each request whether it was whole, until one was refused; and whether one was."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=100_000)
    connection.receive_data(data)
    connection.receive_data(b"")
    whole = []
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.EndOfMessage):
                whole.append(True)
                connection.send(h11.Response(status_code=404, headers=[("content-length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                    return whole, False
                connection.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed) or event in (h11.NEED_DATA, h11.PAUSED):
                return whole, False
    except h11.RemoteProtocolError:
        return whole, True


def by_daemon(daemon, data: bytes) -> tuple[int, str | None]:
    """How many requests were accepted, and what was said of the one that was not."""
    accepted = 0
    with daemon.client() as client:
        try:
            client.send(data)
            client.half_close()
            while True:
                response = client.response("GET")
                if response.status in (404, 405) and response.get("connection") == "close":
                    # Turned away by its head alone; nobody has looked at its body.
                    return accepted, None
                if response.status in (200, 204, 404, 405):
                    accepted += 1
                    continue
                return accepted, response.json()["error"]["message"]
        except (Ended, ConnectionError):
            return accepted, None


@pytest.mark.measured
def test_nothing_that_h11_refuses_is_accepted_and_every_other_difference_has_its_section(start):
    daemon = start({"UPSTREAM": "demo"})
    dice = random.Random(20261121)
    differences: dict[str, int] = {}
    both = 0
    for number in range(CASES):
        data = message(dice) + b"GET /livez HTTP/1.1\r\nHost: end\r\n\r\n"
        theirs, refused = by_h11(data)
        ours, why = by_daemon(daemon, data)
        assert ours <= len(theirs) or not refused, (number, data, ours, theirs)
        if ours == len(theirs):
            both += 1
        elif why is not None:
            assert why in REFUSED, (number, data, why)
            differences[why] = differences.get(why, 0) + 1
    for why, count in sorted(differences.items(), key=lambda pair: -pair[1]):
        print(f"{count:5} refused here only: {why} ({REFUSED[why]})")
    print(f"{both} of {CASES} read alike")
    assert both > CASES / 4 and len(differences) > 5, "the cases test too little"
