"""A target that answers after an exact delay and measures what it took: `exact_delay.py DELAY_MS`.

Prints its port, serves until its standard input ends, then prints how many requests it answered and their mean time,
from the arrival at the socket (the system's time stamp) to the answer, as one JSON line.
"""

import json
import socket
import struct
import sys
import threading
import time

SO_TIMESTAMPNS = 35
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

delay_s = float(sys.argv[1]) / 1000
taken_s: list[float] = []


def arrival(connection: socket.socket) -> float | None:
    """When the request came, in epoch seconds; None: it is the end."""
    data, stamps, _, _ = connection.recvmsg(4096, 64)
    if not data:
        return None
    for _level, _kind, stamp in stamps:
        seconds, nanoseconds = struct.unpack("qq", stamp[:16])
        return float(seconds + nanoseconds / 1e9)
    return time.time()


def serve(connection: socket.socket) -> None:
    """Answers one request after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    while (arrived := arrival(connection)) is not None:
        time.sleep(max(0.0, arrived + delay_s - time.time()))
        connection.sendall(RESPONSE)
        taken_s.append(time.time() - arrived)


def accept(listener: socket.socket) -> None:
    """Gives each connection a thread."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


listening = socket.create_server(("127.0.0.1", 0), backlog=256)
threading.Thread(target=accept, args=(listening,), daemon=True).start()
print(listening.getsockname()[1], flush=True)
sys.stdin.read()
print(json.dumps({"served": len(taken_s), "mean_ms": sum(taken_s) / max(1, len(taken_s)) * 1000}))
