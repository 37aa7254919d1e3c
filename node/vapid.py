"""The key that names this node to push services (VAPID, RFC 8292): made on first start and kept."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from node.secrecy import kept_secret


async def private_key() -> str:
    """The P-256 private key in PEM form."""
    return await kept_secret("vapid", _new_key)


def public_key(private_pem: str) -> str:
    """What browsers are told: the uncompressed point in base64url without padding (RFC 8292 §3.2)."""
    public = load_pem_private_key(private_pem.encode(), None).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()


def _new_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
