"""The process that serves the sample shop: `python -m locust_rs.demo.service [--host ADDRESS] [--port N]`.

It prints `listening on http://ADDRESS:PORT` once it is ready, and ends when its standard input is closed, so it never
outlives the command that started it. Start it with `LOCUST_SKIP_MONKEY_PATCH=1`, because asyncio does not work with a
patched standard library.
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


async def serve(port: int, host: str = "127.0.0.1") -> None:
    """Serves a new shop until standard input is closed or a signal arrives.

    Args:
        port: TCP port; 0 takes a free one.
        host: Address to listen on.

    Raises:
        OSError: The port is taken, or the address is not one of this machine.
    """
    shop = Shop()
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    server = await loop.create_server(lambda: HttpProtocol(shop.handle), host, port, backlog=1024)
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: the closed standard input is enough
            loop.add_signal_handler(number, ended.set)
    address = server.sockets[0].getsockname()
    shown = f"[{address[0]}]" if ":" in address[0] else address[0]
    print(f"listening on http://{shown}:{address[1]}", flush=True)
    _watch_standard_input(loop, ended)
    await ended.wait()
    server.close()


def _watch_standard_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    """Sets `ended` once the parent closes our standard input, which also happens when the parent dies."""

    def wait() -> None:
        sys.stdin.buffer.read()
        with contextlib.suppress(RuntimeError):  # the loop is closed already, because a signal came first
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, name="standard-input", daemon=True).start()


def main() -> str | None:
    """Parses the command line and serves. Returns an error message, or None, for `sys.exit`."""
    parser = argparse.ArgumentParser(prog="python -m locust_rs.demo.service", description="The sample shop.")
    parser.add_argument("--port", type=int, default=0, help="TCP port; a free one by default")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; the loopback interface by default")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.port, options.host))
    except OSError as error:
        where = f"{options.host}:{options.port}"
        return f"the sample service can't listen on {where}: {error.strerror}; choose another --port or --host"
    return None


if __name__ == "__main__":
    sys.exit(main())
