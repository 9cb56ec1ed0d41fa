"""The process that serves the sample shop: `python -m locust_rs.demo.service [--port N]`.

It prints `listening on http://127.0.0.1:PORT` once it is ready, and ends when its standard input closes, so
that it never outlives the command that started it. Start it with `LOCUST_SKIP_MONKEY_PATCH=1`: asyncio does
not work on a patched standard library.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import threading

from locust_rs.demo.http_server import HttpProtocol
from locust_rs.demo.shop import Shop


async def serve(port: int) -> None:
    """Serves a new shop on the loopback interface until standard input ends or a signal comes.

    Args:
        port: TCP port; 0 takes a free one.

    Raises:
        OSError: The port is taken.
    """
    shop = Shop()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = await loop.create_server(lambda: HttpProtocol(shop.handle), "127.0.0.1", port, backlog=1024)
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: the closed standard input is enough
            loop.add_signal_handler(number, ended.set)
    address = server.sockets[0].getsockname()
    print(f"listening on http://127.0.0.1:{address[1]}", flush=True)
    _watch_standard_input(loop, ended)
    await ended.wait()
    server.close()


def _watch_standard_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Sets `ended` once the parent has closed our standard input, which it also does by dying."""

    def wait() -> None:
        sys.stdin.buffer.read()
        with contextlib.suppress(RuntimeError):  # the loop is closed already: a signal came first
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, name="standard-input", daemon=True).start()


def main() -> None:
    """Parses the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m locust_rs.demo.service", description="The sample shop.")
    parser.add_argument("--port", type=int, default=0, help="TCP port; a free one by default")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.port))
    except OSError as error:
        sys.exit(f"the sample service can't listen on port {options.port}: {error.strerror}; choose another --port")


if __name__ == "__main__":
    main()
