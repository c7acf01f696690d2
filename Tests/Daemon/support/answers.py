"""Answers as they stand on the wire: how to spell one, how not to, and what becomes of the connection.

A spelling is a template: `@KIND@` stands for the content type, `@BODY@` for the body, `@LENGTH@` and `@SIZE@`
for its length, decimal and hexadecimal, `@CHUNKS@` for the body in chunks of odd sizes without the last one.
"""

import dataclasses

from .client import chunked

OK = b"HTTP/1.1 200 OK"
CHUNKED = b"Transfer-Encoding: chunked"
LENGTH = b"Content-Length: @LENGTH@"
KEEP = b"Connection: keep-alive"
CLOSE = b"Connection: close"
END = b"0\r\n\r\n"
JSON = b"Content-Type: application/json"
ANOTHER = OK + b"\r\n" + JSON + b'\r\nContent-Length: 13\r\n\r\n{"second": 2}'


def spelled(*lines: bytes, first: bytes = OK, body: bytes = b"@BODY@") -> bytes:
    return b"\r\n".join([first, b"Content-Type: @KIND@", *lines]) + b"\r\n\r\n" + body


def measured(*lines: bytes, first: bytes = OK) -> bytes:
    return spelled(*lines, LENGTH, first=first)


def in_chunks(body: bytes = b"@CHUNKS@" + END, *lines: bytes, first: bytes = OK) -> bytes:
    return spelled(CHUNKED, *lines, first=first, body=body)


def bare(status: bytes, *lines: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines]) + b"\r\n\r\n" + body


def filled(spelling: bytes, kind: bytes, body: bytes) -> bytes:
    chunks = chunked(body[:1], body[1:3], body[3:10], body[10:]).removesuffix(END)
    values = {b"KIND": kind, b"LENGTH": b"%d" % len(body), b"SIZE": b"%x" % len(body), b"CHUNKS": chunks}
    for name, value in {**values, b"BODY": body}.items():
        spelling = spelling.replace(b"@" + name + b"@", value)
    return spelling


