"""Which servers take a domain's mail: asked of a real name server, which may also say nothing."""

from __future__ import annotations

import asyncio
from typing import cast

import dns.message
import dns.rcode
import dns.rrset

from node.mail_exchangers import MOST, mail_exchangers

RECORDS = {
    "mail.example.": ["10 MX.Host.example.", "20 backup.example."],
    "many.example.": [f"{number} mx{number}.example." for number in range(30)],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers what stands in `RECORDS`."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        answer = dns.message.make_response(query)
        name = str(query.question[0].name)
        if name in RECORDS:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *RECORDS[name]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), addr)


async def test_the_servers_of_a_domain_are_named_and_none_where_there_are_none() -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]

    async def named(domain: str) -> list[str]:
        return await mail_exchangers(domain, ask=["127.0.0.1"], port=port)

    try:
        assert sorted(await named("mail.example")) == ["backup.example", "mx.host.example"]
        assert len(await named("many.example")) == MOST
        for domain in ("nothing.example", "", "..", "x" * 300):
            assert await named(domain) == []
    finally:
        transport.close()
