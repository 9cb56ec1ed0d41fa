"""Which failures evidence is kept of, what workers tell, and what a master has of them."""

from __future__ import annotations

import gc
import json
import logging
import weakref
from typing import Any

import gevent
import msgpack
import pytest

from locust_rs import User
from locust_rs.env import Environment
from locust_rs.evidence import Evidence, outputs
from locust_rs.evidence.collection import MOST_IN_A_REPORT, MOST_KINDS, MOST_OF_A_KIND
from locust_rs.evidence.outputs import evidence_rows
from locust_rs.evidence.redaction import MOST_BODY


def fire(environment: Environment, error: Any = "boom", **changes: Any) -> None:
    event = {"request_type": "GET", "name": "/cart", "response_time": 5, "response_length": 3, "exception": error}
    environment.events.request.fire(**{**event, "context": {}, "start_time": 1000.0, **changes})


def sent(taken: Any) -> Any:
    """What arrives at a master."""
    return msgpack.unpackb(msgpack.packb(taken), strict_map_key=False)


def test_the_first_of_each_kind_are_kept(environment: Environment) -> None:
    for number in range(5):
        fire(environment, context={"number": number})
        fire(environment, ValueError("broken"))
    fire(environment, None)
    fire(environment, name="/other")
    found = environment.evidence.failures
    kinds = [piece.kind for piece in found]
    cart, broken = ("GET", "/cart", "boom"), ("GET", "/cart", "ValueError('broken')")
    assert kinds == [*[cart] * MOST_OF_A_KIND, *[broken] * MOST_OF_A_KIND, ("GET", "/other", "boom")]
    assert [piece.context for piece in environment.evidence.of_kind(*cart)] == [{"number": str(n)} for n in range(3)]
    assert set(kinds) == {
        (row.method, row.name, row.parse_error(row.error)) for row in environment.stats.errors.values()
    }


@pytest.mark.parametrize("other", [False, True], ids=["the statistics alone", "another listener"])
@pytest.mark.parametrize("early", [False, True], ids=["native", "a fire of one's own"])
def test_every_way_of_firing_is_seen(environment: Environment, other: bool, early: bool) -> None:
    if other:
        environment.events.request.add_listener(lambda **_: None)
    if early:
        del environment.events.request.fire  # type: ignore[attr-defined]  # leaves the one of the class
    fire(environment, response={"code": 7})
    with environment.events.request.measure("GET", "/measured") as meta:
        meta["response_length"] = 3
        raise ValueError("in the block")
    assert [piece.name for piece in environment.evidence.failures] == ["/cart", "/measured"]


def test_names_that_are_no_text_are_seen(environment: Environment) -> None:
    fire(environment, name=17)
    assert [piece.name for piece in environment.evidence.failures] == ["17"]


def test_kinds_are_bounded(environment: Environment) -> None:
    for number in range(MOST_KINDS + 20):
        fire(environment, f"error {number}")
    assert len(environment.evidence.failures) == MOST_KINDS


def test_evidence_that_is_switched_off_is_not_kept(environment: Environment) -> None:
    environment.evidence.enabled = False
    fire(environment)
    other = Evidence()
    other.keep_failure("boom", {"request_type": "GET", "name": "/cart"})
    environment.evidence.merge(sent(other.take()), "w1")
    assert environment.evidence.failures == []


@pytest.mark.parametrize("reset", ["reset_all", "clear_all"])
def test_evidence_goes_with_the_statistics(environment: Environment, reset: str) -> None:
    fire(environment)
    getattr(environment.stats, reset)()
    assert (environment.evidence.failures, environment.evidence.slowest, environment.evidence.take()) == ([], [], {})
    fire(environment)
    assert len(environment.evidence.failures) == 1


def test_statistics_of_ones_own_have_evidence_too(environment: Environment) -> None:
    from locust_rs.stats import RequestStats

    environment.stats = RequestStats()
    fire(environment)
    assert len(environment.evidence.failures) == 1


