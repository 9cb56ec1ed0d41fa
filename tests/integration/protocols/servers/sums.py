"""An XML-RPC server that adds and divides: `python sums.py PORT`; it answers `hold` when it has added 30 times more."""

import sys
import threading
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


added = 0
turn = threading.Condition()


def add(a: int, b: int) -> int:
    global added
    with turn:
        added += 1
        turn.notify_all()
    return a + b


def hold() -> str:
    with turn:
        until = added + 30
        turn.wait_for(lambda: added >= until)
    return "held"


server = Server(("127.0.0.1", int(sys.argv[1])), Handler, logRequests=False)
server.register_function(add)
server.register_function(hold)
server.register_function(lambda a, b: a / b, "divide")
server.serve_forever()
