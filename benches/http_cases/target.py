"""The target: one nginx worker on a core of its own and on free ports, with a count of the requests it has served."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

CONFIGURATION = """
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    default_type text/plain;
    server {{
        listen 127.0.0.1:{port} backlog=16384;
        listen 127.0.0.1:{tls_port} ssl backlog=16384;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location = / {{ return 200 "hello world"; }}
        location = /1k {{ return 200 "{kilobyte}"; }}
        location = /cookie {{ add_header Set-Cookie "session=0123456789abcdef; Path=/"; return 200 "ok"; }}
        location = /json {{ default_type application/json; return 200 '{{"status": "ok", "items": [1, 2, 3]}}'; }}
        location = /redirect {{ return 302 /json; }}
        location = /served {{ stub_status; }}
    }}
}}
"""


class Target:
    """A running nginx; use as a context manager.

    Attributes:
        url: Base URL, plain.
        tls_url: Base URL, TLS with a self-signed certificate.
    """

    def __init__(self, core: int | None = 1) -> None:
        if shutil.which("nginx") is None:
            raise SystemExit("this bench needs nginx on PATH (Debian: apt-get install nginx-light)")
        self._core = core
        self._folder = tempfile.TemporaryDirectory(prefix="bench-nginx-")
        self._port, self._tls_port = _free_port(), _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.tls_url = f"https://127.0.0.1:{self._tls_port}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Target:
        folder = Path(self._folder.name)
        folder.chmod(0o755)
        _make_certificate(folder)
        configuration = folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, port=self._port, tls_port=self._tls_port, kilobyte="x" * 1024)
        )
        pinning = ["taskset", "-c", str(self._core)] if self._core is not None and shutil.which("taskset") else []
        self._process = subprocess.Popen([*pinning, "nginx", "-c", str(configuration), "-p", str(folder)])
        deadline = time.monotonic() + 10
        while True:
            try:
                self.served()
                return self
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(timeout=10)
        self._folder.cleanup()

    def served(self) -> int:
        """Requests answered since the start, this one included."""
        with urllib.request.urlopen(f"{self.url}/served", timeout=10) as answer:
            return int(answer.read().split(b"\n")[2].split()[2])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make_certificate(folder: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
