"""The certificate authority of this process: it signs every database server's certificate, and clients trust only it.

RDS has its own authorities, which the release contains. Here this one precedes the release on the class path.
"""

from __future__ import annotations

import atexit
import datetime as dt
import functools
import ipaddress
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "127.0.0.1"
_DAYS = 30
_ON_CLASS_PATH = Path("certificates/authorities.pem")


class Authority:
    """A certificate authority and the folder with its certificate."""

    def __init__(self, folder: Path) -> None:
        self.class_path = folder
        self.bundle = folder / _ON_CLASS_PATH
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Databases of this run")
        may_sign = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            _certificate(self._name, self._name, self._key)
            .add_extension(may_sign, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.bundle.parent.mkdir(parents=True, exist_ok=True)
        self.bundle.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, folder: Path, hosts: Sequence[str] = (HOST,)) -> tuple[Path, Path]:
        """Write a server's certificate for these addresses and names, and its key, to a folder."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _certificate(_named(hosts[0]), self._name, key)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        shown, secret = folder / "server.crt", folder / "server.key"
        shown.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret.touch(mode=0o600)
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return shown, secret


@functools.cache
def authority() -> Authority:
    """Return the authority of this process, created on first use and deleted when the process ends."""
    folder = Path(tempfile.mkdtemp(prefix="migration-authority-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Authority(folder)


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=_DAYS))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
