"""`get` of `FastHttpSession`, which is native: what of a method in Python users may notice is as it would be there."""

from __future__ import annotations

import copy
import gc
import inspect
import subprocess
import sys
import weakref
from collections.abc import Callable
from typing import Any
from unittest import mock

import gevent
import pytest
from gevent import GreenletExit

from locust_rs.contrib.fasthttp import FastHttpSession
from locust_rs.http.engine.hub import waiting_greenlets
from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]


@pytest.fixture
def session(recorder: RecordingServer, make_session: MakeSession) -> Any:
    """A session that has sent a request already."""
    made = make_session("fast", recorder.url)
    assert made.get("/json").status_code == 200
    return made


def test_it_is_described_like_the_other_methods() -> None:
    signature = inspect.signature(FastHttpSession.get)
    assert [str(parameter).partition(":")[0] for parameter in signature.parameters.values()] == [
        "self",
        "url",
        "**kwargs",
    ]
    assert inspect.getdoc(FastHttpSession.get) == "Sends a GET request"


def test_wrong_arguments_are_refused_as_by_a_function(session: FastHttpSession) -> None:
    get: Any = session.get
    with pytest.raises(TypeError, match=r"get\(\) missing 1 required positional argument: 'url'"):
        get()
    with pytest.raises(TypeError, match=r"get\(\) missing 1 required positional argument: 'url'"):
        get(name="a")
    with pytest.raises(TypeError, match=r"get\(\) takes 2 positional arguments but 3 were given"):
        get("/json", "a name?")
    with pytest.raises(TypeError, match="url"):
        get("/json", url="/json")
    with pytest.raises(TypeError):
        FastHttpSession.get(object(), "/json")  # type: ignore[arg-type]
    assert get(url="/json").json() == get("/json").json()


def test_arguments_reach_request(session: FastHttpSession) -> None:
    with session.get("/json", name="named", headers={"X-Own": "1"}, catch_response=True) as response:
        response.failure("not wanted")
    stats = session.user.environment.stats  # type: ignore[union-attr]
    assert (stats.get("named", "GET").num_failures, stats.get("/json", "GET").num_requests) == (1, 1)
    assert response.request.headers["X-Own"] == "1"


def test_a_request_method_that_comes_later_is_asked(session: FastHttpSession) -> None:
    with mock.patch.object(FastHttpSession, "request", return_value="the mock's") as asked:
        assert session.get("/json") == "the mock's"
    asked.assert_called_once_with("GET", "/json")
    session.request = lambda *args, **kwargs: (args, kwargs)  # type: ignore[method-assign]
    assert session.get("/json", name="a") == (("GET", "/json"), {"name": "a"})
    del session.request
    assert session.get("/json").status_code == 200


def test_a_response_remembers_what_was_sent_then(session: FastHttpSession) -> None:
    session.auth_header = "Basic first"
    first = session.get("/json")
    session.auth_header = None
    second = session.get("/json")
    assert first.request.headers["Authorization"] == "Basic first"
    assert "Authorization" not in second.request.headers


def test_who_waits_is_known_and_may_be_killed(make_session: MakeSession, recorder: RecordingServer) -> None:
    session = make_session("fast", recorder.url)
    for _ in range(3):
        waiting = gevent.spawn(session.get, "/stall")
        with gevent.Timeout(20):
            while waiting not in waiting_greenlets():
                gevent.sleep(0.001)
        waiting.kill()
        assert isinstance(waiting.value, GreenletExit)
        assert waiting not in waiting_greenlets()
        assert session.get("/json").status_code == 200


def test_a_timeout_of_the_users_own_strikes(make_session: MakeSession, recorder: RecordingServer) -> None:
    session = make_session("fast", recorder.url, max_retries=0)
    with gevent.Timeout(0.05, False):
        response = session.get("/stall")
    # As with geventhttpclient, the request has failed of it.
    assert response.status_code == 0
    assert session.user.environment.stats.total.num_failures == 1


def test_a_copy_is_a_session_of_its_own(session: FastHttpSession) -> None:
    twin = copy.copy(session)
    twin.auth_header = "Basic twin"
    assert twin.get("/json").request.headers["Authorization"] == "Basic twin"
    assert "Authorization" not in session.get("/json").request.headers
    assert session.user.environment.stats.get("/json", "GET").num_requests == 3  # type: ignore[union-attr]


SHARED_IN_THREADS = """
import sys
import gevent
from locust_rs.http.engine.client import make_client

first = make_client(base_url=sys.argv[1])
second = make_client(base_url=sys.argv[1], shared=first)

def use(*clients):
    for client in clients:
        assert client.get("/json").status_code == 200

use(first, second, first)
assert first.open_connections == second.open_connections == 1
# The hub of the other thread has an engine, and so connections, of its own; then this one's is the other again.
gevent.get_hub().threadpool.apply(use, (second,))
for _ in range(3):  # what is given up from another thread goes at the next opportunity
    use(first, second)
assert first.open_connections == second.open_connections == 1
print("done")
"""


def test_clients_that_share_connections_use_them_in_every_thread(recorder: RecordingServer) -> None:
    command = [sys.executable, "-c", SHARED_IN_THREADS, recorder.url]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert finished.stdout == "done\n", finished.stderr


def test_a_user_who_keeps_his_last_response_can_be_collected(
    make_session: MakeSession, recorder: RecordingServer
) -> None:
    class Keeper:
        """As a user with `self.last = self.client.get(…)`."""

    session = make_session("fast", recorder.url)
    keeper = Keeper()
    keeper.last = session.get("/json")  # type: ignore[attr-defined]
    session.keeper = keeper
    known = weakref.ref(keeper), weakref.ref(session.user.environment)
    del session, keeper
    gevent.sleep(0)  # the evidence of a slow response is read in the next turn of the loop
    gc.collect()
    assert [reference() for reference in known] == [None, None]
