"""The public-key operations themselves. An algorithm is never used with a key of another kind."""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from activitypub.signatures.errors import SignatureError, SignatureMismatch
from activitypub.signatures.keys import PrivateKey, PublicKey

RSA_V1_5_SHA256: Final = "rsa-v1_5-sha256"
RSA_PSS_SHA512: Final = "rsa-pss-sha512"
ECDSA_P256_SHA256: Final = "ecdsa-p256-sha256"
ED25519: Final = "ed25519"

_PKCS1_V15: Final = padding.PKCS1v15()
_SHA256: Final = SHA256()
_PSS_SHA512: Final = padding.PSS(mgf=padding.MGF1(SHA512()), salt_length=64)


def algorithms_of(key: PublicKey) -> tuple[str, ...]:
    """Names (RFC 9421 §6.2.2) this kind of key may be used with; the first is assumed when none is given."""
    if isinstance(key, rsa.RSAPublicKey):
        return RSA_V1_5_SHA256, RSA_PSS_SHA512
    if isinstance(key, Ed25519PublicKey):
        return (ED25519,)
    return (ECDSA_P256_SHA256,)


def signing_algorithm(key: PrivateKey) -> str:
    """The one algorithm `sign` uses with this kind of key."""
    return RSA_V1_5_SHA256 if isinstance(key, rsa.RSAPrivateKey) else ED25519


def sign(key: PrivateKey, data: bytes) -> bytes:
    """PKCS#1 v1.5 with SHA-256 for RSA, pure Ed25519 otherwise."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PKCS1_V15, _SHA256)
    return key.sign(data)


def check(key: PublicKey, algorithm: str, signature: bytes, data: bytes) -> None:
    """Returns when the signature is right; raises `SignatureMismatch` when not, `SignatureError` for a wrong algorithm."""
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm == RSA_V1_5_SHA256:
            key.verify(signature, data, _PKCS1_V15, _SHA256)
        elif isinstance(key, rsa.RSAPublicKey) and algorithm == RSA_PSS_SHA512:
            key.verify(signature, data, _PSS_SHA512, SHA512())
        elif isinstance(key, Ed25519PublicKey) and algorithm == ED25519:
            key.verify(signature, data)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm == ECDSA_P256_SHA256:
            key.verify(_der_of_raw(signature), data, ec.ECDSA(_SHA256))
        else:
            raise SignatureError("the algorithm does not fit the key")
    except InvalidSignature:
        raise SignatureMismatch("the signature does not match") from None


def _der_of_raw(signature: bytes) -> bytes:
    """HTTP carries r and s side by side, 32 bytes each (RFC 9421 §3.3.4); OpenSSL wants DER."""
    if len(signature) != 64:
        raise SignatureMismatch("the signature does not match")
    return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
