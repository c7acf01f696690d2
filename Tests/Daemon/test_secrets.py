"""Runs last: no log, no error and no page of the whole run holds a key or a word of a prompt."""

import pytest

from support import sockets
from support.client import Client
from support.daemon import Daemon
from support.protocols import BOTH, Protocol
from support.secrets import CLIENT_KEY, MARK, OTHER_KEY, REPLY, SERVER_KEY, WRONG_KEY
from support.vendors import Fault, Turn, Vendor, anthropic_vendor, openai_vendor

PAGES = [
    "/",
    "/health",
    "/livez",
    "/readyz",
    "/metrics",
    "/metrics?format=json",
    "/v1/models",
    "/v1/models/nobodys",
    "/test-connection",
    "/nowhere",
]
PLANTED = [
    ("X-Notes", f"{MARK} in a header"),
    ("Cookie", f"session={MARK}-of-a-session"),
    ("anthropic-beta", "future-2030-01-01"),
]
SETTINGS = {
    "static": {"ALLOWED_API_KEYS": f"{CLIENT_KEY},{OTHER_KEY}", "OPENAI_API_KEY": SERVER_KEY},
    "dynamic": {"ALLOWED_API_KEYS": OTHER_KEY},
}


@pytest.fixture(params=[anthropic_vendor, openai_vendor], ids=["to anthropic", "to openai"])
def vendor(request):
    vendor = request.param()
    yield vendor
    vendor.close()


def settings_of(vendor: Vendor, mode: str) -> dict[str, str]:
    if vendor.protocol == "anthropic":
        place = {"UPSTREAM_API_URL": vendor.url("/v1/messages?key=" + MARK), "UPSTREAM_API_KEY": SERVER_KEY}
        return {**place, "ALLOWED_API_KEYS": f"{CLIENT_KEY},{OTHER_KEY}"}
    return {"OPENAI_BASE_URL": vendor.url("/v1"), **SETTINGS[mode]}


@pytest.mark.parametrize("mode", SETTINGS)
def test_no_page_tells_what_went_through(start, folder, vendor, mode):
    passed = {"claude-proxy.socket": sockets.tcp(), "admin": sockets.unix(folder / "admin.sock")}
    start(settings_of(vendor, mode), sockets=passed)
    public, admin = (listener.getsockname() for listener in passed.values())
    for protocol in BOTH:
        converse(protocol, vendor, public)
    pages = [*((public, key, page) for key in (None, WRONG_KEY, CLIENT_KEY, OTHER_KEY) for page in PAGES)]
    pages += [(admin, None, page) for page in PAGES]
    for address, key, page in pages:
        with Client(address) as client:
            response = client.ask("GET", page, [("x-api-key", key)] if key else [])
        assert MARK.encode() not in response.head.raw + response.body, (page, response)


def converse(protocol: Protocol, vendor: Vendor, address) -> None:
    """Answers, streams, refusals and failures, all with planted words."""
    good = protocol.body()
    bodies = [
        good,
        protocol.body(stream=True),
        b"{" + good,
        protocol.body(max_tokens=MARK),
        protocol.body(tools=MARK),
    ]
    bodies += [protocol.body(messages=[{"role": "nobody", "content": MARK}]), protocol.body(model=5)]
    for body in bodies:
        vendor.turns.clear()
        vendor.says(Turn("an answer"))
        exchange(protocol, address, CLIENT_KEY, body)
    for status in (400, 401, 403, 404, 429, 500, 529):
        vendor.turns.clear()
        vendor.says(*[Fault(status, "x")] * 5)
        exchange(protocol, address, CLIENT_KEY, good)
    exchange(protocol, address, f"{WRONG_KEY}-sk-ant-", good)


def exchange(protocol: Protocol, address, key: str, body: bytes) -> None:
    with Client(address) as client:
        response = client.ask("POST", protocol.path, [*protocol.fields(("x-api-key", key)), *PLANTED], body)
    assert MARK.encode() not in response.head.raw + response.body, response


def test_no_error_and_no_page_of_the_whole_run_tells_a_secret():
    assert Client.told, "nothing was asked before"
    # Equal protocols: what an upstream says in an error of its own is relayed as it stands.
    told = [(asked, said.replace(REPLY.encode(), b"")) for asked, said in Client.told]
    assert not [(asked, said) for asked, said in told if MARK.encode() in said]


def test_no_secret_and_no_prompt_is_in_any_log():
    assert Daemon.started, "no daemon was started before"
    lines = [line for daemon in Daemon.started for line in daemon.log]
    assert lines, "nothing was logged at all"
    assert not [line for line in lines if MARK in line]
