"""A name server for UDP, TCP, TLS, HTTPS and QUIC: `python name_server.py FOLDER`.

It picks its ports and prints them as JSON once it listens. FOLDER has `server.pem` and `server.key`. It does not know
names in "nx…", and answers "held…" once 30 other names have been asked for, or after 45 seconds.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from pathlib import Path
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import StreamDataReceived

FOLDER = Path(sys.argv[1])
OTHERS = 30
LONGEST_HOLD_S = 45

asked = 0
changed = asyncio.Condition()


async def answer(packet: bytes) -> bytes:
    global asked
    query = dns.message.from_wire(packet)
    response = dns.message.make_response(query)
    name = str(query.question[0].name)
    async with changed:
        if name.startswith("held"):
            enough = asked + OTHERS
            try:
                await asyncio.wait_for(changed.wait_for(lambda: asked >= enough), LONGEST_HOLD_S)
            except TimeoutError:
                response.set_rcode(dns.rcode.SERVFAIL)
                return response.to_wire()
        else:
            asked += 1
            changed.notify_all()
    if name.startswith("nx"):
        response.set_rcode(dns.rcode.NXDOMAIN)
    else:
        response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1"))
    return response.to_wire()


def framed(packet: bytes) -> bytes:
    return len(packet).to_bytes(2, "big") + packet


class Udp(asyncio.DatagramProtocol):
    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, packet: bytes, peer: Any) -> None:
        tasks.add(task := asyncio.ensure_future(self.reply(packet, peer)))
        task.add_done_callback(tasks.discard)

    async def reply(self, packet: bytes, peer: Any) -> None:
        self.transport.sendto(await answer(packet), peer)


async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            writer.write(framed(await answer(await reader.readexactly(length))))
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        writer.close()


async def https(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """DNS over HTTP/1.1, with POST."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.partition("content-length:")[2].splitlines()[0])
            body = await answer(await reader.readexactly(length))
            headers = f"HTTP/1.1 200 OK\r\nContent-Type: application/dns-message\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(headers.encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        writer.close()


class Quic(QuicConnectionProtocol):
    received: dict[int, bytes] = {}

    def quic_event_received(self, event: Any) -> None:
        if isinstance(event, StreamDataReceived):
            received = self.received = {**self.received}
            received[event.stream_id] = received.get(event.stream_id, b"") + event.data
            if event.end_stream:
                tasks.add(task := asyncio.ensure_future(self.reply(event.stream_id, received.pop(event.stream_id)[2:])))
                task.add_done_callback(tasks.discard)

    async def reply(self, stream_id: int, packet: bytes) -> None:
        self._quic.send_stream_data(stream_id, framed(await answer(packet)), end_stream=True)
        self.transmit()


tasks: set[asyncio.Future[None]] = set()


async def main() -> None:
    certificate, key = FOLDER / "server.pem", FOLDER / "server.key"
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    quic = QuicConfiguration(is_client=False, alpn_protocols=["doq"])
    quic.load_cert_chain(certificate, key)
    here = ("127.0.0.1", 0)
    udp, _ = await asyncio.get_running_loop().create_datagram_endpoint(Udp, local_addr=here)
    streams = {
        "tcp": await asyncio.start_server(stream, *here),
        "tls": await asyncio.start_server(stream, *here, ssl=tls),
        "https": await asyncio.start_server(https, *here, ssl=tls),
    }
    ports = {name: server.sockets[0].getsockname()[1] for name, server in streams.items()}
    ports["udp"] = udp.get_extra_info("sockname")[1]
    server = await serve(*here, configuration=quic, create_protocol=Quic)
    ports["quic"] = server._transport.get_extra_info("sockname")[1]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
