"""An echo server; prints its port."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.server import ServerConnection, serve


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def main(compression: str | None) -> None:
    async with serve(echo, "127.0.0.1", 0, compression=compression, ping_interval=None) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()


asyncio.run(main("deflate" if "deflate" in sys.argv else None))
