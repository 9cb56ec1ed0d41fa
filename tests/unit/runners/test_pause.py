"""Pause and resume: no iteration begins in between, wherever the users run, and no time counts."""

from __future__ import annotations

import gevent
import pytest

from locust_rs import User, constant, constant_pacing, task
from locust_rs.env import Environment
from locust_rs.runners.run_time import RunTime
from locust_rs.user import turnstile, wait_time
from locust_rs.user.paced_starts import PacedStarts

SHORT = constant(0.01)


def ticking(wait_time=SHORT):
    class Ticking(User):
        begun = started = 0

        def on_start(self):
            type(self).started += 1

        @task
        def tick(self):
            type(self).begun += 1
            gevent.sleep(0.001)

    Ticking.wait_time = wait_time
    return Ticking


def rests(user_class) -> bool:
    """Whether no iteration begins during a few rounds of all users."""
    before = user_class.begun
    gevent.sleep(0.15)
    return user_class.begun == before


@pytest.fixture
def local():
    runners = []

    def make(user_class, **attributes):
        runner = Environment(user_classes=[user_class]).create_local_runner()
        for name, value in attributes.items():
            setattr(runner.environment, name, value)
        runners.append(runner)
        return runner

    yield make
    for runner in runners:
        runner.quit()


def test_nothing_can_be_paused_before_a_test(local) -> None:
    runner = local(ticking())
    assert runner.pause() is False
    assert not runner.is_paused


def test_users_rest_during_a_pause_and_go_on_after_it(local, until) -> None:
    user_class = ticking()
    runner = local(user_class)
    runner.start(3, 100)
    until(lambda: user_class.begun > 10)
    assert runner.pause()
    until(lambda: rests(user_class))
    assert (runner.state, runner.user_count, runner.is_paused) == ("running", 3, True)
    before = user_class.begun
    runner.resume()
    until(lambda: user_class.begun > before + 10)
    assert not runner.is_paused
    assert not runner.environment.turnstile.is_watched


def test_users_spawned_during_a_pause_start_after_it(local, until) -> None:
    user_class = ticking()
    runner = local(user_class)
    runner.start(1, 100)
    until(lambda: user_class.started == 1)
    runner.pause()
    until(lambda: rests(user_class))
    runner.start(4, 100)
    until(lambda: runner.user_count == 4)
    assert rests(user_class)
    assert user_class.started == 1
    runner.resume()
    until(lambda: user_class.started == 4)


@pytest.mark.parametrize("stop_timeout", [0, 20])
def test_a_paused_test_stops_at_once_and_the_next_one_runs(local, until, stop_timeout) -> None:
    user_class = ticking()
    runner = local(user_class, stop_timeout=stop_timeout)
    runner.start(3, 100)
    until(lambda: user_class.begun > 3)
    runner.pause()
    until(lambda: rests(user_class))
    with gevent.Timeout(10):
        runner.stop()
    assert not runner.is_paused
    before = user_class.begun
    runner.start(3, 100)
    until(lambda: user_class.begun > before)


def test_a_pause_is_no_delay_of_paced_users(monkeypatch) -> None:
    now = [1000.0]
    for module in (wait_time, turnstile):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    environment = Environment()
    user = ticking(constant_pacing(2))(environment)
    user._cp_last_run = now[0]
    now[0] += 0.5
    assert user.wait_time() == 1.5
    now[0] += 1.5
    environment.turnstile.pause()

    def iterate():
        with environment.turnstile.iteration(user):
            now[0] += 0.5
        return user.wait_time()

    held = gevent.spawn(iterate)
    gevent.sleep(0)
    now[0] += 3600
    environment.turnstile.resume()
    assert held.get(timeout=30) == 1.5
    assert environment.paced_starts == PacedStarts(begun=2)


def test_the_run_time_stands_still_during_a_pause(local, until) -> None:
    user_class = ticking()
    runner = local(user_class)
    clock = RunTime(runner)
    runner.start(1, 100)
    until(lambda: runner.state == "running")
    runner.pause()
    timer = gevent.spawn(clock.wait, 0.1)
    gevent.sleep(0.4)
    assert not timer.dead
    runner.resume()
    until(lambda: timer.dead)
    assert timer.value is True


def test_the_run_time_can_begin_with_the_end_of_the_ramp(local, until) -> None:
    user_class = ticking()
    runner = local(user_class, run_time_from_ramp_end=True)
    clock = RunTime(runner)
    timer = gevent.spawn(clock.wait, 0.01)
    runner.start(3, 4)
    timer.join()
    assert runner.user_count == 3


def test_all_workers_pause_also_those_that_join_meanwhile(cluster_of, until) -> None:
    user_class = ticking()
    cluster = cluster_of([user_class], 2)
    master = cluster.master
    until(lambda: len(master.clients.ready) == 2)
    until(lambda: all(node.is_locust_rs for node in master.clients.all))
    master.start(4, 100)
    until(lambda: user_class.begun > 10)
    assert master.pause()
    until(lambda: rests(user_class))
    late = cluster.add_worker()
    until(lambda: late.user_count > 0)
    assert late.is_paused
    assert rests(user_class)
    before = user_class.begun
    master.resume()
    until(lambda: user_class.begun > before + 10)
    until(lambda: not any(worker.is_paused for worker in cluster.workers))


def test_a_worker_that_missed_the_message_learns_of_the_pause_from_a_heartbeat(cluster_of, until) -> None:
    cluster = cluster_of([ticking()], 1)
    master, worker = cluster.master, cluster.workers[0]
    until(lambda: len(master.clients.ready) == 1)
    master.start(1, 100)
    until(lambda: worker.state == "running")
    master.environment.turnstile.pause()
    until(lambda: worker.is_paused)
    master.environment.turnstile.resume()
    until(lambda: not worker.is_paused)
