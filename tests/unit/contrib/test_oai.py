"""OpenAIUser against a small service that answers like OpenAI's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from gevent.pywsgi import WSGIServer

from locust_rs.env import Environment
from locust_rs.exception import LocustError

openai = pytest.importorskip("openai", reason="openai is not installed (pip install openai httpx)")

RESPONSE = {
    "id": "r",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "output": [],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
    "usage": {"input_tokens": 3, "output_tokens": 7, "total_tokens": 10},
}
COMPLETION = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [],
    "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8},
}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def answer(environ: Any, start_response: Any) -> list[bytes]:
        sent = environ["wsgi.input"].read()
        chat = "chat" in environ["PATH_INFO"]
        start_response("401 Unauthorized" if b"refuse" in sent else "200 OK", [("content-type", "application/json")])
        return [json.dumps(COMPLETION if chat else RESPONSE).encode()]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    yield
    server.stop(timeout=0.1)


@pytest.mark.usefixtures("service")
def test_each_call_is_a_request_with_its_output_tokens(
    environment: Environment, requests: list[dict[str, Any]]
) -> None:
    from locust_rs.contrib.oai import OpenAIUser

    class Asker(OpenAIUser):
        def context(self) -> dict[str, Any]:
            return {"user": "x"}

    client = Asker(environment).client
    client.responses.create(model="m", input="hi")
    with client.rename_request("mini"):
        client.responses.create(model="m", input="hi")
    client.chat.completions.create(model="m", messages=[{"role": "user", "content": "hi"}])
    with pytest.raises(openai.AuthenticationError):
        client.responses.create(model="m", input="refuse")
    client.close()

    assert [(r["request_type"], r["name"], r["response_length"]) for r in requests] == [
        ("POST", "/v1/responses", 7),
        ("POST", "mini", 7),
        ("POST", "/v1/chat/completions", 5),
        ("POST", "/v1/responses", 7),
    ]
    assert [r["exception"] is None for r in requests] == [True, True, True, False]
    assert all(r["response_time"] > 0 and r["context"] == {"user": "x"} for r in requests)
    assert requests[0]["url"].endswith("/v1/responses")


def test_without_a_key_the_message_says_so(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    from locust_rs.contrib.oai import OpenAIUser

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    class Asker(OpenAIUser): ...

    with pytest.raises(LocustError, match="You need to set OPENAI_API_KEY"):
        Asker(environment)
