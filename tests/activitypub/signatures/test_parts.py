"""Keys, digests, structured fields, canonical JSON."""

from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activitypub.signatures import SignatureError, UnusableKey, body_digest, content_digest, encode_multikey, public_pem
from activitypub.signatures.digests import check_body_digest, check_content_digest
from activitypub.signatures.encodings import decode_base58btc, decode_base64, encode_base58btc
from activitypub.signatures.jcs import canonicalize, format_number
from activitypub.signatures.keys import decode_multikey, load_private_key, load_public_key
from activitypub.signatures.structured_fields import InnerList, Item, Token, parse_dictionary, serialize_inner_list
from tests.activitypub.signatures.builders import ed25519_pem, rsa_pem


def pem_of(
    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo
) -> str:
    return key.public_bytes(Encoding.PEM, form).decode()


def test_generated_keys_are_read_back() -> None:
    assert rsa_pem().startswith("-----BEGIN PRIVATE KEY-----")
    public = load_public_key(public_pem(rsa_pem()))
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 2048
    assert isinstance(load_public_key(public_pem(ed25519_pem())), Ed25519PublicKey)


def test_pkcs1_public_keys_and_untidy_pem_are_read() -> None:
    public = load_public_key(public_pem(rsa_pem()))
    assert isinstance(public, rsa.RSAPublicKey)
    pkcs1 = pem_of(public, PublicFormat.PKCS1)
    assert pkcs1.startswith("-----BEGIN RSA PUBLIC KEY-----")
    for text in (pkcs1, pkcs1.strip(), "\n  " + pkcs1, pkcs1.replace("\n", "\r\n")):
        assert load_public_key(text) == public


def test_a_key_is_parsed_once() -> None:
    assert load_public_key(public_pem(rsa_pem())) is load_public_key(public_pem(rsa_pem()))


def test_short_long_and_strange_keys_are_refused() -> None:
    short = rsa.generate_private_key(65537, 1024).public_key()
    with pytest.raises(UnusableKey, match="2048"):
        load_public_key(pem_of(short))
    assert load_public_key(pem_of(short), minimum_rsa_bits=1024) == short
    long = rsa.RSAPublicNumbers(65537, (1 << 8200) + 1).public_key()
    with pytest.raises(UnusableKey, match="8192"):
        load_public_key(pem_of(long))
    slow = rsa.RSAPublicNumbers((1 << 2000) + 1, (1 << 2047) + 1).public_key()
    with pytest.raises(UnusableKey, match="exponent"):
        load_public_key(pem_of(slow))
    with pytest.raises(UnusableKey, match="unsupported kind"):
        load_public_key(pem_of(ec.generate_private_key(ec.SECP384R1()).public_key()))


@pytest.mark.parametrize(
    "pem", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "ü", "A" * 9000]
)
def test_what_is_no_key_is_refused(pem: str) -> None:
    with pytest.raises(UnusableKey):
        load_public_key(pem)
    with pytest.raises(UnusableKey):
        load_private_key(pem)


def test_a_private_key_is_no_public_key() -> None:
    with pytest.raises(UnusableKey):
        load_public_key(rsa_pem())


def test_multikeys_round_trip() -> None:
    text = encode_multikey(ed25519_pem())
    assert text.startswith("z6Mk")
    assert decode_multikey(text) == load_public_key(public_pem(ed25519_pem()))
    public = load_public_key(public_pem(rsa_pem()))
    assert isinstance(public, rsa.RSAPublicKey)
    der = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    assert decode_multikey(encode_base58btc(b"\x85\x24" + der)) == public
    with pytest.raises(UnusableKey):
        encode_multikey(rsa_pem())


@pytest.mark.parametrize(
    "text", ["", "z", "6Mk", "z6Mk", "z0OIl", "u7QE", "z" + "1" * 5000, encode_base58btc(b"\xed\x01" + b"1" * 31)]
)
def test_what_is_no_multikey_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey):
        decode_multikey(text)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "z"),
        (b"\0", "z1"),
        (b"\0\0\1", "z112"),
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
    ],
)
def test_base58btc_follows_its_draft(data: bytes, text: str) -> None:
    assert encode_base58btc(data) == text
    if data:
        assert decode_base58btc(text) == data


@pytest.mark.parametrize("text", ["A", "AA", "AAA", "AA=A", "A A=", "AAA-", "AAAA\n", "AAAA=", "AB==", "ü", "=AAA"])
def test_only_strict_base64_is_read(text: str) -> None:
    with pytest.raises(SignatureError):
        decode_base64(text)


