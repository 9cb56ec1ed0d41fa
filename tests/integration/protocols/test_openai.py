"""OpenAIUser: OpenAI's SDK against a local service of its API, with streams."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from crowd import TEN, crowd
from locust_rs import constant, task
from real_servers import RACES_WITH_SERVERS, Program, pick_port, running_program

from .test_examples import rows

openai = pytest.importorskip("openai", reason="openai is not installed")

from locust_rs.contrib.oai import OpenAIUser  # noqa: E402  # needs openai

# httpx leaves the connections of a client that nobody has closed to the garbage collector.
pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"), RACES_WITH_SERVERS]

SERVER = Path(__file__).parent / "servers" / "model.py"
CHAT, FIRST = "POST /v1/chat/completions", "TTFT /v1/chat/completions"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("OPENAI_API_KEY", "key")
    with running_program(SERVER, pick_port()) as server:
        yield server
    gc.collect()


class Asker(OpenAIUser):
    abstract = True
    wait_time = constant(0.02)

    def ask(self, text: str, **options: Any) -> Any:
        question = [{"role": "user", "content": text}]
        return self.client.chat.completions.create(model="m", messages=question, **options)


def test_ten_users_read_streams(service: Program) -> None:
    class Reader(Asker):
        host = f"http://127.0.0.1:{service.port}/v1"

        @task
        def read(self) -> None:
            chunks = self.ask("?", stream=True, stream_options={"include_usage": True})
            tokens = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
            assert tokens == ["", "to", "be", "or"]

    with crowd(Reader) as seen:
        seen.wait_for(CHAT, 2 * TEN)
    firsts = [request for request in seen.requests if request["request_type"] == "TTFT"]
    wholes = [request for request in seen.requests if request["request_type"] == "POST"]
    assert seen.failed == []
    # Those that were stopped between their first token and their end have only a first token.
    assert len(wholes) <= len(firsts) <= len(wholes) + TEN
    assert {request["response_length"] for request in wholes} == {3}
    assert min(request["response_time"] for request in firsts) >= 100
    assert min(request["response_time"] for request in wholes) >= 300
    paces = [[r["response_time"] for r in seen.requests if r["request_type"] == kind] for kind in ("ITL", "TPS")]
    assert len(paces[0]) == len(paces[1]) > 0
    assert [round(between_ms * per_s) for between_ms, per_s in zip(*paces, strict=True)] == [1000] * len(paces[0])
    # Two waits between three tokens are a part of the whole.
    assert 0 < 2 * max(paces[0]) < max(request["response_time"] for request in wholes)


def test_a_slow_answer_holds_nobody_and_a_dead_service_fails(service: Program) -> None:
    first = Event()

    class Mixed(Asker):
        host = f"http://127.0.0.1:{service.port}/v1"

        def on_start(self) -> None:
            self.client.max_retries = 0

        @task
        def read(self) -> None:
            if not first.is_set():
                first.set()
                assert self.ask("hold").choices[0].message.content == "held"
            for text in ("?", "refuse"):
                try:
                    self.ask(text)
                except openai.APIError:
                    continue

    with crowd(Mixed) as seen:
        seen.wait_for(CHAT, 4 * TEN)
        assert {request["response_length"] for request in seen.good} == {3}
        assert all("400 Bad Request" in str(request["exception"]) for request in seen.failed)
        service.kill()
        seen.wait_for_failures(len(seen.failed) + 3 * TEN)


def test_the_example_reads_streams(service: Program, tmp_path: Path) -> None:
    seen = rows(tmp_path, "openai_chat.py", "--host", f"http://127.0.0.1:{service.port}/v1")
    assert (
        seen["POST", "what is a locust"]["total_content_length"] == 3 * seen["POST", "what is a locust"]["num_requests"]
    )
    assert seen["TTFT", "what is a locust"]["num_requests"] >= 1
