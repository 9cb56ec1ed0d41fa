"""An XML-RPC server that adds and divides: `python sums.py PORT`."""

import sys
from socketserver import ThreadingMixIn
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer


class Handler(SimpleXMLRPCRequestHandler):
    protocol_version = "HTTP/1.1"


class Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


server = Server(("127.0.0.1", int(sys.argv[1])), Handler, logRequests=False)
server.register_function(lambda a, b: a + b, "add")
server.register_function(lambda a, b: a / b, "divide")
server.serve_forever()
