"""`locust-rs demo` from start to end, and the sample shop by itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sample_shop import sample_shop as shop


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("locust-rs"), "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90)


def test_demo_runs_a_load_test_and_every_request_is_counted() -> None:
    finished = run_demo("-u", "20", "-r", "20", "-t", "3s")
    assert finished.returncode == 0, finished.stderr
    assert "every one was counted" in finished.stdout
    table = finished.stderr
    for name in ("/login", "/products/[id]", "/search?q=[word]", "/reports/sales", "Aggregated"):
        assert name in table
    assert "Traceback" not in finished.stdout + finished.stderr


def test_demo_names_the_port_that_is_taken(sample_shop: str) -> None:
    port = sample_shop.rpartition(":")[2]
    finished = run_demo("--port", port)
    assert finished.returncode != 0
    assert f"can't listen on 127.0.0.1:{port}" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_locustfile_is_printed_as_it_is() -> None:
    printed = run_demo("--show-locustfile").stdout
    assert "class Shopper(FastHttpUser)" in printed
    compile(printed, "shop.py", "exec")


def test_the_shop_is_served_until_a_signal() -> None:
    command = [Path(sys.executable).with_name("locust-rs"), "demo", "--serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as demo:
        try:
            assert demo.stdout is not None
            url = next(line.split()[-1] for line in demo.stdout if "listening on" in line)
            assert fetch(f"{url}/search?q=lantern")[0] == 200
        finally:
            demo.send_signal(signal.SIGINT)
        assert demo.wait(timeout=30) == 0
    with pytest.raises(OSError, match="refused"):
        fetch(f"{url}/search?q=lantern")


@pytest.fixture
def sample_shop() -> Iterator[str]:
    with shop() as url:
        yield url


def fetch(url: str, body: object = None, **headers: str) -> tuple[int, dict[str, object], str | None]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), answer.headers.get("Set-Cookie")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), None


def test_a_purchase_needs_a_login_and_a_product(sample_shop: str) -> None:
    assert fetch(f"{sample_shop}/cart")[0] == 401
    assert fetch(f"{sample_shop}/login", {"username": "a", "password": "wrong"})[0] == 401
    status, _, cookie = fetch(f"{sample_shop}/login", {"username": "a", "password": "locust"})
    assert status == 200
    assert cookie is not None
    session = {"Cookie": cookie.partition(";")[0]}
    assert fetch(f"{sample_shop}/checkout", {}, **session)[0] == 409
    assert fetch(f"{sample_shop}/cart", {"product_id": 0}, **session)[0] == 400
    assert fetch(f"{sample_shop}/cart", {"product_id": 7}, **session)[0] == 201
    assert fetch(f"{sample_shop}/cart", **session)[1] == {"items": [{"product_id": 7, "quantity": 1}]}
    status, receipt, _ = fetch(f"{sample_shop}/checkout", {}, **session)
    assert status == 201
    assert receipt["total"]


@pytest.mark.parametrize("path", ["/nope", "/products/0", "/products/x", "/products?page=0"])
def test_what_is_not_there_is_an_error_with_a_reason(sample_shop: str, path: str) -> None:
    status, answer, _ = fetch(f"{sample_shop}{path}")
    assert status in (400, 404)
    assert answer["error"]


def test_health_counts_what_was_served_without_itself(sample_shop: str) -> None:
    before = fetch(f"{sample_shop}/health")[1]["served"]
    fetch(f"{sample_shop}/search?q=lantern")
    assert fetch(f"{sample_shop}/health")[1]["served"] == before + 1  # type: ignore[operator]
