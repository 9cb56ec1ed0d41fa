"""QdrantUser against Qdrant's REST API in a process of its own, which searches as the client's local mode does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from gevent.event import Event

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant, task
from real_servers import RACES_WITH_SERVERS, Program, pick_port, running_program

models = pytest.importorskip("qdrant_client", reason="qdrant-client is not installed").models

from qdrant_client.http.exceptions import UnexpectedResponse  # noqa: E402  # not without the package

from locust_rs.contrib.qdrant import QdrantLocustClient, QdrantUser  # noqa: E402  # not without the package

pytestmark = RACES_WITH_SERVERS

SERVER = Path(__file__).parent / "servers" / "qdrant_local.py"


class Person(QdrantUser):
    abstract = True
    wait_time = constant(0.02)
    collection_name = "things"
    vectors_config = models.VectorParams(size=2, distance=models.Distance.EUCLID)


@pytest.fixture(scope="module")
def server() -> Iterator[Program]:
    with running_program(SERVER, pick_port()) as running:
        yield running


def test_ten_users_insert_and_search(server: Program) -> None:
    numbers = itertools.count(1)
    first, answered = Event(), Event()

    class Busy(Person):
        url = f"http://127.0.0.1:{server.port}"

        @task
        def everything(self) -> None:
            if not first.is_set():
                first.set()
                # The answer comes when the others have called 30 times.
                assert self.search([0.0, 0.0], limit=77)["success"]
                answered.set()
            number = next(numbers)
            place = [float(number), 1.0]
            point = models.PointStruct(id=number, vector=place, payload={"number": number})
            assert self.upsert([point])["success"]
            found = self.search(place, limit=1)
            assert [each.payload for each in found["result"].points] == [{"number": number}]
            own = models.Filter(must=[models.FieldCondition(key="number", match=models.MatchValue(value=number))])
            scrolled = self.scroll(own)
            assert [each.id for each in scrolled["result"]] == [number]
            assert self.delete([number])["success"]
            assert self.scroll(own)["empty"]
            assert not self.search([1.0, 2.0, 3.0])["success"]

    with crowd(Busy) as seen:
        seen.wait_for("qdrant delete", 3 * TEN)
        seen.wait_for_failures(TEN)
    assert answered.is_set()
    assert set(seen.counts()) == {f"qdrant {name}" for name in ("upsert", "search", "scroll", "delete")}
    assert {request["name"] for request in seen.failed} == {"search"}
    assert all(request["response_time"] > 0 for request in seen.requests)
    leaves_no_connection(server.port)


def test_a_server_that_dies_hangs_no_user() -> None:
    port = pick_port()

    class Patient(Person):
        url = f"http://127.0.0.1:{port}"

        @task
        def look(self) -> None:
            self.scroll()

    with running_program(SERVER, port) as server, crowd(Patient) as seen:
        seen.wait_for("qdrant scroll", TEN)
        server.kill()
        seen.wait_for_failures(3 * TEN)
    leaves_no_connection(port)


def test_a_collection_that_another_process_makes_meanwhile_is_no_error(
    server: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{server.port}"
    first, second, third = (QdrantLocustClient(url, name) for name in ("twice", "twice", "never"))
    exists, answers = second.client.collection_exists, iter([False])
    # The first makes it after the second has asked.
    monkeypatch.setattr(
        second.client, "collection_exists", lambda **which: next(answers, None) is None and exists(**which)
    )
    first.create_collection(Person.vectors_config)
    second.create_collection(Person.vectors_config)
    assert second.scroll()["success"]
    with pytest.raises(UnexpectedResponse, match="must be 1 or larger"):
        third.create_collection(models.VectorParams(size=0, distance=models.Distance.DOT))
    for client in (first, second, third):
        client.close()
