"""Classes that bring their own users, on several workers: together they are those that are meant."""

from __future__ import annotations

from collections import Counter
from typing import Any

import gevent

from locust_rs import User


def of_class(name: str, **attributes: Any) -> Any:
    def wait_time(user: Any) -> float:
        return 0.01

    def note(user: Any) -> None:
        user.seen[user.environment.runner.client_id] += 1

    def start(user: Any) -> None:
        user.seen["start"] += 1

    given = {"seen": Counter(), "tasks": [note], "wait_time": wait_time, "on_start": start}
    return type(name, (User,), given | attributes)


def shares(cluster: Any, name: str) -> list[int]:
    return sorted(worker.user_classes_count[name] for worker in cluster.workers)


def go_to(cluster: Any, at_s: float) -> None:
    """Lets the run be at a moment, so that no test has to be quick enough to see one."""
    cluster.master.scenarios._clock.begin(at_s)


def test_workers_share_the_users_of_each_class_and_the_last_scenario_ends_the_test(cluster_of, until) -> None:
    soak = of_class("Soak", user_stages=[(0, 5)], run_for=3000)
    spike = of_class("Spike", user_stages=[(0, 7)], start_after=1000, run_for=1000)
    cluster = cluster_of([soak, spike], workers=3)
    until(lambda: cluster.master.worker_count == 3)
    cluster.master.start(1, 1)
    until(lambda: shares(cluster, "Soak") == [1, 2, 2])
    go_to(cluster, 1000)
    until(lambda: shares(cluster, "Spike") == [2, 2, 3])
    assert cluster.users() == [4, 4, 4]
    go_to(cluster, 2000)
    until(lambda: shares(cluster, "Spike") == [0, 0, 0])
    assert shares(cluster, "Soak") == [1, 2, 2]
    go_to(cluster, 3000)
    until(lambda: cluster.master.state == "stopped")
    assert (soak.seen["start"], spike.seen["start"]) == (5, 7)
    assert cluster.master.user_count == 0


def test_the_users_of_a_ramp_run_beside_them(cluster_of, until) -> None:
    soak, resident = of_class("Soak", user_stages=[(0, 4)], run_for=600), of_class("Resident")
    cluster = cluster_of([soak, resident], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(6, 100)
    until(lambda: shares(cluster, "Soak") == [2, 2] and shares(cluster, "Resident") == [3, 3])
    until(lambda: cluster.master.target_user_classes_count == {"Resident": 6})
    until(lambda: cluster.master.state == "running")
    cluster.master.start(2, 100)
    until(lambda: shares(cluster, "Resident") == [1, 1])
    assert shares(cluster, "Soak") == [2, 2]
    assert soak.seen["start"] == 4


def test_a_worker_that_joins_gets_its_share(cluster_of, until) -> None:
    soak = of_class("Soak", user_stages=[(0, 6)], run_for=600)
    cluster = cluster_of([soak], workers=1)
    until(lambda: cluster.master.worker_count == 1)
    cluster.master.start(1, 1)
    until(lambda: shares(cluster, "Soak") == [6])
    cluster.add_worker()
    until(lambda: shares(cluster, "Soak") == [3, 3])
    assert cluster.master.state in ("running", "spawning")


def test_the_users_of_a_worker_that_leaves_move_to_the_others(cluster_of, until) -> None:
    soak, resident = of_class("Soak", user_stages=[(0, 6)], run_for=600), of_class("Resident")
    cluster = cluster_of([soak, resident], workers=3)
    until(lambda: cluster.master.worker_count == 3)
    cluster.master.start(3, 100)
    until(lambda: shares(cluster, "Soak") == [2, 2, 2] and shares(cluster, "Resident") == [1, 1, 1])
    leaving = gevent.spawn(cluster.workers[0].leave)
    until(lambda: shares(cluster, "Soak") == [0, 3, 3])
    until(lambda: sorted(worker.user_classes_count["Resident"] for worker in cluster.workers) == [0, 1, 2])
    leaving.join()
    cluster.workers.pop(0)  # it has quit already


def test_scenarios_and_arrivals_end_the_test_after_both(cluster_of, until) -> None:
    crowd = of_class("Crowd", arrival_rate=50, start_after=0.2, run_for=1)
    spike = of_class("Spike", user_stages=[(0, 4)], run_for=1000)
    cluster = cluster_of([crowd, spike], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    until(lambda: shares(cluster, "Spike") == [2, 2])
    until(lambda: cluster.master.arrivals.is_over)
    go_to(cluster, 1000)
    until(lambda: cluster.master.state == "stopped")
    assert crowd.seen["start"] == cluster.master.arrivals.counts["Crowd"].begun == 50
    assert spike.seen["start"] == 4


def test_workers_give_the_users_of_a_class_its_own_time_to_end(cluster_of, until) -> None:
    def work(user: Any) -> None:
        user.seen["begun"] += 1
        gevent.sleep(0.5)
        user.seen["done"] += 1

    patient = of_class("Patient", user_stages=[(0, 4)], run_for=600, graceful_stop=60, tasks=[work])
    cluster = cluster_of([patient], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    until(lambda: patient.seen["begun"] >= 4)
    cluster.master.stop()
    assert patient.seen["done"] == patient.seen["begun"]


def test_a_test_that_is_aborted_ends_on_all_workers_at_once(cluster_of, until) -> None:
    patient = of_class("Patient", user_stages=[(0, 4)], run_for=600, graceful_stop=600)
    patient.tasks = [lambda user: gevent.sleep(600)]
    cluster = cluster_of([patient], workers=2)
    cluster.master.environment.web_ui = object()
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    until(lambda: cluster.users() == [2, 2])
    with gevent.Timeout(30):
        cluster.master.stop_at_once()
    assert cluster.users() == [0, 0]
