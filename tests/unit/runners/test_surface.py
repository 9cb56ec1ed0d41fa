"""What plug-ins find on runners, task sets and statistics."""

from __future__ import annotations

import gevent
import pytest

from locust_rs import MarkovTaskSet, TaskSet, User, constant, task, transition, transitions
from locust_rs.env import Environment
from locust_rs.stats.console import stats_line


class Idle(User):
    wait_time = constant(1)

    @task
    def nothing(self):
        pass


def test_a_type_of_message_has_one_listener():
    runner = Environment(user_classes=[Idle]).create_local_runner()
    runner.register_message("mine", print)
    with pytest.raises(Exception, match="mine"):
        runner.register_message("mine", print)
    runner.quit()


def test_an_entry_as_text_is_its_line_of_the_table():
    stats = Environment().stats
    stats.log_request("GET", "/x", 12, 5)
    assert str(stats.total) == stats_line(stats.total, True)
    assert str(stats.get("/x", "GET")).startswith("GET      /x ")


def test_the_queue_of_tasks_can_be_replaced():
    tasks = TaskSet(Idle(Environment()))
    tasks._task_queue = ["a", "b"]
    tasks.schedule_task("c")
    assert list(tasks._task_queue) == ["a", "b", "c"]


@pytest.mark.parametrize(("last", "expected"), [(True, (20, 1)), (False, (10, 1))])
def test_counters_give_their_newest_or_oldest_item(last, expected):
    stats = Environment().stats
    stats.log_request("GET", "/x", 10, 5)
    stats.log_request("GET", "/x", 20, 5)
    times = stats.total.response_times
    assert times.popitem(last=last) == expected
    assert len(times) == 1
    times.popitem()
    with pytest.raises(KeyError):
        times.popitem()


def test_a_transition_of_weight_zero_reaches_nothing(caplog):
    class Walk(MarkovTaskSet):
        @transition("second")
        def first(self):
            pass

        @transitions({"first": 1, "third": 0})
        def second(self):
            pass

        @transition("first")
        def third(self):
            pass

    assert "unreachable in class Walk: {'third'}" in caplog.text


def test_reports_without_numbers_of_users_are_merged(cluster_of, until):
    cluster = cluster_of([Idle])
    (worker,) = cluster.workers

    @worker.environment.events.report_to_master.add_listener
    def forget(client_id, data, **_kwargs):
        del data["user_classes_count"]

    gevent.spawn(cluster.master.start, 1, 10)
    until(lambda: worker.user_count == 1)
    worker.stats.log_request("GET", "/x", 1, 1)
    worker._send_stats()
    until(lambda: cluster.master.stats.total.num_requests == 1)


def test_a_wrapped_send_of_a_workers_client_sees_every_message(cluster_of, until):
    cluster = cluster_of([Idle])
    (worker,) = cluster.workers
    seen = []
    send = worker.client.send
    worker.client.send = lambda msg: (seen.append(msg.type), send(msg))
    gevent.spawn(cluster.master.start, 1, 10)
    until(lambda: {"spawning", "spawning_complete", "heartbeat", "stats"} <= set(seen))
    until(lambda: cluster.master.user_count == 1)
