from __future__ import annotations

import asyncio
import gzip
import hashlib
import zlib
from collections.abc import Mapping
from email.utils import formatdate
from ipaddress import ip_network
from pathlib import Path

import pytest

from federation.client import (
    BadStatus,
    ClientLimits,
    HttpClient,
    Refused,
    Style,
    TooLarge,
    Unreachable,
    WrongType,
)
from tests.federation.peers import Asked, Peer, always, by_path, peer, response, tls_contexts

DOCUMENT = b'{"id":"https://peer.example/1"}'
NOW = 1_795_000_000.0
QUICK = ClientLimits(connect_seconds=1, read_seconds=1, total_seconds=0.4, download_seconds=0.4)


def client(limits: ClientLimits | None = None, **options: object) -> HttpClient:
    """A client that may reach loopback over plain HTTP."""
    settings: dict[str, object] = {"allow_private_networks": True, "allow_http": True, "clock": lambda: NOW}
    return HttpClient("Heliograph/1.0 (+https://own.example/)", limits=limits, **(settings | options))  # type: ignore[arg-type]


def guarded_client(
    *peers: Peer, trusted: str = "127.0.0.1/32", limits: ClientLimits | None = None, **options: object
) -> HttpClient:
    """A client with the guard up, for which only `trusted` counts as outside."""
    return client(
        limits,
        allow_private_networks=False,
        trusted_networks=(ip_network(trusted),),
        ports=frozenset(one.port for one in peers),
        **options,
    )


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


