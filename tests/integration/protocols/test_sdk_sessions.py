"""SDKs that are given a user's session: zeep sends its envelopes through it, requests-oauthlib signs its requests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import zeep
from requests_oauthlib import OAuth1
from zeep.transports import Transport

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import HttpUser, constant, task
from locust_rs.http.requests.engine_response import EngineResponse
from real_servers import Program, pick_port, running_program

from .test_examples import rows

SERVER = Path(__file__).parent / "servers" / "signed_soap.py"


@pytest.fixture
def service() -> Iterator[Program]:
    with running_program(SERVER, pick_port()) as server:
        yield server


class SoapUser(HttpUser):
    """Calls a SOAP service through zeep."""

    abstract = True
    wait_time = constant(0.02)

    def on_start(self) -> None:
        self.sums = zeep.Client(f"{self.host}/wsdl", transport=Transport(session=self.client)).service

    def on_stop(self) -> None:
        self.client.close()


class SigningUser(HttpUser):
    """Signs each request by OAuth 1."""

    abstract = True
    wait_time = constant(0.02)

    def on_stop(self) -> None:
        self.client.close()


def host_of(service: Program) -> str:
    return f"http://127.0.0.1:{service.port}"


def test_ten_users_call_a_soap_service(service: Program) -> None:
    class Adder(SoapUser):
        @task
        def add(self) -> None:
            assert self.sums.Add(2, 3) == 5

    with crowd(Adder, host=host_of(service)) as seen:
        seen.wait_for("POST /soap", 2 * TEN)
    assert seen.failed == []
    assert seen.counts()["GET /wsdl"] == TEN
    assert {type(request["response"]) for request in seen.requests} == {EngineResponse}
    sizes = {request["response_length"] for request in seen.good if request["name"] == "/soap"}
    assert len(sizes) == 1
    assert min(sizes) > 100
    leaves_no_connection(service.port)


@pytest.mark.parametrize("secret", ["secret", "another"])
def test_ten_users_sign_their_requests(service: Program, secret: str) -> None:
    class Signer(SigningUser):
        @task
        def look(self) -> None:
            self.client.get("/hello", params={"page": 1}, auth=OAuth1("key", secret), name="hello")

    with crowd(Signer, host=host_of(service)) as seen:
        seen.wait_for("GET hello", 2 * TEN)
    right, wrong = (seen.good, seen.failed) if secret == "secret" else (seen.failed, seen.good)
    assert wrong == []
    assert {request["response"].status_code for request in right} == {200 if secret == "secret" else 401}
    assert {type(request["response"]) for request in right} == {EngineResponse}
    leaves_no_connection(service.port)


def test_a_killed_service_is_a_failure_of_each_call(service: Program) -> None:
    class Adder(SoapUser):
        @task
        def add(self) -> None:
            # What zeep makes of a response without content is its own affair.
            with contextlib.suppress(Exception):
                self.sums.Add(2, 3)

    with crowd(Adder, host=host_of(service)) as seen:
        seen.wait_for("POST /soap", TEN)
        service.kill()
        failed = seen.wait_for_failures(TEN)
    assert {(request["request_type"], request["name"]) for request in failed} == {("POST", "/soap")}


def test_the_example_calls_a_soap_service(service: Program, tmp_path: Path) -> None:
    seen = rows(tmp_path, "soap_session.py", "--host", host_of(service))
    assert seen["POST", "Add"]["num_requests"] >= 1
    assert {name for _method, name in seen} == {"/wsdl", "Add"}
