"""The sample shop, which also writes down what it is asked: `python recorded_shop.py LOG` prints its URL.

It ends when its standard input does. Start it with `LOCUST_SKIP_MONKEY_PATCH=1`: asyncio needs the standard library as
it is.
"""

from __future__ import annotations

import asyncio
import json
import sys

from locust_rs.demo.http_server import HttpProtocol, Reply, Request
from locust_rs.demo.shop import Shop


async def serve(log_path: str) -> None:
    shop = Shop()
    with open(log_path, "w", buffering=1) as log:

        def handle(request: Request) -> Reply:
            reply = shop.handle(request)
            assert isinstance(reply, Reply), "no page of the journey makes its visitors wait"
            seen = {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "body": request.body.decode(),
                "type": request.headers.get("content-type"),
                "status": reply.status,
            }
            print(json.dumps(seen), file=log)
            return reply

        server = await asyncio.get_running_loop().create_server(lambda: HttpProtocol(handle), "127.0.0.1", 0)
        print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.to_thread(sys.stdin.buffer.read)


asyncio.run(serve(sys.argv[1]))
