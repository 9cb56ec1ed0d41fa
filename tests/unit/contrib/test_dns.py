"""DNSUser against a small name server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import dns.message
import dns.rcode
import dns.rrset
import gevent
import pytest

from locust_rs.contrib.dns import DNSUser
from locust_rs.env import Environment


@pytest.fixture
def name_server() -> Iterator[int]:
    """The port of a name server. It does not know names in "nx…", sends garbage for "bad" and nothing for "silent"."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                packet, peer = server.recvfrom(4096)
                query = dns.message.from_wire(packet)
                response = dns.message.make_response(query)
                name = str(query.question[0].name)
                if name.startswith("silent"):
                    continue
                if name.startswith("nx"):
                    response.set_rcode(dns.rcode.NXDOMAIN)
                else:
                    response.answer.append(dns.rrset.from_text(name, 60, "IN", "A", "192.0.2.1"))
                server.sendto(b"xx" if name.startswith("bad") else response.to_wire(), peer)

        greenlet = gevent.spawn(serve)
        yield server.getsockname()[1]
        greenlet.kill()


class Resolver(DNSUser): ...


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("ok.example", None),
        ("nx.example", "No answer in DNS response"),
        ("bad.example", "too short"),
        ("silent.example", "timed out"),
    ],
)
def test_each_query_is_a_request(
    name_server: int,
    environment: Environment,
    requests: list[dict[str, Any]],
    name: str,
    failure: str | None,
) -> None:
    user = Resolver(environment)
    response = user.client.udp(dns.message.make_query(name, "A"), "127.0.0.1", port=name_server, timeout=0.5)
    (request,) = requests
    assert (request["request_type"], request["name"]) == ("DNS", "udp")
    assert request["response"] is response
    assert request["response_time"] > 0
    if failure is None:
        assert request["exception"] is None
        assert response.answer[0][0].to_text() == "192.0.2.1"
    else:
        assert failure in str(request["exception"])


def test_a_refused_connection_is_a_failed_request(
    environment: Environment, requests: list[dict[str, Any]], free_port: int
) -> None:
    query = dns.message.make_query("x.example", "A")
    assert Resolver(environment).client.tcp(query, "127.0.0.1", port=free_port, timeout=1, name="mine") is None
    assert requests[0]["name"] == "mine"
    assert isinstance(requests[0]["exception"], ConnectionRefusedError)


def test_an_unknown_function_is_an_error(environment: Environment) -> None:
    with pytest.raises(AttributeError, match="nope"):
        _ = Resolver(environment).client.nope
