"""The garbage collector while many users are created."""

import gc

import gevent
import pytest

import locust_rs.runners.users.spawn_slices as module
from locust_rs.runners.users.spawn_slices import Slices


@pytest.fixture(autouse=True)
def collecting():
    assert gc.isenabled()
    yield
    gc.enable()


def test_collector_rests_during_a_slice_only():
    with Slices():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collector_works_while_others_run(monkeypatch):
    monkeypatch.setattr(module, "SPAWN_SLICE_S", -1.0)
    seen = []
    other = gevent.spawn(lambda: seen.append(gc.isenabled()))
    with Slices() as slices:
        slices.make_room()
        assert seen == [True]
        assert not gc.isenabled()
    other.join()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    with Slices():
        pass
    assert not gc.isenabled()


def test_collector_works_again_after_an_exception():
    with pytest.raises(ZeroDivisionError), Slices():
        _ = 1 / 0
    assert gc.isenabled()


def test_two_ramps_at_once_leave_the_collector_on():
    with Slices():

        def ramp():
            with Slices():
                gevent.sleep(0.01)

        other = gevent.spawn(ramp)
        gevent.sleep(0)
    other.join()
    assert gc.isenabled()
