"""Keys: made, read from what actors publish, and paired with the id they are known by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)

from activitypub.signatures.encodings import decode_base58btc, encode_base58btc
from activitypub.signatures.errors import UnusableKey

PublicKey: TypeAlias = rsa.RSAPublicKey | Ed25519PublicKey | ec.EllipticCurvePublicKey
PrivateKey: TypeAlias = rsa.RSAPrivateKey | Ed25519PrivateKey

RSA_BITS: Final = 2048
MINIMUM_RSA_BITS: Final = 2048
MAXIMUM_RSA_BITS: Final = 8192
_LONGEST_PEM: Final = 8192
_MOST_EXPONENT_BITS: Final = 33
"""65537 is what everybody uses. An attacker's huge exponent would make each verification as dear as a signature."""

_ED25519_PREFIX: Final = b"\xed\x01"
_RSA_PREFIX: Final = b"\x85\x24"
"""Multicodec varints of ``ed25519-pub`` and ``rsa-pub`` (the latter holds PKCS#1 DER)."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A peer's public key and the full id, fragment included, it was looked up by."""

    key_id: str
    public: PublicKey

    @classmethod
    def from_pem(cls, key_id: str, pem: str, *, minimum_rsa_bits: int = MINIMUM_RSA_BITS) -> VerificationKey:
        """Of ``publicKeyPem`` (SPKI or PKCS#1). Raises `UnusableKey`."""
        return cls(key_id, load_public_key(pem, minimum_rsa_bits=minimum_rsa_bits))

    @classmethod
    def from_multikey(cls, key_id: str, multibase: str) -> VerificationKey:
        """Of ``publicKeyMultibase`` (FEP-521a). Raises `UnusableKey`."""
        return cls(key_id, decode_multikey(multibase))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One of our own private keys and the id peers find its public half by (``<actor id>#main-key``)."""

    key_id: str
    private: PrivateKey

    @classmethod
    def from_pem(cls, key_id: str, private_pem: str) -> SigningKey:
        """Of a PEM we generated ourselves; parsed keys are kept. Raises `UnusableKey`."""
        return cls(key_id, load_private_key(private_pem))


def generate_rsa_key() -> str:
    """A new RSA-2048 private key as PEM (PKCS#8, unencrypted). Takes tens of milliseconds: call it in a thread."""
    return _private_pem(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS))


def generate_ed25519_key() -> str:
    """A new Ed25519 private key as PEM (PKCS#8, unencrypted)."""
    return _private_pem(Ed25519PrivateKey.generate())


def _private_pem(key: PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


@lru_cache(maxsize=1024)
def load_private_key(private_pem: str) -> PrivateKey:
    """The key of a PEM from our own database. Raises `UnusableKey`.

    OpenSSL's consistency check of the primes is left out: it costs more than a hundred signatures and guards against
    keys made by an attacker, and these are ours.
    """
    try:
        key = load_pem_private_key(private_pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("the private key cannot be read") from None
    if not isinstance(key, rsa.RSAPrivateKey | Ed25519PrivateKey):
        raise UnusableKey("the private key is neither RSA nor Ed25519")
    return key


def public_pem(private_pem: str) -> str:
    """The public half (SPKI PEM) of a private key, as ``publicKeyPem`` shows it. Raises `UnusableKey`."""
    public = load_private_key(private_pem).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@lru_cache(maxsize=4096)
def load_public_key(pem: str, *, minimum_rsa_bits: int = MINIMUM_RSA_BITS) -> PublicKey:
    """The key of a peer's PEM, SPKI or PKCS#1 ``BEGIN RSA PUBLIC KEY``; parsed keys are kept (the last 4,096).

    RSA from ``minimum_rsa_bits`` to 8,192 bits, Ed25519 and P-256; anything else raises `UnusableKey`.
    """
    if len(pem) > _LONGEST_PEM:
        raise UnusableKey("the public key is too long")
    try:
        key = load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("the public key cannot be read") from None
    return _usable(key, minimum_rsa_bits)


def _usable(key: object, minimum_rsa_bits: int) -> PublicKey:
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnusableKey("the public key is of an unsupported kind")
    if not minimum_rsa_bits <= key.key_size <= MAXIMUM_RSA_BITS:
        raise UnusableKey(f"an RSA key has {minimum_rsa_bits} to {MAXIMUM_RSA_BITS} bits here")
    if key.public_numbers().e.bit_length() > _MOST_EXPONENT_BITS:
        raise UnusableKey("the RSA key has an unreasonable exponent")
    return key


def encode_multikey(private_pem: str) -> str:
    """``publicKeyMultibase`` of an Ed25519 private key: ``z6Mk…`` (FEP-521a). Raises `UnusableKey` for other kinds."""
    return _multikey(load_private_key(private_pem).public_key())


def _multikey(public: PublicKey) -> str:
    if not isinstance(public, Ed25519PublicKey):
        raise UnusableKey("only Ed25519 keys are published as Multikey")
    return encode_base58btc(_ED25519_PREFIX + public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def multikey_of_pem(public_pem: str) -> str:
    """``publicKeyMultibase`` of an Ed25519 public key kept as PEM. Raises `UnusableKey` for other kinds."""
    return _multikey(load_public_key(public_pem))


def multikey_pem(multibase: str) -> str:
    """A peer's Multikey as PEM, the form in which keys are kept. Raises `UnusableKey`."""
    public = decode_multikey(multibase)
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


@lru_cache(maxsize=4096)
def decode_multikey(multibase: str) -> PublicKey:
    """The key of a peer's ``publicKeyMultibase``: Ed25519 or RSA (FEP-521a). Raises `UnusableKey`."""
    try:
        data = decode_base58btc(multibase)
        if data.startswith(_ED25519_PREFIX):
            return Ed25519PublicKey.from_public_bytes(data.removeprefix(_ED25519_PREFIX))
        if data.startswith(_RSA_PREFIX):
            return _usable(load_der_public_key(data.removeprefix(_RSA_PREFIX)), MINIMUM_RSA_BITS)
    except UnusableKey:
        raise
    except Exception:
        raise UnusableKey("the Multikey cannot be read") from None
    raise UnusableKey("the Multikey is of an unsupported kind")
