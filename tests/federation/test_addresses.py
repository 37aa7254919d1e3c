from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.addresses import Guard, GuardedResolver, is_public, unmapped
from federation.fetch_errors import Refused

FORBIDDEN_IPV4 = [
    IPv4Network(text)
    for text in [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "255.255.255.255/32",
    ]
]
FORBIDDEN_IPV6 = [
    IPv6Network(text)
    for text in [
        "::/128",
        "::1/128",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/32",
        "2001:db8::/32",
        "2002::/16",
        "fc00::/7",
        "fe80::/10",
        "fec0::/10",
        "ff00::/8",
    ]
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2606:4700::1111",
    "2001:4860:4860::8888",
    "2a00:1450::1",
    "::ffff:8.8.8.8",
]


def inside(networks: list[IPv4Network]) -> st.SearchStrategy[IPv4Address]:
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(int(network.network_address), int(network.broadcast_address)).map(IPv4Address)
    )


def inside6(networks: list[IPv6Network]) -> st.SearchStrategy[IPv6Address]:
    return st.sampled_from(networks).flatmap(
        lambda network: st.integers(int(network.network_address), int(network.broadcast_address)).map(IPv6Address)
    )


def disguises(address: IPv4Address) -> list[IPv6Address]:
    number = int(address)
    return [
        IPv6Address((0xFFFF << 32) | number),  # mapped
        IPv6Address(number),  # compatible
        IPv6Address((0x64FF9B << 96) | number),  # NAT64
        IPv6Address((0x64FF9B0001 << 80) | number),  # local-use NAT64
        IPv6Address((0x2002 << 112) | (number << 80) | 1),  # 6to4
        IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (number ^ 0xFFFFFFFF)),  # Teredo
        IPv6Address((0xFE80 << 112) | (0x5EFE << 32) | number),  # link-local ISATAP
    ]


@given(inside(FORBIDDEN_IPV4))
def test_a_forbidden_ipv4_address_is_refused_in_every_disguise(address: IPv4Address) -> None:
    assert not is_public(address)
    assert [disguise for disguise in disguises(address) if is_public(disguise)] == []


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_a_disguised_ipv4_address_is_never_more_public_than_itself(address: IPv4Address) -> None:
    assert [one for one in disguises(address) if is_public(one) and not is_public(address)] == []
    # Of the disguises only the mapped form is another spelling of the same destination.
    assert all(unmapped(one) == address for one in disguises(address) if is_public(one))


@given(inside6(FORBIDDEN_IPV6))
def test_a_forbidden_ipv6_address_is_refused(address: IPv6Address) -> None:
    assert not is_public(address)


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_only_global_unicast_is_public(address: IPv6Address) -> None:
    if is_public(address):
        assert address in IPv6Network("2000::/3") or address in IPv6Network("::ffff:0:0/96")
        assert unmapped(address).is_global


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_the_table_is_never_laxer_than_the_registry_of_the_standard_library(address: IPv4Address) -> None:
    if is_public(address):
        assert address.is_global and not address.is_multicast


@pytest.mark.parametrize("network", [*FORBIDDEN_IPV4, *FORBIDDEN_IPV6], ids=str)
def test_both_ends_of_each_forbidden_range_are_refused(network: IPv4Network | IPv6Network) -> None:
    assert not is_public(network.network_address)
    assert not is_public(network.broadcast_address)


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_next_to_the_forbidden_ranges_are_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_a_scoped_address_is_not_public() -> None:
    assert not is_public(IPv6Address("2606:4700::1111%1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.org/",
        "/inbox",
        "",
        "https://",
        "https:///inbox",
        "https://user@example.org/",
        "https://user:secret@example.org/",
        "https://example.org:8443/",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://localhost/",
        "https://example.org./",
        "https://exa mple.org/",
        "https://exam%70le.org/",
        "https://example.org\\@evil.example/",
        "https://-a.example/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://a.example.0x7f/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fd00::1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://own.example/",
        "https://OWN.example/ap/users/1",
        "https://own.example:443/",
        "https://ｏｗｎ.example/",
        "https://bücher.example/",
        "https://example.org/" + "a" * 2048,
    ],
)
def test_a_url_that_must_not_be_fetched_is_refused(url: str) -> None:
    guard = Guard(own_hosts=frozenset({"own.example", "xn--bcher-kva.example"}))
    with pytest.raises(Refused):
        guard.check(url)


def test_a_url_is_normalised_but_its_path_is_left_as_it_is() -> None:
    url = Guard().check("HTTPS://Straße.Example:443/a%7Eb/%2e%2e/%E4%BD?x=%20+y#main-key")
    assert str(url) == "https://xn--strae-oqa.example/a%7Eb/%2e%2e/%E4%BD?x=%20+y"


def test_a_public_literal_address_is_allowed() -> None:
    assert Guard().check("https://[2606:4700::1111]/x").host == "2606:4700::1111"


def test_http_is_allowed_only_when_said() -> None:
    assert Guard(allow_http=True).check("http://example.org/").scheme == "http"


def test_private_networks_open_only_when_said_and_never_link_local() -> None:
    guard = Guard(allow_private_networks=True, ports=None)
    for url in ("https://127.0.0.1:8001/", "https://[::1]/", "https://10.2.3.4/", "https://localhost/"):
        guard.check(url)
    for url in (
        "https://169.254.169.254/",
        "https://0.0.0.0/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://224.0.0.1/",
    ):
        with pytest.raises(Refused):
            guard.check(url)


def test_an_own_host_with_a_port_is_that_port_only() -> None:
    guard = Guard(allow_private_networks=True, ports=None, own_hosts=frozenset({"127.0.0.1:8001"}))
    with pytest.raises(Refused):
        guard.check("https://127.0.0.1:8001/")
    guard.check("https://127.0.0.1:8002/")


def answering(*texts: str) -> GuardedResolver:
    async def lookup(host: str) -> list[str]:
        return list(texts)

    return GuardedResolver(Guard(), lookup, 1.0)


async def test_a_name_with_only_forbidden_addresses_is_refused() -> None:
    with pytest.raises(Refused, match=r"10\.0\.0\.1"):
        await answering("10.0.0.1", "::1").resolve("inside.example", 443)


async def test_only_the_admitted_addresses_of_a_name_are_handed_on() -> None:
    results = await answering("127.0.0.1", "8.8.8.8", "::ffff:1.1.1.1", "fe80::1").resolve("mixed.example", 443)
    assert [result["host"] for result in results] == ["8.8.8.8", "1.1.1.1"]


async def test_a_name_without_addresses_is_an_error_of_the_network() -> None:
    with pytest.raises(OSError, match="no address"):
        await answering().resolve("nowhere.example", 443)
