"""Messages for push services: the example of RFC 8291, and what an app reads."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from node import vapid, web_push
from tests.push_app import App, claims_of, decoded, encoded

EXAMPLE = {
    "plaintext": b"When I grow up, I want to be a watermelon",
    "sender": "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
    "receiver": "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "salt": "DGv6ra1nlYgDCS1FRnbzlw",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    "body": (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3"
        "jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    ),
}
"""RFC 8291 §5."""


def private(text: object) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(str(text)), "big"), ec.SECP256R1())


def test_the_example_of_the_standard_comes_out_letter_for_letter() -> None:
    body = web_push.encrypt(
        b"When I grow up, I want to be a watermelon",
        str(EXAMPLE["p256dh"]),
        str(EXAMPLE["auth"]),
        salt=decoded(str(EXAMPLE["salt"])),
        sender=private(EXAMPLE["sender"]),
    )
    assert encoded(body) == EXAMPLE["body"]
    app = App(private(EXAMPLE["receiver"]), decoded(str(EXAMPLE["auth"])))
    assert app.keys["p256dh"] == EXAMPLE["p256dh"]
    assert app.read_standard(body) == EXAMPLE["plaintext"]


@pytest.mark.parametrize("length", [0, 1, 140, web_push.MAX_PLAINTEXT])
def test_an_app_reads_what_was_written_in_either_way(length: int) -> None:
    app, text = App(secret=os.urandom(16)), os.urandom(length)
    keys = (app.keys["p256dh"], app.keys["auth"])
    body = web_push.encrypt(text, *keys)
    assert app.read_standard(body) == text and len(body) <= 4096
    legacy = web_push.encrypt_legacy(text, *keys)
    assert app.read_legacy(legacy.body, decoded(legacy.salt), decoded(legacy.sender_key)) == text
    assert web_push.encrypt(text, *keys) != body


def test_keys_are_taken_in_any_form_of_base64_and_nothing_else() -> None:
    keys = App(secret=b"\xff\xfe" * 8).keys
    padded = {name: value.replace("-", "+").replace("_", "/") + "=" for name, value in keys.items()}
    web_push.check_keys(padded["p256dh"], padded["auth"])
    wrong = (
        ("", keys["auth"], "key_p256dh"),
        ("not base64", keys["auth"], "key_p256dh"),
        (encoded(b"\x04" + bytes(64)), keys["auth"], "key_p256dh"),
        (encoded(b"\x04" * 33), keys["auth"], "key_p256dh"),
        ("é" * 87, keys["auth"], "key_p256dh"),
        (keys["p256dh"], encoded(b"short"), "key_auth"),
        (keys["p256dh"], "!", "key_auth"),
    )
    for p256dh, auth, name in wrong:
        with pytest.raises(web_push.UnusableKey) as refused:
            web_push.check_keys(p256dh, auth)
        assert refused.value.name == name


def test_the_pass_names_the_service_the_node_and_its_end() -> None:
    pem = vapid._new_key()
    token = web_push.vapid_token(pem, "https://push.example:8443/send/x?y", "mailto:admin@here.example", 1_800_000_000)
    assert claims_of(token, vapid.public_key(pem)) == {
        "aud": "https://push.example:8443",
        "exp": 1_800_000_000,
        "sub": "mailto:admin@here.example",
    }
