"""The ways by which the daemon reaches an upstream, which must make no difference to anybody."""

import dataclasses
import pathlib
import ssl
import subprocess
from collections.abc import Callable

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """A private CA and what it has signed."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.file = folder / "ca.pem"
        files = ["-keyout", "ca.key", "-out", "ca.pem"]
        self.openssl("req", "-x509", *KEY, *files, "-days", "2", "-subj", "/CN=Test CA")

    def sign(self, name: str, address: str = "127.0.0.1", days: int = 2) -> None:
        self.openssl("req", *KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (self.folder / f"{name}.ext").write_text(f"subjectAltName=IP:{address}\n")
        sign = ["x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        self.openssl(*sign, "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def sign_itself(self, name: str) -> None:
        files = ["-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2", "-subj", f"/CN={name}"]
        self.openssl("req", "-x509", *KEY, *files, "-addext", "subjectAltName=IP:127.0.0.1")

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def server(self, name: str) -> ssl.SSLContext:
        """What shows the certificate of that name."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context


@dataclasses.dataclass(frozen=True)
class Way:
    """`context`: what the upstream's side encrypts with, if it does."""

    name: str
    settings: dict[str, str] = dataclasses.field(default_factory=dict)
    context: ssl.SSLContext | None = None
    says_goodbye: bool = False
    """An upstream that closes says so within TLS (close_notify): nobody else can have cut the connection."""


PLAIN = "plain"
TLS = "tls"
TLS_GOODBYE = "tls, with close_notify"

BOTH = [PLAIN, TLS]
ALL = [*BOTH, TLS_GOODBYE]


def named(name: str, authority: Callable[[], Authority]) -> Way:
    if name == PLAIN:
        return Way(name)
    trusted = authority()
    return Way(
        name,
        settings={"UPSTREAM_CA_FILE": str(trusted.file)},
        context=trusted.server("good"),
        says_goodbye=name == TLS_GOODBYE,
    )
