"""A server that writes down every byte it is sent, and answers as `answers.py` says.

It runs in a process of its own, so that it neither shares a loop nor a patched standard library with the client
under test: `python server.py` prints `{"ports": [p0, p1]}` and then obeys lines on its standard input: `drain`
prints the requests recorded since the last one as a JSON list, and the end of input ends it.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import sys
import threading
import time

from answers import ANSWERS, Step, http

STALL_S = 60.0
"""How long a stalled connection is kept; clients under test give up long before."""


class Recorder:
    """Two listening sockets (two origins on one host) and the list of what arrived."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[dict[str, object]] = []
        self._connections = 0
        self._listeners = [socket.create_server(("127.0.0.1", 0), backlog=128) for _ in range(2)]
        self.ports = [listener.getsockname()[1] for listener in self._listeners]

    def start(self) -> None:
        """Accepts connections until the process ends."""
        for index, listener in enumerate(self._listeners):
            threading.Thread(target=self._accept, args=(index, listener), daemon=True).start()

    def drain(self) -> list[dict[str, object]]:
        """Hands out the records and forgets them."""
        with self._lock:
            records, self._records = self._records, []
            return records

    def _accept(self, index: int, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections += 1
                number = self._connections
            threading.Thread(target=self._serve, args=(index, number, connection), daemon=True).start()

    def _serve(self, index: int, number: int, connection: socket.socket) -> None:
        buffered = b""
        with connection:
            try:
                while True:
                    raw, buffered = read_request(connection, buffered)
                    if not raw:
                        return
                    with self._lock:
                        text = raw.decode("latin-1")
                        self._records.append({"origin": index, "connection": number, "raw": text})
                    if not self._answer(raw, connection):
                        return
            except OSError:
                return

    def _answer(self, raw: bytes, connection: socket.socket) -> bool:
        """Plays the steps for the request's path. Returns whether the connection stays open."""
        method, target, _ = raw.split(b"\r\n", 1)[0].split(b" ", 2)
        path = re.sub(rb"^http://[^/]+", b"", target).split(b"?")[0].decode("latin-1")
        for step in steps_for(path):
            if step[0] == "send":
                payload = step[1]
                for position, port in enumerate(self.ports):
                    payload = payload.replace(b"%%PORT%d%%" % position, b"%d" % port)
                if method == b"HEAD":
                    payload = payload.split(b"\r\n\r\n", 1)[0] + b"\r\n\r\n"
                connection.sendall(payload)
            elif step[0] == "sleep":
                time.sleep(step[1])
            elif step[0] == "stall":
                connection.settimeout(STALL_S)
                connection.recv(1)
                return False
            elif step[0] == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            else:
                return False
        return True


def steps_for(path: str) -> list[Step]:
    """The steps of a path, those it carries itself, or a default that names the path."""
    if path.startswith("/raw/"):
        raw = base64.urlsafe_b64decode(path[len("/raw/") :])
        framed = b"content-length" in raw.lower() or b"chunked" in raw.lower()
        return [("send", raw)] if framed else [("send", raw), ("close",)]
    return ANSWERS.get(path, [("send", http(f"you asked for {path}".encode("latin-1")))])


def read_request(connection: socket.socket, buffered: bytes) -> tuple[bytes, bytes]:
    """Reads one request with its body, as it is framed on the wire.

    Returns:
        The raw request (empty when the client has closed) and what was read beyond it.
    """
    while b"\r\n\r\n" not in buffered:
        block = connection.recv(65536)
        if not block:
            return b"", b""
        buffered += block
    head, rest = buffered.split(b"\r\n\r\n", 1)
    head += b"\r\n\r\n"
    lowered = head.lower()
    if b"expect: 100-continue" in lowered:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: *(\d+)", lowered)
    if b"transfer-encoding: chunked" in lowered:
        while not (rest.startswith(b"0\r\n\r\n") or b"\r\n0\r\n\r\n" in rest):
            block = connection.recv(65536)
            if not block:
                return head + rest, b""
            rest += block
        end = 5 if rest.startswith(b"0\r\n\r\n") else rest.index(b"\r\n0\r\n\r\n") + 7
        return head + rest[:end], rest[end:]
    wanted = int(length.group(1)) if length else 0
    while len(rest) < wanted:
        block = connection.recv(65536)
        if not block:
            return head + rest, b""
        rest += block
    return head + rest[:wanted], rest[wanted:]


def main() -> None:
    """Serves until the standard input ends."""
    recorder = Recorder()
    recorder.start()
    print(json.dumps({"ports": recorder.ports}), flush=True)
    for line in sys.stdin:
        if line.strip() == "drain":
            print(json.dumps(recorder.drain()), flush=True)


if __name__ == "__main__":
    main()