def test_a_digest_is_read_without_case_and_among_others() -> None:
    header = body_digest(b"body")
    check_body_digest(header, b"body")
    check_body_digest(header.replace("SHA-256", "sha-256"), b"body")
    check_body_digest(f"SHA-512=AAAA, {header}", b"body")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "SHA-256",
        "SHA-256=",
        "SHA-512=AAAA",
        "MD5=AAAA",
        "SHA-256=AAAA",
        f"{body_digest(b'body')},{body_digest(b'body')}",
        ",".join(["a=b"] * 20),
    ],
)
def test_digests_that_do_not_prove_the_body_are_refused(header: str) -> None:
    with pytest.raises(SignatureError):
        check_body_digest(header, b"body")


def test_every_content_digest_given_has_to_be_right() -> None:
    right = content_digest(b"body")
    check_content_digest(f"{right}, md5=:AAAA:", b"body")
    for wrong in (f"{right}, sha-512=:AAAA:", "sha-256=1", "sha-256=()", "sha-256", "SHA-256=:AAAA:", right + ",", ""):
        with pytest.raises(SignatureError):
            check_content_digest(wrong, b"body")


def test_structured_fields_are_read_and_written_back() -> None:
    text = 'sig1=("@method" "a";sf;n=-5);created=1618884473;keyid="a\\"b\\\\c";t=tok/en;no=?0, x=:AQI=:;p, flag;q=1'
    members = parse_dictionary(text)
    described = members["sig1"]
    assert isinstance(described, InnerList)
    assert described.items == (Item("@method"), Item("a", {"sf": True, "n": -5}))
    assert described.parameters == {"created": 1618884473, "keyid": 'a"b\\c', "t": Token("tok/en"), "no": False}
    assert members["x"] == Item(b"\1\2", {"p": True})
    assert members["flag"] == Item(True, {"q": 1})
    assert f"sig1={serialize_inner_list(described)}" == text.partition(", ")[0]


@pytest.mark.parametrize(
    "text",
    [
        "A=1",
        "a=",
        "a=1 b=2",
        "a=1,",
        ",a=1",
        "a=(1",
        "a=(1 2",
        'a=("1""2")',
        'a="',
        'a="\\x"',
        'a="\x7f"',
        'a="ü"',
        "a=:A",
        "a=:A:",
        "a=1.5",
        "a=1234567890123456",
        "a=-",
        "a=?2",
        "a=1;",
        "a=1;B=2",
        "a=1, a=2",
        "a=1;b=1;b=2",
        "a=((1))",
        "a=@1",
        "a=٣",
        "a" * 20_000,
        "é=1",
        ",".join(f"k{n}" for n in range(17)),
        "a=(" + " ".join("1" * 33) + ")",
        "a=1" + "".join(f";p{n}" for n in range(17)),
    ],
)
def test_malformed_structured_fields_are_refused(text: str) -> None:
    with pytest.raises(SignatureError):
        parse_dictionary(text)


def test_canonical_json_is_that_of_rfc_8785() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"\u002f",
        "literals": [None, True, False],
    }
    expected = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert canonicalize(value).decode() == expected


def test_canonical_json_sorts_keys_by_utf16_units() -> None:
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
    assert [int(part.rpartition(":")[2]) for part in canonicalize(keys).decode()[1:-1].split(",")] == [
        2,
        4,
        6,
        7,
        1,
        5,
        3,
    ]


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("ffefffffffffffff", "-1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("c340000000000000", "-9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("41b3de4355555557", "333333333.33333343"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
        ("43143ff3c1cb0959", "1424953923781206.2"),
    ],
)
def test_numbers_are_written_as_in_appendix_b_of_rfc_8785(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert format_number(number) == text


def test_integers_are_doubles() -> None:
    assert format_number(9007199254740993) == "9007199254740992"
    assert format_number(10**21) == "1e+21"
    assert format_number(-120) == "-120"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, "\ud800", {"\ud800": 1}, {1: 2}, b"x", {"a": {1, 2}}]
)
def test_what_is_not_json_has_no_canonical_form(value: object) -> None:
    with pytest.raises(SignatureError):
        canonicalize(value)


def test_bottomless_json_is_refused() -> None:
    value: list[object] = []
    for _ in range(100):
        value = [value]
    with pytest.raises(SignatureError, match="deeply"):
        canonicalize(value)
