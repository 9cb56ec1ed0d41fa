"""A small server that counts the requests it serves, with which the web UI's numbers are compared.

Run as `python target.py`; prints its port. `/count` answers the requests served per path; `/bad` answers 500;
`/slow` takes 50 ms; `/moved` redirects. Everything else is 200.
"""

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

served: Counter[str] = Counter()
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    """Counts and answers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answers one request."""
        path = self.path.partition("?")[0]
        if path == "/count":
            with lock:
                body = json.dumps(served).encode()
        else:
            if path == "/slow":
                time.sleep(0.05)
            with lock:
                served[path] += 1
            body = b"hello"
        self.send_response(500 if path == "/bad" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    # Ends with the process that started it.
    threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
    server.serve_forever()
