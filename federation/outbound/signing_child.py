"""The signing process: `python -m federation.outbound.signing_child`, what to sign on stdin, signatures on stdout.

It ends when stdin does. An order is the lengths of the key (DER, PKCS#8) and of the data in four bytes each, then both;
an answer is the signature behind its length in two bytes. The first answer is an empty one: it is ready.
"""

from __future__ import annotations

import struct
import sys
from functools import lru_cache
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.serialization import load_der_private_key

from activitypub.signatures.algorithms import sign
from activitypub.signatures.keys import PrivateKey

ORDER: Final = struct.Struct(">II")
ANSWER: Final = struct.Struct(">H")
KEPT_KEYS: Final = 256


def main() -> None:
    """Answer orders until there are no more."""
    work(sys.stdin.buffer, sys.stdout.buffer)


def work(orders: BinaryIO, answers: BinaryIO) -> None:
    """Sign what is read from `orders`, one after the other."""
    _answer(answers, b"")
    while len(head := orders.read(ORDER.size)) == ORDER.size:
        key_length, data_length = ORDER.unpack(head)
        key, data = orders.read(key_length), orders.read(data_length)
        _answer(answers, sign(_key(key), data))


def _answer(answers: BinaryIO, signature: bytes) -> None:
    answers.write(ANSWER.pack(len(signature)) + signature)
    answers.flush()


@lru_cache(maxsize=KEPT_KEYS)
def _key(der: bytes) -> PrivateKey:
    # They are our own keys: OpenSSL's check of the primes costs more than a hundred signatures.
    key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, PrivateKey)
    return key


if __name__ == "__main__":
    main()
