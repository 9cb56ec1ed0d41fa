"""A web server that counts the requests it serves, with which reported counts are compared.

`GET /count` returns the number of answers to other paths, and is not counted; `GET /times` returns the monotonic times
of those answers by the client's header `X-Node`. Prints its port.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import defaultdict

served = 0
times: dict[str, list[float]] = defaultdict(list)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    global served
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            body = b"ok"
            if path == b"/count":
                body = str(served).encode()
            elif path == b"/times":
                body = json.dumps(times).encode()
            elif path.startswith(b"/slow"):
                await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            await writer.drain()
            if path not in (b"/count", b"/times"):
                served += 1
                node = re.search(rb"(?i)x-node: (\d+)", head)
                times[node[1].decode() if node else ""].append(time.monotonic())
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
