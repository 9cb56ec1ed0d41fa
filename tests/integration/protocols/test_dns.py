"""DNSUser over UDP, TCP, TLS, HTTPS and QUIC against a name server in a process of its own."""

from __future__ import annotations

import gc
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import pytest
import trustme
from gevent.event import Event

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant, task
from locust_rs.contrib.dns import DNSUser
from real_servers import RACES_WITH_SERVERS

# dnspython leaves sockets of failed handshakes, and those that wake its QUIC loop, to the garbage collector.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), RACES_WITH_SERVERS]

SERVER = Path(__file__).parent / "servers" / "name_server.py"
PROTOCOLS = ["udp", "tcp", "tls", "https", "quic"]


class NameServer:
    """The server and its ports by protocol."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen([sys.executable, str(SERVER), str(folder)], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.ports: dict[str, int] = json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a certificate and the authority to trust."""
    made = tmp_path_factory.mktemp("names")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(made / "server.key")
    certificate.cert_chain_pems[0].write_to_path(made / "server.pem")
    authority.cert_pem.write_to_path(made / "ca.pem")
    return made


@pytest.fixture(scope="module")
def names(folder: Path) -> Iterator[NameServer]:
    server = NameServer(folder)
    yield server
    server.kill()


def user_class(protocol: str, port: int, folder: Path) -> type[DNSUser]:
    """Users that ask over the protocol for names that there are, that there are not, and one that is held."""
    if protocol in ("https", "quic"):
        pytest.importorskip({"https": "httpx", "quic": "aioquic"}[protocol])
    options: dict[str, Any] = {"port": port, "timeout": 60}
    if protocol == "tls":
        options["ssl_context"] = ssl.create_default_context(cafile=str(folder / "ca.pem"))
        options["server_hostname"] = "127.0.0.1"
    elif protocol == "https":
        options["verify"] = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    elif protocol == "quic":
        options["verify"] = str(folder / "ca.pem")
    first = Event()

    class Resolver(DNSUser):
        wait_time = constant(0.02)

        def ask(self, name: str) -> Any:
            began = time.perf_counter()
            answer = getattr(self.client, protocol)(
                dns.message.make_query(name, "A"), "127.0.0.1", name=name, **options
            )
            around[name] = min(around.get(name, 1e9), (time.perf_counter() - began) * 1000)
            return answer

        @task
        def look_up(self) -> None:
            if not first.is_set():
                first.set()
                answer = self.ask("held.example")
                assert answer is not None
                assert answer.answer, "the others could not ask"
            answer = self.ask("ok.example")
            assert answer is None or answer.answer[0][0].to_text() == "192.0.2.1"
            self.ask("nx.example")

    around: dict[str, float] = {}
    Resolver.around = around  # type: ignore[attr-defined]
    return Resolver


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_ten_users_ask_at_once(names: NameServer, folder: Path, protocol: str) -> None:
    """One of them waits for its answer until the others have asked 30 times."""
    cls = user_class(protocol, names.ports[protocol], folder)
    with crowd(cls) as seen:
        seen.wait_for("DNS held.example", 1)
        seen.wait_for("DNS nx.example", 2 * TEN)
    assert {request["name"] for request in seen.good} == {"ok.example", "held.example"}
    assert {(request["name"], str(request["exception"])) for request in seen.failed} == {
        ("nx.example", "No answer in DNS response")
    }
    fastest = min(request["response_time"] for request in seen.requests if request["name"] == "ok.example")
    assert 0 < fastest <= cls.around["ok.example"]  # type: ignore[attr-defined]
    leaves_no_connection(names.ports[protocol])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_server_that_dies_hangs_no_user(folder: Path, protocol: str) -> None:
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    options: dict[str, Any] = {
        "tls": {"ssl_context": trust, "server_hostname": "127.0.0.1"},
        "https": {"verify": trust},
        "quic": {"verify": str(folder / "ca.pem")},
    }.get(protocol, {})

    class Impatient(DNSUser):
        wait_time = constant(0.02)

        @task
        def look_up(self) -> None:
            query, port = dns.message.make_query("ok.example", "A"), server.ports[protocol]
            getattr(self.client, protocol)(query, "127.0.0.1", port=port, timeout=0.5, **options)

    server = NameServer(folder)
    try:
        with crowd(Impatient) as seen:
            seen.wait_for(f"DNS {protocol}", TEN)
            server.kill()
            seen.wait_for_failures(len(seen.failed) + 3 * TEN)
    finally:
        server.kill()
