"""A target that answers at once but for one stall, and logs what it saw: `stalling_target.py AFTER_S STALL_S`.

Paths are `/USER`. Prints its port and serves until its standard input ends; then prints, as one line of JSON, a list of
user, arrival at the socket (the system's time stamp) and answer for every request, in epoch seconds.
"""

import json
import socket
import struct
import sys
import threading
import time

SO_TIMESTAMPNS = 35
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

after_s, stall_s = (float(argument) for argument in sys.argv[1:3])
log: list[tuple[str, float, float]] = []
begun = 0.0


def serve(connection: socket.socket) -> None:
    """Answers one request after the other."""
    global begun
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    while True:
        data, stamps, _, _ = connection.recvmsg(4096, 64)
        if not data:
            return
        seconds, nanoseconds = struct.unpack("qq", stamps[0][2][:16]) if stamps else (time.time(), 0)
        arrived = seconds + nanoseconds / 1e9
        begun = begun or arrived
        if begun + after_s <= arrived < begun + after_s + stall_s:
            time.sleep(max(0.0, begun + after_s + stall_s - time.time()))
        answered = time.time()
        connection.sendall(RESPONSE)
        log.append((data.split(b" ")[1][1:].decode(), arrived, answered))


def accept(listener: socket.socket) -> None:
    """Gives each connection a thread."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


listening = socket.create_server(("127.0.0.1", 0), backlog=256)
threading.Thread(target=accept, args=(listening,), daemon=True).start()
print(listening.getsockname()[1], flush=True)
sys.stdin.read()
print(json.dumps(log))
