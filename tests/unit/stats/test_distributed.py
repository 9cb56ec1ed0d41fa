"""Reports between worker and master: native reports give the same result as dictionaries."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs._core import check_message
from locust_rs.event import EventHook
from locust_rs.stats import RequestStats, setup_distributed_stats_event_listeners
from locust_rs.stats.distributed import (
    ClockOffsets,
    ReportFiller,
    ReportMerger,
    message_as_dict,
    only_built_in,
    read_stats_message,
)

NOW = 1_700_000_000.0

REQUESTS = st.lists(
    st.tuples(
        st.sampled_from(["/", "/é", "/x,y"]),
        st.one_of(st.none(), st.floats(0, 90_000), st.integers(0, 500)),
        st.sampled_from([None, None, "boom", "other"]),
        st.floats(0, 100),
    ),
    max_size=40,
)


def filled(requests: Any) -> RequestStats:
    stats = RequestStats()
    for name, time_ms, error, later in sorted(requests, key=lambda request: request[3]):
        stats.recorder.record("GET", name, time_ms, 10, error, NOW + later)
    return stats


def state(stats: RequestStats) -> dict[str, Any]:
    """All counters; times of rows and errors depend on when they were made."""

    def row(entry: Any) -> dict[str, Any]:
        fractions = [q / 20 for q in range(21)]
        values = {
            **entry.serialize(),
            "precise": [entry.precise_percentile(fraction) for fraction in fractions],
            "sides": [(count, round(mean_ms, 6), times) for count, mean_ms, times in entry._sides(fractions)],
        }
        del values["start_time"], values["num_fail_per_sec"]
        return values

    errors = sorted((error.name, error.error, error.occurrences) for error in stats.errors.values())
    return {
        "rows": {key: row(entry) for key, entry in stats.entries.items()},
        "total": row(stats.total),
        "errors": errors,
    }


def frame_of(stats: RequestStats, client_id: str = "w") -> bytes:
    return ReportFiller(stats).pack(client_id, 2, {"Shopper": 2})


@settings(deadline=None)
@given(REQUESTS, REQUESTS)
def test_both_ways_merge_the_same(first: Any, second: Any) -> None:
    native, plain = ReportMerger(RequestStats()), ReportMerger(RequestStats())
    for requests in (first, second):
        message = read_stats_message(frame_of(filled(requests)))
        assert message is not None
        native.merge(message)
        data: dict[str, Any] = {}
        ReportFiller(filled(requests))("w", data)
        plain("w", msgpack.unpackb(msgpack.packb(data), strict_map_key=False))
    assert state(native.stats) == state(plain.stats)
    assert state(native.stats)["total"]["num_requests"] == len(first) + len(second)


@settings(deadline=None)
@given(REQUESTS, st.integers(1, 5))
def test_merging_any_split_gives_what_one_worker_gives(requests: Any, workers: int) -> None:
    whole = ReportMerger(RequestStats())
    whole.merge(read_stats_message(frame_of(filled(requests))))  # type: ignore[arg-type]
    split = ReportMerger(RequestStats())
    for number in range(workers):
        split.merge(read_stats_message(frame_of(filled(requests[number::workers]), f"w{number}")))  # type: ignore[arg-type]
    ours, theirs = state(split.stats), state(whole.stats)
    for rows in (*ours["rows"].values(), *theirs["rows"].values(), ours["total"], theirs["total"]):
        # Sums of floats depend on the order of addition.
        rows["total_response_time"] = pytest.approx(rows["total_response_time"])
    assert ours == theirs


def test_a_distribution_is_told_once() -> None:
    own = message_as_dict(frame_of(filled([("/", 5.5, None, 1.0), ("/", 7.5, "boom", 2.0)])))["locust_rs"]
    assert (own["precise"], own["precise_total"]) == ([""], "")
    assert (len(own["intervals"]), own["intervals"][0]) == (1, own["intervals_total"])
    assert own["intervals_total"]


@settings(deadline=None)
@given(REQUESTS)
def test_reports_that_tell_it_twice_give_the_same(requests: Any) -> None:
    """Earlier versions sent the histogram of the whole beside those of its seconds."""
    worker = filled(requests)
    whole = [row._precise_text() for row in worker.entries.values()], worker.total._precise_text()
    frame = frame_of(worker)
    report = message_as_dict(frame)
    report["locust_rs"]["precise"], report["locust_rs"]["precise_total"] = whole
    merged = []
    for each in (frame, msgpack.packb(["stats", report, "w"])):
        native, plain = ReportMerger(RequestStats()), ReportMerger(RequestStats())
        native.merge(read_stats_message(each))  # type: ignore[arg-type]
        plain("w", message_as_dict(each))
        merged += [state(native.stats), state(plain.stats)]
    assert all(other == merged[0] for other in merged[1:])


def test_a_message_carries_what_a_plain_report_carries() -> None:
    stats = filled([("/", 5.5, "boom", 1.0)])
    data: dict[str, Any] = {"user_count": 2, "user_classes_count": {"Shopper": 2}}
    ReportFiller(stats)("w", data)
    packed = message_as_dict(frame_of(filled([("/", 5.5, "boom", 1.0)])))
    assert packed.keys() == data.keys()
    assert packed["stats"][0].keys() == data["stats"][0].keys()
    assert list(packed["errors"]) == list(data["errors"])


def test_packing_starts_the_rows_again() -> None:
    stats = filled([("/", 5.5, "boom", 1.0)])
    frame_of(stats)
    assert (stats.num_requests, stats.num_failures, stats.errors) == (0, 0, {})
    stats.recorder.record("GET", "/", 7.0, 1, "boom")
    message = message_as_dict(frame_of(stats))
    assert message["stats_total"]["response_times"] == {7: 1}
    assert [row["occurrences"] for row in message["errors"].values()] == [1]


def test_extra_keys_travel() -> None:
    frame = ReportFiller(RequestStats()).pack("w", 0, {}, {"sequence": msgpack.packb(7)})
    message = read_stats_message(frame)
    assert message is not None
    assert (message.node_id, message.extra("sequence"), message.extra("none")) == ("w", b"\x07", None)
    assert message_as_dict(frame)["sequence"] == 7


def test_the_events_listeners_fill_and_merge() -> None:
    events: Any = SimpleNamespace(report_to_master=EventHook(), worker_report=EventHook())
    worker, master = filled([("/", 5.5, None, 1.0)]), RequestStats()
    setup_distributed_stats_event_listeners(events, worker)
    data: dict[str, Any] = {}
    events.report_to_master.fire(client_id="w", data=data)
    merging: Any = SimpleNamespace(report_to_master=EventHook(), worker_report=EventHook())
    setup_distributed_stats_event_listeners(merging, master)
    merging.worker_report.fire(client_id="w", data=data)
    assert master.num_requests == 1
    assert only_built_in(events.report_to_master._handlers)
    assert not only_built_in([*events.report_to_master._handlers, print])


def test_a_report_that_others_listen_to_is_merged_from_its_message() -> None:
    worker, alone, beside = filled([("/", 12.0, "boom", 1.0), ("/é", 400, None, 2.0)]), RequestStats(), RequestStats()
    frame = ReportFiller(worker).pack("w", 1, {"User": 1})
    ReportMerger(alone)(client_id="w", data=message_as_dict(frame))
    merger, heard = ReportMerger(beside), EventHook()
    heard.add_listener(merger)
    heard.add_listener(lambda client_id, data: data["stats"].clear())  # comes after it
    data, message = message_as_dict(frame), read_stats_message(frame)
    assert message is not None
    merger.expect(data, message)
    heard.fire(client_id="w", data=data)
    assert data["stats"] == []
    assert state(beside) == state(alone)


def test_reports_of_peers_without_our_key_are_merged() -> None:
    row = {"name": "/", "method": "GET", "num_requests": 2, "response_times": {5: 2}, "min_response_time": 5}
    idle = {"name": "Total", "method": "", "num_requests": 0, "min_response_time": 0, "last_request_timestamp": 17}
    error = {"method": "GET", "name": "/", "error": "e", "occurrences": 2}
    body = {"stats": [row], "stats_total": idle, "errors": {"md5": error}, "user_count": 1}
    merger = ReportMerger(RequestStats())
    merger.merge(read_stats_message(msgpack.packb(["stats", body, "boomer"])))  # type: ignore[arg-type]
    assert merger.stats.get("/", "GET").num_requests == 2
    assert merger.stats.total.min_response_time is None, "nothing was measured"
    [kept] = merger.stats.errors.values()
    assert (kept.occurrences, kept.first_seen) == (2, None)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        (b"", "ends in the middle"),
        (b"\xc1", "expected"),
        (b"\x93\xa5stats", "ends in the middle"),
        (msgpack.packb(["stats", {}, "w"]), "missing"),
        (msgpack.packb(["stats", {"stats": 5, "stats_total": {}, "errors": {}}, "w"]), "an array is expected"),
        (msgpack.packb(["stats", None, "w"]), "a map is expected"),
        (msgpack.packb(["heartbeat", None]), "number of parts"),
        (msgpack.packb({"stats": 1}), "an array is expected"),
        (b"\xdd\xff\xff\xff\xff", "announced"),
        (b"\x93\xa4logs" + b"\x91" * 9_999 + b"\xc0\xa1w", "nested deeper"),
        (msgpack.packb(["logs", None, "w"]) + b"\x00", "follow"),
        (
            msgpack.packb(
                [
                    "stats",
                    {"stats": [], "errors": {}, "stats_total": {"name": "", "method": "", "start_time": float("nan")}},
                    "w",
                ]
            ),
            "impossible",
        ),
    ],
)
def test_malformed_messages_are_refused(message: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read_stats_message(message)


def test_messages_of_other_types_are_not_reports() -> None:
    message = msgpack.packb(["heartbeat", {"state": "ready"}, "w"])
    check_message(message)
    assert read_stats_message(message) is None


def test_a_refused_message_changes_nothing() -> None:
    stats = RequestStats()
    frame = frame_of(filled([("/", 5.5, "boom", 1.0)]))
    with pytest.raises(ValueError, match="malformed"):
        read_stats_message(frame[:-5])
    assert (stats.num_requests, len(stats.entries)) == (0, 0)


@pytest.mark.parametrize("skew_s", [-3600.0, 3600.0, -7.0, 7.3])
def test_a_worker_whose_clock_is_off_does_not_damage_rates(monkeypatch: pytest.MonkeyPatch, skew_s: float) -> None:
    clock = [NOW]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    merger = ReportMerger(RequestStats())
    workers = {}
    for name, skew in (("good", 0.0), ("skewed", skew_s)):
        clock[0] = NOW + skew
        workers[name] = (RequestStats(), skew)
    clock[0] = NOW
    merger.stats.clear_all()
    for step in range(10):
        begun = NOW + 3 * step
        for name, (stats, skew) in workers.items():
            for second in range(3):
                stats.recorder.record("GET", "/", 5.0, 1, "boom", begun + second + skew)
            clock[0] = begun + 3 + skew
            frame = frame_of(stats, name)
            clock[0] = begun + 3
            merger.merge(read_stats_message(frame))  # type: ignore[arg-type]
    total = merger.stats.total
    assert total.num_requests == 60
    assert total.total_rps == pytest.approx(60 / 29)
    assert total.current_rps == pytest.approx(2.0)
    assert total.num_reqs_per_sec == {int(NOW) + second: 2 for second in range(30)}


def test_a_delayed_report_is_not_taken_for_a_skewed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    offsets = ClockOffsets()
    monkeypatch.setattr(time, "time", lambda: NOW)
    assert offsets.correction("w", NOW - 0.01, None) == 0.0
    assert offsets.correction("w", NOW - 61.0, None) == 0.0


def test_a_peer_that_tells_no_clock_is_judged_by_its_last_request(monkeypatch: pytest.MonkeyPatch) -> None:
    offsets = ClockOffsets()
    monkeypatch.setattr(time, "time", lambda: NOW)
    assert offsets.correction("near", None, NOW - 3.0) == 0.0
    assert offsets.correction("idle", None, None) == 0.0
    assert offsets.correction("far", None, NOW - 3600) == 3600