class Names:
    """A name service whose answers change from one lookup to the next; the last one stays."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.lookups: list[str] = []

    async def __call__(self, host: str) -> list[str]:
        self.lookups.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def sign_url(url: str, style: Style, /) -> Mapping[str, str]:
    return {"Signature": f"{url.partition('?')[0] if style is Style.CAVAGE_PATH else url}"}


# Documents


async def test_a_document_comes_with_the_headers_asked_and_its_origin() -> None:
    async with peer(always(response(body=DOCUMENT))) as other, client() as http:
        document = await http.fetch_document(other.url("/a%7Eb?x=%20#main-key"), sign=sign_url)
    assert document.body == DOCUMENT
    assert document.final_url == other.url("/a%7Eb?x=%20")
    assert document.origin == ("http", "127.0.0.1", other.port)
    [asked] = other.asked
    assert asked.target == "/a%7Eb?x=%20"
    assert asked.headers["host"] == f"127.0.0.1:{other.port}"
    assert asked.headers["user-agent"] == "Heliograph/1.0 (+https://own.example/)"
    assert asked.headers["accept"] == (
        'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
    )
    assert asked.headers["signature"] == other.url("/a%7Eb?x=%20")


async def test_without_a_redirect_the_final_url_is_the_one_asked_letter_for_letter() -> None:
    async with peer(always(response(body=DOCUMENT))) as other, client() as http:
        document = await http.fetch_document(other.origin)
    assert document.final_url == other.origin


@pytest.mark.parametrize(
    "content_type",
    [
        "application/activity+json",
        "Application/Activity+JSON; charset=utf-8",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;charset=utf-8;profile="https://w3id.org/x https://www.w3.org/ns/activitystreams"',
    ],
)
async def test_a_document_of_an_activity_type_is_taken(content_type: str) -> None:
    async with peer(always(response(body=DOCUMENT, content_type=content_type))) as other, client() as http:
        assert (await http.fetch_document(other.url())).body == DOCUMENT


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/ld+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams-not"',
        'application/ld+json; x="; profile=https://www.w3.org/ns/activitystreams"',
        "text/html",
        "image/png; application/activity+json",
        "image/png, application/activity+json",
        "",
    ],
)
async def test_a_document_of_another_type_is_refused(content_type: str) -> None:
    async with peer(always(response(body=DOCUMENT, content_type=content_type))) as other, client() as http:
        with pytest.raises(WrongType):
            await http.fetch_document(other.url())


async def test_a_second_content_type_header_does_not_make_a_document() -> None:
    answer = response(body=DOCUMENT, content_type="text/plain", content_type_="x").replace(
        b"content-type-: x", b"Content-Type: application/activity+json"
    )
    async with peer(always(answer)) as other, client() as http:
        with pytest.raises(WrongType):
            await http.fetch_document(other.url())


async def test_a_status_other_than_200_is_an_error_that_names_it() -> None:
    async with peer(always(response(410))) as other, client() as http:
        with pytest.raises(BadStatus) as caught:
            await http.fetch_document(other.url())
    assert caught.value.status == 410
    assert caught.value.retry_after is None


async def test_a_401_is_asked_once_more_with_the_query_left_out_of_the_signature() -> None:
    async def picky(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(401) if "?" in asked.headers["signature"] else response(body=DOCUMENT))

    async with peer(picky) as other, client() as http:
        document = await http.fetch_document(other.url("/outbox?page=1"), sign=sign_url)
    assert document.body == DOCUMENT
    assert [asked.target for asked in other.asked] == ["/outbox?page=1", "/outbox?page=1"]


async def test_a_server_that_cannot_read_a_signature_is_asked_with_the_other_kind() -> None:
    async def old(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(400) if len(other.asked) == 1 else response(body=DOCUMENT))

    async with peer(old) as other, client() as http:
        document = await http.fetch_document(other.url("/users/1"), sign=sign_url)
        unsigned = http.fetch_document(other.url("/users/2"))
        assert (document.body, document.style) == (DOCUMENT, Style.RFC9421)
        other.asked.clear()
        with pytest.raises(BadStatus):
            await unsigned
    assert len(other.asked) == 1


@pytest.mark.parametrize("path", ["/outbox?page=1", "/outbox"])
async def test_a_401_is_not_asked_for_ever(path: str) -> None:
    async with peer(always(response(401))) as other, client() as http:
        with pytest.raises(BadStatus):
            await http.fetch_document(other.url(path), sign=sign_url)
    assert len(other.asked) == (3 if "?" in path else 2)


async def test_a_signer_need_not_be_a_coroutine() -> None:
    def sign(url: str, style: Style, /) -> Mapping[str, str]:
        return {"Signature": "plain"}

    async with peer(always(response(body=DOCUMENT))) as other, client() as http:
        await http.fetch_document(other.url(), sign=sign)
    assert other.asked[0].headers["signature"] == "plain"


@pytest.mark.parametrize(
    "content_type", ["application/jrd+json; charset=utf-8", "application/json", 'application/json; profile="x#"']
)
async def test_a_jrd_is_taken_as_jrd_or_json(content_type: str) -> None:
    async with peer(always(response(body=b"{}", content_type=content_type))) as other, client() as http:
        assert (await http.fetch_jrd(other.url("/.well-known/webfinger?resource=acct:a@b"))).body == b"{}"


async def test_a_jrd_of_another_type_is_refused() -> None:
    async with peer(always(response(body=b"{}", content_type="text/html"))) as other, client() as http:
        with pytest.raises(WrongType):
            await http.fetch_jrd(other.url())


# Redirects


async def test_each_hop_of_a_redirect_is_signed_for_its_own_url() -> None:
    async with peer(always(response(body=DOCUMENT))) as last:
        hops = by_path({"/1": response(302, location="/2"), "/2": response(307, location=last.url("/3?a=b#x"))})
        async with peer(hops) as first, client() as http:
            document = await http.fetch_document(first.url("/1"), sign=sign_url)
    assert document.final_url == last.url("/3?a=b")
    assert document.origin == ("http", "127.0.0.1", last.port)
    assert [asked.headers["signature"] for asked in first.asked] == [first.url("/1"), first.url("/2")]
    assert [asked.headers["signature"] for asked in last.asked] == [last.url("/3?a=b")]
    assert last.asked[0].headers["host"] == f"127.0.0.1:{last.port}"


async def test_three_redirects_are_followed_and_a_fourth_is_not() -> None:
    answers = {f"/{n}": response(301, location=f"/{n + 1}") for n in range(1, 5)}
    answers["/5"] = response(body=DOCUMENT)
    async with peer(by_path(answers)) as other, client() as http:
        assert (await http.fetch_document(other.url("/2"))).final_url == other.url("/5")
        with pytest.raises(Refused, match="more than 3"):
            await http.fetch_document(other.url("/1"))


async def test_a_redirect_in_a_circle_is_refused() -> None:
    answers = {"/1": response(302, location="/2"), "/2": response(302, location="/1")}
    async with peer(by_path(answers)) as other, client() as http:
        with pytest.raises(Refused, match="circle"):
            await http.get(other.url("/1"), accept="*/*")
    assert [asked.target for asked in other.asked] == ["/1", "/2"]


async def test_a_redirect_from_https_to_http_is_refused(tmp_path: Path) -> None:
    server_tls, client_tls = tls_contexts(tmp_path)
    async with peer(always(response(body=DOCUMENT))) as plain:
        down = by_path({"/down": response(302, location=plain.url("/")), "/ok": response(body=DOCUMENT)})
        async with peer(down, tls=server_tls) as secure, client(ssl_context=client_tls) as http:
            assert (await http.fetch_document(secure.url("/ok"))).origin[0] == "https"
            with pytest.raises(Refused, match="https to http"):
                await http.fetch_document(secure.url("/down"))
    assert plain.asked == []


async def test_an_untrusted_certificate_is_unreachable(tmp_path: Path) -> None:
    server_tls, _ = tls_contexts(tmp_path)
    async with peer(always(response(body=DOCUMENT)), tls=server_tls) as secure, client() as http:
        with pytest.raises(Unreachable):
            await http.fetch_document(secure.url())
    assert secure.asked == []


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://[::", "javascript:alert(1)", "http://0.0.0.0/"]
)
async def test_a_redirect_to_nonsense_is_refused(location: str) -> None:
    async with peer(always(response(302, location=location))) as other, client() as http:
        with pytest.raises(Refused):
            await http.get(other.url(), accept="*/*")


# The guard


async def test_a_redirect_to_a_private_address_is_refused_before_a_connection_is_made() -> None:
    async with (
        peer(always(response(body=DOCUMENT)), host="127.0.0.2") as inside,
        peer(always(response(302, location=inside.url("/secret")))) as outside,
        guarded_client(outside, inside) as http,
    ):
        with pytest.raises(Refused):
            await http.fetch_document(outside.url())
    assert (len(outside.asked), inside.connections) == (1, 0)


async def test_a_redirect_to_a_name_inside_is_refused_before_a_connection_is_made() -> None:
    async with peer(always(response(body=DOCUMENT)), host="127.0.0.2") as inside:
        answer = response(302, location=f"http://inside.example:{inside.port}/")
        async with (
            peer(always(answer)) as outside,
            guarded_client(outside, inside, lookup=Names(["127.0.0.2"])) as http,
        ):
            with pytest.raises(Refused):
                await http.fetch_document(outside.url())
            with pytest.raises(Refused):
                await http.post(f"http://inside.example:{inside.port}/inbox", b"{}", {})
    assert (len(outside.asked), inside.connections) == (1, 0)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with (
        peer(always(response(body=b"outside"))) as outside,
        peer(always(response(body=b"inside")), host="127.0.0.2", port=outside.port) as inside,
        guarded_client(outside, lookup=names) as http,
    ):
        url = f"http://rebinding.example:{outside.port}/"
        assert (await http.get(url, accept="*/*")).body == b"outside"
    assert names.lookups == ["rebinding.example"]
    assert inside.connections == 0


async def test_a_name_that_turns_inward_between_two_requests_is_refused() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    limits = ClientLimits(dns_seconds=0)
    async with (
        peer(always(response(body=b"outside", connection="close"))) as outside,
        peer(always(response(body=b"inside")), host="127.0.0.2", port=outside.port) as inside,
        guarded_client(outside, lookup=names, limits=limits) as http,
    ):
        url = f"http://rebinding.example:{outside.port}/"
        assert (await http.get(url, accept="*/*")).body == b"outside"
        with pytest.raises(Refused):
            await http.get(url, accept="*/*")
    assert inside.connections == 0


async def test_our_own_host_is_never_asked_also_by_redirect() -> None:
    async with (
        peer(always(response(body=DOCUMENT))) as own,
        peer(always(response(302, location=own.url("/ap/users/1")))) as other,
        client(own_hosts=frozenset({f"127.0.0.1:{own.port}", "Own.example"})) as http,
    ):
        for url in (own.url(), other.url(), "https://own.example/", "https://OWN.EXAMPLE:8443/"):
            with pytest.raises(Refused, match="itself"):
                await http.get(url, accept="*/*")
        with pytest.raises(Refused, match="itself"):
            await http.post(own.url("/inbox"), b"{}", {})
    assert own.connections == 0


async def test_a_cookie_is_not_sent_back() -> None:
    async with peer(always(response(body=DOCUMENT, set_cookie="a=b; Path=/"))) as other, client() as http:
        await http.fetch_document(other.url())
        await http.fetch_document(other.url())
    assert all("cookie" not in asked.headers for asked in other.asked)


# Time and size


async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_a_slow_drip_ends_at_the_deadline(tmp_path: Path) -> None:
    async with peer(drip) as other, client(QUICK) as http:
        with pytest.raises(Unreachable, match=r"0\.4 s"):
            await http.fetch_document(other.url())
        with pytest.raises(Unreachable):
            await http.post(other.url(), b"{}", {})
        with pytest.raises(Unreachable):
            await http.download(
                other.url(), tmp_path / "file", max_bytes=9999, accept_types=["application/activity+json"]
            )
    assert names_in(tmp_path) == []


async def test_a_silent_server_ends_at_the_read_timeout() -> None:
    async with peer(silence) as other, client(ClientLimits(read_seconds=0.2)) as http:
        with pytest.raises(Unreachable):
            await http.fetch_document(other.url())


async def test_dead_name_servers_end_at_the_connect_timeout() -> None:
    async def never(host: str) -> list[str]:
        await asyncio.Event().wait()
        return []

    async with client(ClientLimits(connect_seconds=0.1), lookup=never) as http:
        with pytest.raises(Unreachable):
            await http.get("http://slow.example/", accept="*/*")


async def test_a_closed_port_and_an_unknown_name_are_unreachable() -> None:
    async with peer(always(b"")) as gone:
        pass
    async with client(lookup=Names([])) as http:
        for url in (gone.url(), "http://nowhere.example/"):
            with pytest.raises(Unreachable):
                await http.get(url, accept="*/*")


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"a" * 99999 + b"\r\n\r\n"])
async def test_an_answer_that_is_not_http_is_unreachable(answer: bytes) -> None:
    async with peer(always(answer)) as other, client() as http:
        with pytest.raises(Unreachable):
            await http.get(other.url(), accept="*/*")
        with pytest.raises(Unreachable):
            await http.post(other.url(), b"{}", {})


async def test_a_body_that_ends_too_early_is_unreachable() -> None:
    async def cut(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        writer.close()

    async with peer(cut) as other, client() as http:
        with pytest.raises(Unreachable):
            await http.get(other.url(), accept="*/*")


async def test_a_body_at_the_cap_is_taken_and_one_byte_more_is_not() -> None:
    limits = ClientLimits(document_bytes=100)
    answers = {"/100": response(body=b"a" * 100), "/101": response(body=b"a" * 101)}
    async with peer(by_path(answers)) as other, client(limits) as http:
        assert len((await http.fetch_document(other.url("/100"))).body) == 100
        with pytest.raises(TooLarge):
            await http.fetch_document(other.url("/101"))
        assert len((await http.get(other.url("/101"), accept="*/*", max_bytes=101)).body) == 101


async def test_an_endless_body_without_a_length_is_cut_at_the_cap() -> None:
    async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\n\r\n")
        while True:
            writer.write(b"a" * 10_000)
            await writer.drain()

    async with peer(endless) as other, client() as http:
        with pytest.raises(TooLarge):
            await http.fetch_document(other.url())


def raw_deflate(data: bytes) -> bytes:
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return squeezer.compress(data) + squeezer.flush()


@pytest.mark.parametrize(
    ("coding", "squeeze"),
    [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)],
)
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 500_000])
async def test_a_compressed_body_is_inflated(coding: str, squeeze: object, size: int) -> None:
    body = (b"0123456789" * (size // 10 + 1))[:size]
    squeezed = squeeze(body)  # type: ignore[operator]
    async with peer(always(response(body=squeezed, content_encoding=coding))) as other, client() as http:
        assert (await http.fetch_document(other.url())).body == body


@pytest.mark.parametrize("squeeze", [gzip.compress, zlib.compress, raw_deflate])
async def test_a_bomb_is_noticed_at_the_cap(squeeze: object) -> None:
    bomb = squeeze(bytes(50_000_000))  # type: ignore[operator]
    assert len(bomb) < 100_000
    coding = "gzip" if squeeze is gzip.compress else "deflate"
    async with peer(always(response(body=bomb, content_encoding=coding))) as other, client() as http:
        with pytest.raises(TooLarge):
            await http.fetch_document(other.url())


async def test_a_damaged_or_cut_compressed_body_is_unreachable() -> None:
    squeezed = gzip.compress(bytes(range(256)) * 100)
    for body in (squeezed[:-10], b"not gzip at all", squeezed[:40] + b"XXXXXXXX" + squeezed[48:]):
        async with peer(always(response(body=body, content_encoding="gzip"))) as other, client() as http:
            with pytest.raises(Unreachable):
                await http.fetch_document(other.url())


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress"])
async def test_another_content_coding_is_refused(coding: str) -> None:
    async with peer(always(response(body=b"x", content_encoding=coding))) as other, client() as http:
        with pytest.raises(WrongType):
            await http.fetch_document(other.url())


# Posting


async def test_a_post_arrives_as_it_was_signed() -> None:
    body = b'{"type":"Create"}'
    headers = {"Content-Type": "application/activity+json", "Digest": "SHA-256=x", "Signature": "s"}
    async with peer(always(response(202, b"thanks"))) as other, client() as http:
        result = await http.post(other.url("/in%7Ebox?x=1"), body, headers)
    assert (result.status, result.retry_after, result.body_start) == (202, None, b"thanks")
    [asked] = other.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/in%7Ebox?x=1", body)
    assert asked.headers["content-type"] == "application/activity+json"
    assert (asked.headers["digest"], asked.headers["signature"]) == ("SHA-256=x", "s")


async def test_a_post_follows_no_redirect() -> None:
    async with peer(always(response(307, location="/elsewhere"))) as other, client() as http:
        assert (await http.post(other.url("/inbox"), b"{}", {})).status == 307
    assert len(other.asked) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        ("99999999999999999999", 7 * 86400.0),
        ("-5", None),
        ("soon", None),
        ("١٢", None),
    ],
)
async def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    async with peer(always(response(429, retry_after=header))) as other, client() as http:
        assert (await http.post(other.url(), b"{}", {})).retry_after == seconds
        with pytest.raises(BadStatus) as caught:
            await http.fetch_document(other.url())
    assert (caught.value.status, caught.value.retry_after) == (429, seconds)


async def test_one_connection_serves_many_requests() -> None:
    async with peer(always(response(202, b"ok"))) as other, client() as http:
        for _ in range(5):
            await http.post(other.url("/inbox"), b"{}", {})
            await http.get(other.url("/x"), accept="*/*")
    assert (len(other.asked), other.connections) == (10, 1)


async def test_a_post_answer_too_long_to_read_costs_only_its_connection() -> None:
    async with peer(always(response(200, b"a" * 1_000_000))) as other, client() as http:
        result = await http.post(other.url(), b"{}", {})
        assert (await http.post(other.url(), b"{}", {})).status == 200
    assert result.body_start == b"a" * 500
    assert other.connections == 2


async def test_a_post_over_a_connection_the_server_had_dropped_is_sent_again() -> None:
    async def drop_second(asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.body == b"second" and not dropped:
            dropped.append(asked)
            writer.close()
            return
        writer.write(response(202))

    dropped: list[Asked] = []
    async with peer(drop_second) as other, client() as http:
        await http.post(other.url(), b"first", {})
        assert (await http.post(other.url(), b"second", {})).status == 202
    assert [asked.body for asked in other.asked] == [b"first", b"second", b"second"]


async def test_a_server_that_always_drops_the_connection_is_asked_twice_at_most() -> None:
    async def drop(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with peer(drop) as other, client() as http:
        with pytest.raises(Unreachable):
            await http.post(other.url(), b"{}", {})
    assert len(other.asked) == 2


async def test_kept_connections_are_bounded() -> None:
    async with (
        peer(always(response(202))) as one,
        peer(always(response(202))) as two,
        peer(always(response(202))) as three,
        client(ClientLimits(kept_connections=2)) as http,
    ):
        for _ in range(4):
            for other in (one, two, three):
                await http.post(other.url(), b"{}", {})
                assert http.open_connections <= 3
        assert [len(other.asked) for other in (one, two, three)] == [4, 4, 4]


# Concurrency


class Gate:
    """A server that answers only once it is opened, and counts how many wait at once."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.arrived = asyncio.Condition()
        self.waiting = self.most = 0

    async def __call__(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        async with self.arrived:
            self.waiting += 1
            self.most = max(self.most, self.waiting)
            self.arrived.notify_all()
        await self.open.wait()
        self.waiting -= 1
        writer.write(response(body=DOCUMENT))

    async def until_waiting(self, count: int) -> None:
        async with self.arrived:
            await self.arrived.wait_for(lambda: self.waiting >= count)


async def test_a_slow_host_holds_its_own_slots_only() -> None:
    gate = Gate()
    names = Names(["127.0.0.1"])
    async with (
        peer(gate) as slow,
        peer(always(response(body=DOCUMENT))) as quick,
        client(ClientLimits(gets_per_host=3), lookup=names) as http,
    ):
        urls = [f"http://slow.example:{slow.port}/{n}" for n in range(10)]
        waiting = [asyncio.create_task(http.fetch_document(url)) for url in urls]
        await gate.until_waiting(3)
        document = await http.fetch_document(f"http://quick.example:{quick.port}/")
        assert document.body == DOCUMENT
        assert http.busy_hosts == 1
        gate.open.set()
        assert len(await asyncio.gather(*waiting)) == 10
        assert http.busy_hosts == 0
    assert gate.most == 3


async def test_a_cancelled_request_gives_its_slot_back() -> None:
    gate = Gate()
    async with peer(gate) as slow, client(ClientLimits(gets_per_host=1)) as http:
        held = asyncio.create_task(http.get(slow.url(), accept="*/*"))
        await gate.until_waiting(1)
        queued = asyncio.create_task(http.get(slow.url(), accept="*/*"))
        held.cancel()
        gate.open.set()
        assert (await queued).body == DOCUMENT
        assert http.busy_hosts == 0
    assert held.cancelled()


async def test_posts_to_many_hosts_do_not_wait_for_a_slow_one() -> None:
    gate = Gate()
    async with peer(gate) as slow, peer(always(response(202))) as quick, client() as http:
        stuck = asyncio.create_task(http.post(slow.url(), b"{}", {}))
        await gate.until_waiting(1)
        results = await asyncio.gather(*(http.post(quick.url(), b"{}", {}) for _ in range(20)))
        gate.open.set()
        assert {result.status for result in results} == {202}
        assert (await stuck).status == 200


# Downloads


async def test_a_download_is_streamed_to_disk_and_hashed(tmp_path: Path) -> None:
    body = bytes(range(256)) * 8000
    async with peer(always(response(body=body, content_type="image/PNG"))) as other, client() as http:
        file = await http.download(
            other.url("/a.png"), tmp_path / "a", max_bytes=len(body), accept_types=["image/jpeg", "image/*"]
        )
    assert file.media_type == "image/png"
    assert (file.bytes, file.sha256) == (len(body), hashlib.sha256(body).hexdigest())
    assert names_in(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == body
    assert other.asked[0].headers["accept"] == "image/jpeg, image/*"


async def test_a_download_that_fails_leaves_nothing(tmp_path: Path) -> None:
    answers = {
        "/type": response(body=b"<svg/>", content_type="text/html"),
        "/large": response(body=b"a" * 2_000_000, content_type="image/png"),
        "/bomb": response(body=gzip.compress(bytes(5_000_000)), content_type="image/png", content_encoding="gzip"),
    }
    expected = {"/type": WrongType, "/large": TooLarge, "/bomb": TooLarge, "/none": BadStatus}
    async with peer(by_path(answers)) as other, client() as http:
        for path, error in expected.items():
            with pytest.raises(error):
                await http.download(other.url(path), tmp_path / "f", max_bytes=1_000_000, accept_types=["image/png"])
    assert names_in(tmp_path) == []


async def test_an_error_of_the_disk_is_not_blamed_on_the_server(tmp_path: Path) -> None:
    async with peer(always(response(body=b"x", content_type="image/png"))) as other, client() as http:
        with pytest.raises(FileNotFoundError):
            await http.download(other.url(), tmp_path / "missing" / "f", max_bytes=10, accept_types=["image/png"])