STAYS = {
    "a length": measured(),
    "chunks": in_chunks(),
    "no reason": measured(first=b"HTTP/1.1 200"),
    "an empty reason": measured(first=b"HTTP/1.1 200 "),
    "a reason of many words": measured(first=b"HTTP/1.1 200 All is well: \xe9"),
    "lines that end with LF": measured().replace(b"\r\n", b"\n"),
    "one line that ends with LF": measured().replace(b"\r\n", b"\n", 1),
    "a head that ends with LF": spelled(LENGTH, body=b"").removesuffix(b"\r\n") + b"\n@BODY@",
    "a folded line": measured(b"X-Folded: one\r\n  two\r\n\tthree"),
    "a line of control bytes": measured(b"X-Odd: a\x01b"),
    "a line without a name": measured(b": nameless"),
    "names in odd case": spelled(b"cONTENT-lENGTH:@LENGTH@"),
    "blanks around the length": spelled(b"Content-Length: \t @LENGTH@ \t"),
    "a length with zeros": spelled(b"Content-Length: 000@LENGTH@"),
    "a length said twice": measured(LENGTH),
    "a head of 100 KB": measured(*[b"X-%d: %s" % (n, b"y" * 1000) for n in range(100)]),
    "a line of 64 KB": measured(b"X-Long: " + b"y" * 65536),
    "a thousand lines": measured(*[b"X-Short: y"] * 1000),
    "Keep-Alive's own fields": measured(KEEP, b"Keep-Alive: timeout=5, max=100"),
    "an offer to upgrade": measured(b"Connection: Upgrade", b"Upgrade: h2c"),
    "Chunked in odd case": spelled(b"transfer-encoding:cHUNKED", body=b"@CHUNKS@" + END),
    "one chunk": in_chunks(b"@SIZE@\r\n@BODY@\r\n" + END),
    "sizes with zeros": in_chunks(b"0000@SIZE@\r\n@BODY@\r\n0000\r\n\r\n"),
    "sizes before blanks": in_chunks(b"@SIZE@ \t\r\n@BODY@\r\n0 \r\n\r\n"),
    "chunk extensions": in_chunks(b'@SIZE@;a=b;c="d;e"\r\n@BODY@\r\n0;last\r\n\r\n'),
    "a chunk extension of 8 KB": in_chunks(b"@SIZE@;%s\r\n@BODY@\r\n" % (b"e" * 8192) + END),
    "chunk lines that end with LF": in_chunks(b"@SIZE@\n@BODY@\n0\n\n"),
    "trailers": in_chunks(b"@CHUNKS@0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
    "a folded trailer": in_chunks(b"@CHUNKS@0\r\nX-Sum: 1\r\n 2\r\n\r\n"),
    "trailers that look like framing": in_chunks(
        b"@CHUNKS@0\r\nContent-Length: 500\r\n" + CLOSE + b"\r\n\r\n"
    ),
    "trailers that end with LF": in_chunks(b"@CHUNKS@0\r\nX-Sum: 1\n\n"),
    "100 before it": b"HTTP/1.1 100 Continue\r\n\r\n" + measured(),
    "102 before it": b"HTTP/1.1 102 Processing\r\n\r\n" + measured(),
    "103 before it": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + measured(),
    "several before it": b"HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n" * 2
    + in_chunks(),
    "100 with a length before it": b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + measured(),
    "100 in chunks before it": b"HTTP/1.1 100 Continue\r\n" + CHUNKED + b"\r\n\r\n" + measured(),
    "HTTP/1.0 that keeps alive": measured(KEEP, first=b"HTTP/1.0 200 OK"),
}
"""Whole answers, after which the connection serves the next request."""

DOUBTFUL = {
    "chunks and a length": in_chunks(b"@CHUNKS@" + END, b"Content-Length: 3"),
    "a length and chunks": spelled(b"Content-Length: 3", CHUNKED, body=b"@CHUNKS@" + END),
}
"""Whole answers that say their length twice; whether their connection is used again is not said."""

BODILESS = {
    "204": (204, bare(b"204 No Content")),
    "204 with a length": (204, bare(b"204 No Content", b"Content-Length: 19")),
    "204 in chunks": (204, bare(b"204 No Content", CHUNKED)),
    "304": (304, bare(b"304 Not Modified")),
    "304 with a length": (304, bare(b"304 Not Modified", b"Content-Length: 100")),
    "304 in chunks": (304, bare(b"304 Not Modified", CHUNKED)),
    "a status nobody knows": (299, bare(b"299 Odd", b"Content-Length: 0")),
    "no bytes": (200, bare(b"200 OK", JSON, b"Content-Length: 0")),
    "no chunks": (200, bare(b"200 OK", JSON, CHUNKED, body=END)),
}
"""Answers without a body, by their status; the connection serves the next request."""

LEAVES = {
    "Connection: close": measured(CLOSE),
    "Connection: close, in chunks": in_chunks(b"@CHUNKS@" + END, CLOSE),
    "Connection: close among others": measured(b"Connection: x-field, Close"),
    "Connection: close on a line of its own": measured(b"Connection: x-field", CLOSE),
    "CONNECTION:CLOSE": measured(b"CONNECTION:CLOSE"),
    "HTTP/1.0": measured(first=b"HTTP/1.0 200 OK"),
}
"""Whole answers, after which the connection is closed and not used again, whatever the upstream does."""

UNTIL_CLOSE = {
    "until close": spelled(),
    "until close, announced": spelled(CLOSE),
    "until close, against its word": spelled(KEEP),
    "until close, HTTP/1.0": spelled(first=b"HTTP/1.0 200 OK"),
}
"""Answers whose end is that of the connection."""

GLUED = {
    "bytes after its length": measured() + b"more",
    "CRLF after its length": measured() + b"\r\n",
    "a second answer after its length": measured() + ANOTHER,
    "bytes after the last chunk": in_chunks() + b"more",
    "a second answer after the last chunk": in_chunks() + ANOTHER,
    "a second answer after no bytes": BODILESS["no bytes"][1] + ANOTHER,
    "a second answer after 204": bare(b"204 No Content") + ANOTHER,
    "a second answer after 304": bare(b"304 Not Modified") + ANOTHER,
    "a body after 204": bare(b"204 No Content", b"Content-Length: 13", body=b'{"second": 2}'),
    "chunks after 204": bare(b"204 No Content", CHUNKED, body=b'd\r\n{"second": 2}\r\n' + END),
}
"""What follows such an answer belongs to none; whether its connection is used again is not said."""

NO_HTTP = "the upstream's answer was no valid HTTP"
BROKE = "the connection to the upstream broke"
TRUNCATED = "the upstream's answer ended before it was complete"
ANY = ""


@dataclasses.dataclass(frozen=True)
class Broken:
    """`why`: what the client is told, unless its stream has begun."""

    spelling: bytes
    why: str = ANY
    closes: bool = False
    may_stay: bool = False
    """The connection may stay until the next request finds out whether it is dead."""


BROKEN = {
    "another protocol": Broken(b"220 mail.example ESMTP\r\n\r\n", NO_HTTP),
    "another protocol's version": Broken(measured(first=b"HTTP/3.0 200 OK"), NO_HTTP),
    "a version nobody knows": Broken(measured(first=b"HTTP/1.2 200 OK"), NO_HTTP),
    "a version of two digits": Broken(measured(first=b"HTTP/1.10 200 OK"), NO_HTTP),
    "a body without a head": Broken(b"@BODY@\r\n\r\n", NO_HTTP),
    "a blank line before the head": Broken(b"\r\n" + measured(), NO_HTTP),
    "a line before the head": Broken(b"junk\r\n" + measured(), NO_HTTP),
    "a status of two digits": Broken(measured(first=b"HTTP/1.1 20 OK"), NO_HTTP),
    "a status of four digits": Broken(measured(first=b"HTTP/1.1 2000 OK"), NO_HTTP),
    "a status below 100": Broken(measured(first=b"HTTP/1.1 099 OK"), NO_HTTP),
    "a status behind a tab": Broken(measured(first=b"HTTP/1.1\t200 OK"), NO_HTTP),
    "a status with a letter": Broken(measured(first=b"HTTP/1.1 200x OK"), NO_HTTP, may_stay=True),
    "a line without a colon": Broken(measured(b"nonsense"), NO_HTTP),
    "a NUL in the head": Broken(measured(b"X-Odd: a\0b"), NO_HTTP),
    "a fold after the status line": Broken(measured(b"").replace(OK, OK + b"\r\n folded"), NO_HTTP),
    "a head of 130 KB": Broken(measured(*[b"X-%d: %s" % (n, b"y" * 1000) for n in range(130)]), NO_HTTP),
    "a negative length": Broken(spelled(b"Content-Length: -5"), NO_HTTP),
    "a length in words": Broken(spelled(b"Content-Length: five"), NO_HTTP),
    "no length after its name": Broken(spelled(b"Content-Length:"), NO_HTTP),
    "two lengths": Broken(measured(b"Content-Length: 3"), NO_HTTP, may_stay=True),
    "an encoding nobody knows": Broken(in_chunks().replace(b"chunked", b"xchunked"), NO_HTTP),
    "an encoding nobody asked for": Broken(in_chunks().replace(b"chunked", b"gzip, chunked"), NO_HTTP),
    "no size": Broken(in_chunks(b"\r\n@BODY@\r\n" + END), BROKE),
    "a size in words": Broken(in_chunks(b"size\r\n@BODY@\r\n" + END), BROKE),
    "a size behind a blank": Broken(in_chunks(b" @SIZE@\r\n@BODY@\r\n" + END), BROKE),
    "a negative size": Broken(in_chunks(b"-5\r\n@BODY@\r\n" + END), BROKE),
    "a size too large": Broken(in_chunks(b"ffffffffffffffffff\r\n@BODY@\r\n" + END), BROKE),
    "a chunk without its end": Broken(in_chunks(b"@SIZE@\r\n@BODY@" + END), BROKE),
    "a chunk that is longer": Broken(in_chunks(b"3\r\n@BODY@\r\n" + END), BROKE),
    "a trailer without a colon": Broken(in_chunks(b"@CHUNKS@0\r\nnonsense\r\n\r\n")),
    "closed within the head": Broken(
        OK + b"\r\nContent-Type: application/json\r\n", TRUNCATED, closes=True, may_stay=True
    ),
    "closed before the head's end": Broken(
        OK + b"\r\nContent-Length: 0\r\n", TRUNCATED, closes=True, may_stay=True
    ),
    "closed after 100": Broken(b"HTTP/1.1 100 Continue\r\n\r\n", BROKE, closes=True),
    "closed after the head": Broken(spelled(LENGTH, body=b""), TRUNCATED, closes=True),
    "closed within the body": Broken(spelled(b"Content-Length: 50000"), TRUNCATED, closes=True),
    "closed before the chunks": Broken(in_chunks(b""), TRUNCATED, closes=True),
    "closed within a size": Broken(in_chunks(b"1"), TRUNCATED, closes=True),
    "closed within a chunk": Broken(in_chunks(b"fffff\r\n@BODY@"), TRUNCATED, closes=True),
    "closed between chunks": Broken(in_chunks(b"@CHUNKS@"), TRUNCATED, closes=True),
    "closed after the last size": Broken(in_chunks(b"@CHUNKS@0\r\n"), TRUNCATED, closes=True),
    "closed within the trailers": Broken(in_chunks(b"@CHUNKS@0\r\nX-Sum: 1\r\n"), TRUNCATED, closes=True),
}
"""Answers that are none; their connection is closed. Said on connections that had answered before."""
