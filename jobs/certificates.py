"""Certificates for a cluster on one machine: an authority of its own, made at start, whose key is kept nowhere."""

import os
import secrets
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID = timedelta(days=90)


@dataclass(frozen=True)
class Store:
    """What Flink needs for TLS: `keys` and `trusted` are PKCS#12 files under one password, `authority` is in PEM."""

    keys: Path
    trusted: Path
    authority: Path
    password: str


def make_store(folder: Path) -> Store:
    """Make an authority and a certificate for `localhost` and 127.0.0.1, good for servers and clients.

    Args:
        folder: where the files go, readable by their owner only. The authority's key is not written at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = (
        _builder("weir-cluster-ca", authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(authority, SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        _builder("weir-cluster", key.public_key())
        .add_extension(names, critical=False)
        .add_extension(usage, critical=False)
        .sign(authority, SHA256())
    )
    password = secrets.token_urlsafe(24)
    locked = BestAvailableEncryption(password.encode())
    trusted = pkcs12.serialize_java_truststore([pkcs12.PKCS12Certificate(ca, b"ca")], locked)
    return Store(
        _write(folder / "keys.p12", pkcs12.serialize_key_and_certificates(b"weir", key, certificate, [ca], locked)),
        _write(folder / "trusted.p12", trusted),
        _write(folder / "ca.pem", ca.public_bytes(Encoding.PEM)),
        password,
    )


def trusting(authority: Path | None) -> ssl.SSLContext | None:
    """How a client speaks to a server under an authority; None for no TLS."""
    return ssl.create_default_context(cafile=os.fspath(authority)) if authority else None


def _builder(subject: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return x509.CertificateBuilder(
        issuer_name=_name("weir-cluster-ca"),
        subject_name=_name(subject),
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + VALID,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _write(path: Path, content: bytes) -> Path:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path
