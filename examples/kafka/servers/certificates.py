"""Certificates for one broker on this machine: an authority of its own, made at start, whose key is kept nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from examples.kafka.servers.process import write_secret

BROKER = "weir-broker"
"""The name in the broker's certificate. The broker talks to its own controller under it."""

VALID = timedelta(days=30)


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: `ca` for whoever wants to trust the broker, `broker` with its key and certificate."""

    ca: Path
    broker: Path


def make(folder: Path) -> Certificates:
    """Make an authority and a certificate for `localhost` and 127.0.0.1.

    Args:
        folder: where the two files go. The authority's key is not written at all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca = _builder("weir-ca", "weir-ca", authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    signed = ca.sign(authority, SHA256())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    broker = _builder(BROKER, "weir-ca", key.public_key()).add_extension(names, critical=False)
    certificate = broker.add_extension(usage, critical=False).sign(authority, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "ca.pem").write_bytes(signed.public_bytes(Encoding.PEM))
    text = (private + certificate.public_bytes(Encoding.PEM)).decode()
    return Certificates(folder / "ca.pem", write_secret(folder / "broker.pem", text))


def _builder(subject: str, issuer: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(timezone.utc)
    return x509.CertificateBuilder(
        issuer_name=_name(issuer),
        subject_name=_name(subject),
        public_key=key,
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + VALID,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
