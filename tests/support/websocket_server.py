"""A WebSocket server of the package websockets, and what starts it in a process of its own.

What a connection does is in its path: `/echo`, `/rpc` (answers after `delay_ms`, so in an order of its own), `/push`
(`count` messages, then the end with `code`), `/silent`, `/headers` (those of the handshake), `/codes` (those by
which earlier connections ended), `/flood` (sends without
end and reads nothing), `/bad` (a frame that breaks the protocol), `/refuse` (status 403).
"""

from __future__ import annotations

import asyncio
import http
import json
import logging
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SUBPROTOCOLS = ["chat.v2", "chat.v1"]
"""Those of the server, the preferred one first."""


@dataclass
class WebSocketServer:
    """A server in a process of its own."""

    process: subprocess.Popen[str]
    port: int
    scheme: str

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Ends it as a crash would."""
        self.process.kill()
        self.process.wait()


@contextmanager
def websocket_server(*, certificate: Path | None = None, port: int = 0) -> Iterator[WebSocketServer]:
    """Runs a server.

    Args:
        certificate: Key and certificate; with them it speaks TLS.
        port: 0: one that is free.
    """
    command = [sys.executable, __file__, str(port), *([str(certificate)] if certificate else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield WebSocketServer(process, int(process.stdout.readline()), "wss" if certificate else "ws")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def _serve(port: int, certificate: Sequence[str]) -> None:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed
    from websockets.http11 import Request, Response

    codes: list[int | None] = []

    async def answer_later(connection: ServerConnection, call: dict[str, Any]) -> None:
        await asyncio.sleep(call.get("delay_ms", 0) / 1000)
        await connection.send(json.dumps({"id": call["id"], "result": call.get("value")}))

    async def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        parts = urlsplit(connection.request.path)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/push":
            for number in range(int(query["count"])):
                await connection.send(f"push {number}")
            await connection.close(int(query.get("code", "1000")), query.get("reason", ""))
        elif parts.path == "/headers":
            await connection.send(json.dumps(dict(connection.request.headers.raw_items())))
        elif parts.path == "/codes":
            await connection.send(json.dumps(codes))
        elif parts.path == "/bad":
            connection.transport.write(b"\xff\x00")
        elif parts.path == "/flood":
            while True:
                await connection.send("x" * 1000)
                await asyncio.sleep(0)
        async for message in connection:
            if parts.path == "/rpc":
                asyncio.get_running_loop().create_task(answer_later(connection, json.loads(message)))
            elif parts.path != "/silent":
                await connection.send(message)

    async def handler(connection: ServerConnection) -> None:
        with suppress(ConnectionClosed):  # the client may go at any time
            await talk(connection)
        await connection.wait_closed()
        codes.append(connection.close_code)

    def process_request(connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/refuse":
            return connection.respond(http.HTTPStatus.FORBIDDEN, "not for you\n")
        return None

    def process_response(connection: ServerConnection, request: Request, response: Response) -> None:
        response.headers["Set-Cookie"] = "session=42; Path=/"

    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate[0])
    async with serve(
        handler,
        "127.0.0.1",
        port,
        ssl=context,
        select_subprotocol=lambda _, offered: next((name for name in SUBPROTOCOLS if name in offered), None),
        process_request=process_request,
        process_response=process_response,
        ping_interval=None,
        max_size=None,
        backlog=5000,
        open_timeout=120,
    ) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


if __name__ == "__main__":
    logging.disable()
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2:]))
