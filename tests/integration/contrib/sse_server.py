"""A server of event streams in a process of its own.

`/events?…` sends `count` events behind the id in Last-Event-ID. With `gate=NAME` it waits before each event after the
first until somebody has got `/open?gate=NAME`. Other words of the query: `close` (no chunks: the body ends with the
connection), `torn` (a chunk for every byte), `coding` (gzip), `status`, `type`, `until` (204 from this id on), and how
it ends: `hang`, `break` (in the middle). A POST gets the words of its body as events.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

OPENED: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(0))
"""How many events may still leave by a gate."""


@dataclass
class StreamServer:
    """The server as its tests see it."""

    process: subprocess.Popen[str]
    url: str


@contextmanager
def stream_server() -> Iterator[StreamServer]:
    """Runs a server."""
    process = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield StreamServer(process, f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Streams(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_args: Any) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        """Events of the words of the body."""
        words = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.begin("200", {})
        for word in words:
            self.piece(f"data: {word}\n\n".encode())
        self.piece(b"")

    def do_GET(self) -> None:
        """Events."""
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        last = int(self.headers.get("Last-Event-ID") or 0)
        status = "204" if "until" in query and last >= int(query["until"]) else query.get("status", "200")
        if parts.path == "/open":
            OPENED[query["gate"]].release()
            status = "204"
        self.begin(status, query)
        if status != "200":
            return
        self.piece(b"retry: 5\n\n")
        for number in range(last + 1, last + 1 + int(query["count"])):
            if "gate" in query and number > last + 1:
                OPENED[query["gate"]].acquire()
            text = f"id: {number}\nevent: tick\ndata: grüße\ndata: {self.headers['Accept']}\n\n".encode()
            for piece in [text[at : at + 1] for at in range(len(text))] if "torn" in query else [text]:
                self.piece(piece)
        if "hang" in query:
            threading.Event().wait()
        if "break" in query:
            self.close_connection = True
        else:
            self.piece(b"")

    def begin(self, status: str, query: dict[str, str]) -> None:
        """Sends the header."""
        self.is_chunked = status == "200" and "close" not in query
        self.compressor = zlib.compressobj(wbits=31) if "coding" in query else None
        self.send_response(int(status))
        self.send_header("Content-Type", query.get("type", "text/event-stream; charset=utf-8"))
        if self.compressor:
            self.send_header("Content-Encoding", "gzip")
        if self.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif status != "204":
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()

    def piece(self, text: bytes) -> None:
        """Sends a piece at once; nothing ends the body."""
        is_last = not text
        if self.compressor:
            text = self.compressor.compress(text) + self.compressor.flush(
                zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH
            )
        if text:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text) if self.is_chunked else text)
        if is_last and self.is_chunked:
            self.wfile.write(b"0\r\n\r\n")


class QuietServer(ThreadingHTTPServer):
    """Says nothing of clients that have gone."""

    daemon_threads = True

    def handle_error(self, *_args: Any) -> None:
        """Nothing."""


if __name__ == "__main__":
    serving = QuietServer(("127.0.0.1", 0), Streams)
    print(serving.server_port, flush=True)
    serving.serve_forever()
