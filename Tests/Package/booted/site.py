"""nginx on a machine, with the shipped site and a certificate of its own."""

import ssl

EXAMPLE = "/usr/share/doc/claude-proxy/examples/nginx-site.conf"
AVAILABLE = "/etc/nginx/sites-available/claude-proxy"
ENABLED = "/etc/nginx/sites-enabled/claude-proxy"
CERTIFICATE = "/etc/ssl/certs/localhost.pem"


class Site:
    """https://localhost on a machine, as the head of the example says it is made."""

    def __init__(self, machine):
        self.machine = machine
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        words += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        machine.run(*words, "-keyout", "/etc/ssl/private/localhost.key", "-out", CERTIFICATE)
        self.text = machine.file(EXAMPLE).read_text().replace("llm.example.com", "localhost")
        machine.file(AVAILABLE).write_text(self.text)
        machine.run("ln", "-s", "../sites-available/claude-proxy", ENABLED)
        machine.run("nginx", "-t")
        machine.systemctl("restart", "nginx.service")
        self.tls = ssl.create_default_context(cadata=machine.file(CERTIFICATE).read_text())

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        return self.tls.wrap_socket(self.machine.connect(443, source), server_hostname="localhost")

    def put(self, text: str) -> None:
        """Serves another text as the site; old connections are served no longer when it returns."""
        if self.machine.file(AVAILABLE).read_text() == text:
            return
        self.machine.file(AVAILABLE).write_text(text)
        self.machine.run("nginx", "-t")
        self.machine.systemctl("restart", "nginx.service")
