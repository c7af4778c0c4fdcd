"""A system that asks for a certificate is entered with the one of the map: nobody sees a dialogue, and others stay outside."""

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from bots.driver import Target
from bots.drivers.web import Web
from bots.kept import Papers
from bots.legacy import drive
from bots.screens import System, system_of
from core import settings
from core.errors import ApplicationError, ConfigError

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
SAVED = Target(text="saved")


class Authority:
    """Signs what it is asked to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "practice")])
        own = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = own.sign(self._key, hashes.SHA256())
        (folder / "ca.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key.public_key())
        return builder.serial_number(x509.random_serial_number()).not_valid_before(NOW - DAY).not_valid_after(NOW + DAY)

    def issue(self, name: str) -> None:
        """name.pem and name.key, and both in name.pfx under the phrase `open`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        signed = self._builder(subject, key).add_extension(here, critical=False).sign(self._key, hashes.SHA256())
        sealed = serialization.BestAvailableEncryption(b"open")
        (self.folder / f"{name}.pfx").write_bytes(
            pkcs12.serialize_key_and_certificates(name.encode(), key, signed, None, sealed)
        )
        (self.folder / f"{name}.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (self.folder / f"{name}.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


class Page(BaseHTTPRequestHandler):
    """Says who came; takes what is posted."""

    def do_GET(self) -> None:
        peer = self.connection.getpeercert()
        self._say("".join(value for part in peer["subject"] for name, value in part if name == "commonName"))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say("saved")

    def _say(self, words: str) -> None:
        body = f"<p id=who>{words}</p><form method=post><input name=n><button>save</button></form>".encode()
        self.send_response(200)
        for name, value in (("Content-Type", "text/html"), ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep the test's output quiet."""


class Quiet(ThreadingHTTPServer):
    """A stranger's connection is no news."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("certificates")
    authority = Authority(made)
    for name in ("server", "clerk"):
        authority.issue(name)
    return made


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.load_verify_locations(folder / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    http = Quiet(("127.0.0.1", 0), Page)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{http.server_port}"
    http.shutdown()
    thread.join()
    http.server_close()


def system(folder: Path, certificate: str) -> System:
    (folder / "map.yaml").write_text(f"schema: 1\ntimeout: 5\ncertificate: {certificate}\n", "utf-8")
    return system_of(settings.load(folder / "map.yaml"))


@pytest.mark.browser
@pytest.mark.parametrize(
    "certificate",
    ["{pfx: clerk.pfx, secret: PFX, ca: ca.pem}", "{cert: clerk.pem, key: clerk.key, ca: ca.pem}"],
    ids=["pfx", "pem"],
)
def test_the_certificate_of_the_map_opens_and_saves(folder: Path, url: str, certificate: str) -> None:
    hand = drive(system(folder, certificate), url, papers=Papers(phrase="open" if "pfx" in certificate else ""))
    assert isinstance(hand, Web)
    try:
        hand.open(url + "/")
        assert hand.arrive([Target(text="clerk")], within=False) == 0
        hand.press(Target(text="save"), leaving=[SAVED], accept=[])
        assert hand.arrive([SAVED], within=False) == 0
    finally:
        hand.close()


@pytest.mark.browser
@pytest.mark.parametrize("phrase", ["wrong", None], ids=["wrong phrase", "no certificate"])
def test_who_has_none_or_cannot_open_it_stays_outside(folder: Path, url: str, phrase: str | None) -> None:
    of = system(folder, "{pfx: clerk.pfx, secret: PFX, ca: ca.pem}")
    hand = drive(of if phrase else replace(of, certificate=None), url, papers=Papers(phrase=phrase or ""))
    try:
        with pytest.raises(ApplicationError) as caught:
            hand.open(url + "/")
        assert caught.value.code == "closed"
        assert "wrong" not in str(caught.value)
    finally:
        hand.close()


@pytest.mark.parametrize(
    ("certificate", "complaint"),
    [
        ("{secret: PFX}", "a `pfx` is expected, or `cert` and `key`"),
        ("{pfx: clerk.pfx, cert: clerk.pem, key: clerk.key}", "a `pfx` is expected, or `cert` and `key`"),
        ("{pfx: gone.pfx}", "certificate.pfx: there is no such file"),
        ("{pfx: clerk.pfx, secret: open}", "the name of a secret is expected"),
    ],
)
def test_what_is_wrong_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, certificate: str, complaint: str
) -> None:
    monkeypatch.setenv("HEDANG_LANG", "en")
    with pytest.raises(ConfigError) as caught:
        system(folder, certificate)
    assert complaint in str(caught.value)
