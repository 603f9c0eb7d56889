"""The twin's own certificate: self-signed, for localhost and 127.0.0.1 only, kept in a folder and made once.

Knows nothing of the org. Nobody should trust it beyond this machine.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFE = timedelta(days=365)
_NAMES = (
    x509.DNSName("localhost"),
    x509.IPAddress(IPv4Address("127.0.0.1")),
    x509.IPAddress(IPv6Address("::1")),
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Both files are PEM. `certificate` is also what clients take as root."""

    certificate: Path
    key: Path


def certificate_in(folder: Path) -> Certificate:
    """The one kept in `folder`, or a new one when there is none or it ends within a month."""
    kept = Certificate(folder / "twin-ca.pem", folder / "twin-key.pem")
    if not _usable(kept):
        _make(kept)
    return kept


def _usable(kept: Certificate) -> bool:
    if not (kept.certificate.is_file() and kept.key.is_file()):
        return False
    ends = x509.load_pem_x509_certificate(kept.certificate.read_bytes()).not_valid_after_utc
    return ends > datetime.now(UTC) + timedelta(days=30)


def _make(place: Certificate) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    place.key.touch(mode=0o600)
    place.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    place.certificate.write_bytes(_signed(key).public_bytes(Encoding.PEM))


def _signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Twin: a local stand-in for Salesforce")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName(_NAMES), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(_key_usage(), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_usage() -> x509.KeyUsage:
    """A root that is also the server's own certificate: strict clients ask for both uses."""
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
