"""TLS towards upstreams: verified always, with a private CA beside the system's where one is named."""

import contextlib
import ssl
import subprocess
import threading

import pytest

from support import protocols
from support.upstream import Upstream

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """A private CA, and certificates: good ones, for another address, expired, self-signed."""
    folder = tmp_path_factory.mktemp("authority")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", *KEY, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=Test CA")
    for name, address, days in [
        ("good", "127.0.0.1", "2"),
        ("other", "127.0.0.9", "2"),
        ("old", "127.0.0.1", "-1"),
    ]:
        openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (folder / f"{name}.ext").write_text(f"subjectAltName=IP:{address}\n")
        sign = ["x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        openssl(*sign, "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    openssl(
        "req",
        "-x509",
        *KEY,
        "-keyout",
        "self.key",
        "-out",
        "self.pem",
        "-days",
        "2",
        "-subj",
        "/CN=self",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    )
    return folder


class SecureUpstream(Upstream):
    """The scripted upstream behind TLS."""

    def __init__(self, folder, name: str):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        super().__init__()

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def _serve(self, sock) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            super()._serve(self.context.wrap_socket(sock, server_side=True))


@pytest.fixture
def relay_over(relay_of, request, authority):
    """A relay whose upstream shows the certificate of that name."""

    def relay_over(protocol, name: str, **settings: str):
        upstream = SecureUpstream(authority, name)
        request.addfinalizer(upstream.close)
        relay = relay_of(protocol, **protocol.settings(upstream), **settings)
        relay.upstream = upstream
        return relay

    return relay_over


@pytest.mark.parametrize("protocol", protocols.BOTH, ids=protocols.named)
def test_a_private_ca_is_trusted_when_named(relay_over, authority, protocol):
    relay = relay_over(protocol, "good", UPSTREAM_CA_FILE=str(authority / "ca.pem"), GUNICORN_WORKERS="1")
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
    settings = {"UPSTREAM_CA_FILE": str(authority / "ca.pem")} if trusting else {}
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