def test_class_of_the_user_is_known_in_its_greenlets(environment: Environment) -> None:
    class Shopper(User):
        def buy(self, name: str) -> None:
            fire(self.environment, name=name)

        def on_start(self) -> None:
            self.buy("own")
            gevent.spawn(gevent.spawn, self.buy, "inner").get().get()
            gevent.spawn(lambda: fire(self.environment, name="closure")).join()
            self.stop(force=True)

    group = gevent.pool.Group()
    Shopper(environment).start(group)
    group.join(30)
    fire(environment, name="outside")
    assert {piece.name: piece.user_class for piece in environment.evidence.failures} == {
        "own": "Shopper",
        "inner": "Shopper",
        "closure": "Shopper",
        "outside": "",
    }


class Hostile:
    """A response whose attributes raise."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("repr")


class Streamed:
    """A response of a client's own whose body must not be asked for."""

    status_code, headers, streamed = 500, {}, True

    @property
    def content(self) -> bytes:
        raise AssertionError("it was read from the connection")


RESPONSES = {
    "nothing": (None, None),
    "text": ("oh no", {"text": "oh no", "length": 5}),
    "bytes": (b"\xc3\xa4\xff\x00", {"note": "binary", "length": 4}),
    "a dictionary": ({"a": [1, None]}, {"text": '{"a": [1, null]}', "length": 16}),
    "a list": ([1, object], {"text": "[1, \"<class 'object'>\"]", "length": 23}),
    "an object": (type("Answer", (), {"text": "said"})(), {"text": "said", "length": 4}),
    "a number": (17, {"text": "17", "length": 2}),
    "hostile": (Hostile(), None),
    "a stream": (Streamed(), {"note": "stream", "length": None}),
    "long": ("ä" * 5000, {"text": "ä" * MOST_BODY, "length": 10_000, "is_cut": True}),
    "long bytes, cut in a character": (
        ("x" + "ä" * 5000).encode(),
        {"text": "x" + "ä" * (MOST_BODY - 1), "length": 10_001, "is_cut": True},
    ),
    "half a surrogate pair": ("\ud800", {"text": "?", "length": 1}),
}


@pytest.mark.parametrize("case", RESPONSES)
def test_responses_of_clients_of_ones_own(environment: Environment, case: str) -> None:
    response, shown = RESPONSES[case]
    fire(environment, response=response)
    (row,) = sent(evidence_rows(environment.evidence.failures))
    if shown is None:
        assert row["response"] is None
    else:
        assert row["response"]["body"] == {"text": "", "is_cut": False, "note": "", **shown}
    json.dumps(row, allow_nan=False).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"start_time": float("nan")},
        {"start_time": 1e300},
        {"start_time": "yesterday"},
        {"response_time": None},
        {"context": None},
        {"context": {1: object()}},
        {"url": 17},
        {"exception": Hostile()},
    ],
    ids=["no time", "late", "text for a time", "untimed", "no context", "odd context", "odd URL", "hostile exception"],
)
def test_odd_arguments_do_no_harm(environment: Environment, changes: dict[str, Any]) -> None:
    if isinstance(changes.get("exception"), Hostile):
        environment.evidence.keep_failure("hostile", {"request_type": "GET", "name": "/cart", **changes})
    else:
        fire(environment, **changes)
    (row,) = evidence_rows(environment.evidence.failures)
    assert json.dumps(row, allow_nan=False)
    assert row["time"].startswith("20") or row["time"].startswith("1970")


def test_a_rule_that_raises_is_told_once(environment: Environment, caplog: pytest.LogCaptureFixture) -> None:
    environment.evidence.redaction._declared = lambda: 1 / 0  # type: ignore[assignment,return-value]
    fire(environment)
    fire(environment, "other")
    assert (environment.evidence.failures, environment.evidence.slowest) == ([], [])
    assert environment.stats.total.num_failures == 2
    assert [record.message for record in caplog.records] == ["The evidence of a request could not be kept"]


def test_a_response_is_not_held(environment: Environment) -> None:
    class Response:
        text = "x"

    response = Response()
    fire(environment, response=response)
    seen = weakref.ref(response)
    del response
    gc.collect()
    assert seen() is None


