"""Many signatures at once are made in a process of their own, and none is missing when that process is lost."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from activitypub.signatures import SigningKey, generate_ed25519_key, generate_rsa_key
from activitypub.signatures.algorithms import ED25519, RSA_V1_5_SHA256, check
from federation.outbound.signing import Signing
from tests.media.test_pool import until


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.from_pem("https://here.example/users/1#main-key", generate_rsa_key())


async def _sign_all(signing: Signing, key: SigningKey, texts: list[bytes]) -> None:
    signatures = await asyncio.gather(*(signing.sign(key, text) for text in texts))
    for text, signature in zip(texts, signatures, strict=True):
        check(key.private.public_key(), RSA_V1_5_SHA256, signature, text)


def is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


async def _until_it_runs(signing: Signing, key: SigningKey, many: int = 1) -> int:
    await _sign_all(signing, key, [b"one more"] * many)
    await until(lambda: signing.pid is not None, 20)
    assert signing.pid is not None
    return signing.pid


async def test_many_signatures_start_a_process_that_signs_each_text_with_its_key(key: SigningKey) -> None:
    signing = Signing(many=3, processors=2)
    try:
        await _sign_all(signing, key, [b"first", b"second"])
        assert signing.pid is None
        pid = await _until_it_runs(signing, key, many=3)
        other = SigningKey.from_pem("https://here.example/users/2#main-key", generate_rsa_key())
        await asyncio.gather(
            _sign_all(signing, key, [b"%d" % number for number in range(50)]),
            _sign_all(signing, other, [b"%d" % number for number in range(50)]),
        )
        small = SigningKey.from_pem("https://here.example/users/2#ed25519-key", generate_ed25519_key())
        check(small.private.public_key(), ED25519, await signing.sign(small, b"small"), b"small")
        assert signing.pid == pid
    finally:
        await signing.close()
    assert signing.pid is None
    assert not is_there(pid)


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_what_a_lost_process_was_to_sign_is_signed_all_the_same(key: SigningKey, blow: signal.Signals) -> None:
    signing = Signing(many=1, idle_seconds=0.5, processors=2)
    try:
        os.kill(await _until_it_runs(signing, key), blow)
        async with asyncio.timeout(10):
            await _sign_all(signing, key, [b"%d" % number for number in range(20)])
        assert signing.pid is None
    finally:
        await signing.close()


async def test_a_process_with_nothing_to_sign_ends(key: SigningKey) -> None:
    signing = Signing(many=1, idle_seconds=0.3, processors=2)
    pid = await _until_it_runs(signing, key)
    await until(lambda: not is_there(pid))
    assert signing.pid is None
