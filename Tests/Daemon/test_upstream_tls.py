"""TLS towards upstreams: verified always, with a private CA beside the system's where one is named."""

import threading

import pytest

from support import protocols, ways
from support.upstream import Upstream


@pytest.fixture(scope="module")
def authority(authority):
    """It has also signed what does not hold here, and there is one that nobody has signed."""
    authority.sign("other", "127.0.0.9")
    authority.sign("old", days=-1)
    authority.sign_itself("self")
    return authority


@pytest.fixture
def relay_over(relay_of, request, authority):
    """A relay whose upstream shows the certificate of that name."""

    def relay_over(protocol, name: str, **settings: str):
        upstream = Upstream(ways.Way(name, context=authority.server(name)))
        request.addfinalizer(upstream.close)
        relay = relay_of(protocol, **protocol.settings(upstream), **settings)
        relay.upstream = upstream
        return relay

    return relay_over


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
def test_a_private_ca_is_trusted_when_named(relay_over, authority, protocol):
    relay = relay_over(protocol, "good", UPSTREAM_CA_FILE=str(authority.file), GUNICORN_WORKERS="1")
    for _ in range(3):
        exchange, response = relay.ask()
        assert (response.status, response.body) == (200, protocol.reply)
        assert exchange.request.body == protocol.body()
    assert len(relay.upstream.connections) == 1, "one handshake serves all"


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
@pytest.mark.parametrize(
    ("certificate", "trusting"),
    [("good", False), ("other", True), ("old", True), ("self", True)],
    ids=["unknown CA", "another address", "expired", "self-signed"],
)
def test_a_certificate_that_does_not_hold_is_502_and_nothing_is_sent(
    relay_over, authority, protocol, certificate, trusting
):
    settings = {"UPSTREAM_CA_FILE": str(authority.file)} if trusting else {}
    relay = relay_over(protocol, certificate, **settings)
    with relay.client() as client:
        relay.post(client)
        response = client.response()
    assert response.status == 502
    error = protocol.error(response)
    assert "certificate" in error["message"] and "127.0.0" not in error["message"]
    assert relay.upstream.requests == []


def test_a_server_that_never_shakes_hands_is_504(relay_of, request):
    silent = Silent()
    request.addfinalizer(silent.close)
    settings = {
        name: value.replace("http://", "https://") for name, value in protocols.CHAT.settings(silent).items()
    }
    relay = relay_of(protocols.CHAT, REQUEST_TIMEOUT="1", **settings)
    with relay.client() as client:
        relay.post(client)
        assert client.response().status == 504


class Silent(Upstream):
    """Accepts and says nothing."""

    def _serve(self, sock) -> None:
        threading.Event().wait(30)
