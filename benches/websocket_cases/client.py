"""One library under gevent: memory of its connections and CPU time of its round trips, as one line of JSON."""

from __future__ import annotations

import locust_rs  # noqa: F401  # isort: skip  # first of all: it patches the standard library

import json
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import gevent
import psutil
from gevent.pool import Group

RoundTrip = Callable[[Any], Any]


def websocket_client(port: int, deflate: bool) -> RoundTrip:
    import websocket

    if deflate:
        print(json.dumps(None))
        raise SystemExit
    connection = websocket.create_connection(f"ws://127.0.0.1:{port}/")

    def round_trip(message: Any) -> Any:
        connection.send(message) if isinstance(message, str) else connection.send_binary(message)
        return connection.recv()

    return round_trip


def wsproto(port: int, deflate: bool) -> RoundTrip:
    from wsproto import ConnectionType, WSConnection
    from wsproto.events import AcceptConnection, BytesMessage, Message, Request, TextMessage
    from wsproto.extensions import PerMessageDeflate

    wire = socket.create_connection(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = WSConnection(ConnectionType.CLIENT)
    extensions = [PerMessageDeflate()] if deflate else []
    wire.sendall(connection.send(Request(host="127.0.0.1", target="/", extensions=extensions)))
    accepted = False
    while not accepted:
        connection.receive_data(wire.recv(65536))
        accepted = any(isinstance(event, AcceptConnection) for event in connection.events())

    def round_trip(message: Any) -> Any:
        event = TextMessage(message) if isinstance(message, str) else BytesMessage(message)
        wire.sendall(connection.send(event))
        parts: list[Any] = []
        while True:
            connection.receive_data(wire.recv(65536))
            for event in connection.events():
                if isinstance(event, Message):
                    parts.append(event.data)
                    if event.message_finished:
                        return parts[0][:0].join(parts)

    return round_trip


def websockets(port: int, deflate: bool) -> RoundTrip:
    from websockets.client import ClientProtocol
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
    from websockets.frames import Frame, Opcode
    from websockets.uri import parse_uri

    wire = socket.create_connection(("127.0.0.1", port))
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    extensions = [ClientPerMessageDeflateFactory(compress_settings={"memLevel": 5})] if deflate else None
    connection = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/"), extensions=extensions)
    connection.send_request(connection.connect())
    wire.sendall(b"".join(connection.data_to_send()))
    while not connection.events_received():
        connection.receive_data(wire.recv(65536))

    def round_trip(message: Any) -> Any:
        if isinstance(message, str):
            connection.send_text(message.encode())
        else:
            connection.send_binary(message)
        wire.sendall(b"".join(connection.data_to_send()))
        parts: list[bytes] = []
        while True:
            connection.receive_data(wire.recv(65536))
            for event in connection.events_received():
                if isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                    parts.append(event.data)
                    if event.fin:
                        answer = b"".join(parts)
                        return answer.decode() if isinstance(message, str) else answer

    return round_trip


def cpu_us(act: Callable[[], Any], times: int) -> float:
    started = time.process_time()
    act()
    return (time.process_time() - started) / times * 1e6


def main(library: str, port: int, connections: int, deflate: bool) -> None:
    process = psutil.Process()
    make = globals()[library]
    make(port, deflate)(json.dumps({"text": "warm up"}))
    before = process.memory_info().rss
    made: list[RoundTrip] = []
    connecting_us = cpu_us(lambda: made.extend(make(port, deflate) for _ in range(connections)), connections)
    text, blob = json.dumps({"id": 1, "text": "x" * 170}), bytes(range(256)) * 256

    def each(message: Any, times: int) -> Callable[[], None]:
        def talk(round_trip: RoundTrip) -> None:
            for _ in range(times):
                assert round_trip(message) == message

        def all_talk() -> None:
            group = Group()
            for round_trip in made:
                group.start(gevent.Greenlet(talk, round_trip))
            group.join()

        return all_talk

    each(text, 1)()
    after = process.memory_info().rss
    text_us = cpu_us(each(text, 20), 20 * connections)
    blob_us = cpu_us(each(blob, 1), connections)
    print(json.dumps([(after - before) / connections / 1024, connecting_us, text_us, blob_us]))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "deflate" in sys.argv)