def test_a_master_keeps_the_earliest_of_all_workers() -> None:
    master, workers = Evidence(), [Evidence() for _ in range(3)]
    for number in range(12):
        worker = workers[number % 3]
        if worker.wants_failure("GET", "/cart", "boom"):
            worker.keep_failure("boom", {"request_type": "GET", "name": "/cart", "start_time": 100.0 + number})
    for index in (2, 0, 1):
        master.merge(sent(workers[index].take()), f"w{index}")
        assert workers[index].take() == {}
    assert [(piece.time_s, piece.worker) for piece in master.failures] == [(100, "w0"), (101, "w1"), (102, "w2")]
    again = Evidence()
    again.restore(sent(master.kept()))
    assert again.failures == master.failures


def test_a_report_has_so_many_pieces_at_most() -> None:
    worker = Evidence()
    for number in range(MOST_KINDS):
        worker.keep_failure(str(number), {"request_type": "GET", "name": "/"})
    told = [len(worker.take().get("failures", ())) for _ in range(3)]
    assert told == [MOST_IN_A_REPORT, MOST_KINDS - MOST_IN_A_REPORT, 0]
    worker.reset()
    for number in range(MOST_KINDS):
        worker.keep_failure(str(number), {"request_type": "GET", "name": "/"})
    assert len(worker.take(is_last=True)["failures"]) == MOST_KINDS


ODD_PIECES = {
    "no piece": 17,
    "parts missing": {"method": "GET"},
    "method": {"method": 1, "name": "/", "error": "", "time_s": 1},
    "time": {"method": "", "name": "/", "error": "", "time_s": float("nan")},
    "URL": {"method": "", "name": "/", "error": "", "time_s": 1, "request": {"method": "", "url": 5}},
    "status": {"method": "", "name": "/", "error": "", "time_s": 1, "response": {"status": "x"}},
    "phases": {"method": "", "name": "/", "error": "", "time_s": 1, "phases_ms": [1]},
    "response time": {"method": "", "name": "/", "error": "", "time_s": 1, "response_time_ms": -1},
}


@pytest.mark.parametrize("key", ["failures", "slowest"])
@pytest.mark.parametrize("case", ["no dictionary", "no list", *ODD_PIECES])
def test_what_cannot_be_read_is_left_out_and_told_once(key: str, case: str, caplog: pytest.LogCaptureFixture) -> None:
    taken: Any = {"no dictionary": 17, "no list": {key: 17}}.get(case) or {key: [ODD_PIECES[case]]}
    evidence = Evidence()
    with caplog.at_level(logging.WARNING):
        evidence.merge(taken, "w1")
        evidence.merge(taken, "w1")
    assert evidence.failures == []
    assert [record.message[:36] for record in caplog.records] == ["Evidence of worker w1 cannot be read"]


def test_what_a_later_version_adds_is_ignored() -> None:
    evidence = Evidence()
    piece = {"method": "", "name": "/", "error": "", "time_s": 1, "colour": "red"}
    evidence.merge({"failures": [piece], "colours": []}, "w1")
    assert len(evidence.failures) == 1


def test_a_report_has_one_of_each_kind_before_it_has_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    most = {"failures": 30_000, "slowest": 20_000}
    monkeypatch.setattr(outputs, "MOST_FAILURES_BYTES", most["failures"])
    monkeypatch.setattr(outputs, "MOST_SLOWEST_BYTES", most["slowest"])
    evidence, kinds = Evidence(), 20
    for number in range(kinds):
        for _ in range(MOST_OF_A_KIND):
            event = {"request_type": "GET", "name": str(number), "response": "x" * 500, "response_time": 5}
            evidence.keep_failure(str(number), event)
            evidence.keep_slow("", event)
    for key, rows in outputs.reported_evidence(evidence).items():
        assert sum(len(json.dumps(row)) for row in rows) <= most[key]
        assert kinds < len(rows) < kinds * MOST_OF_A_KIND
        assert len({row["name"] for row in rows}) == kinds
