"""No log, no error and no page holds a key or a word of a prompt.

All tests search: `Client.response` what is told, `Daemon.end` what was logged. Here is what could be found.
"""

import pytest

from support import sockets
from support.client import Client
from support.daemon import Daemon
from support.protocols import BOTH, Protocol
from support.secrets import CLIENT_KEY, MARK, OTHER_KEY, SERVER_KEY, WRONG_KEY
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


def test_a_secret_in_a_log_is_a_failure(folder):
    place = {"HOST": "127.0.0.1", "PORT": "0"}
    daemon = Daemon(folder / "claude-proxy.env", f"NO_SETTING_BUT_{MARK}=1\nUPSTREAM=demo\n", place)
    assert daemon.wait_for_log(MARK)
    with pytest.raises(AssertionError, match="a secret in the log"):
        daemon.end()
    assert daemon.process.returncode == 0


@pytest.mark.parametrize("status", [200, 404])
def test_a_secret_on_a_page_is_a_failure(upstream, status):
    upstream.answer(lambda exchange: exchange.reply(status, f"beside a {MARK}".encode()))
    found = pytest.raises(AssertionError, match="a secret in GET /page")
    with Client(("127.0.0.1", upstream.port)) as client, found:
        client.ask("GET", "/page")
