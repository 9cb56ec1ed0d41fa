"""Stops users: at once, after their request, or after their task."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import gevent
from gevent import Greenlet, GreenletExit, getcurrent
from gevent.event import Event
from gevent.pool import Group

from locust_rs._tunables import runners as tunables
from locust_rs.http.engine.hub import waiting_greenlets
from locust_rs.user.taskset import LOCUST_STATE_STOPPING

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

_CLIENT_MODULES = ("locust_rs.clients", "locust_rs.http", "locust_rs.contrib.fasthttp")


class UserStop:
    """Stops a number of users. Used once.

    With a stop timeout, each user is asked to stop after its task, and killed when the time is up. Without one it is
    killed at once, except that a user with a request in flight gets up to `REQUEST_GRACE` seconds for the response,
    so that what the target has served is counted. Such a user ends when the event of that request is fired, before
    its task continues.

    Args:
        environment: The test.
        group: The group that the users run in.
        users: The users to stop; may include the one that calls.
        timeout_s: The stop timeout.
    """

    def __init__(self, environment: Environment, group: Group, users: list[User], timeout_s: float) -> None:
        self.environment = environment
        self.group = group
        self.users = users
        self.timeout_s = timeout_s
        self._awaiting_answer: set[Any] = set()

    def run(self) -> None:
        """Stops the users and returns when all have ended; the user that calls, if any, ends right after."""
        me: Any = getcurrent()
        others = [user for user in self.users if user._greenlet is not me]
        try:
            if self.timeout_s:
                self._after_their_task(others)
            else:
                self._after_their_request(others)
        finally:
            if len(others) < len(self.users):
                gevent.spawn(me.kill, block=False)
        for user in others:
            # gevent removes them from the group a moment later; the counts must be right when this returns.
            if user._greenlet is not None:
                self.group.discard(user._greenlet)

    def _after_their_task(self, users: list[User]) -> None:
        asking = Group()
        for user in users:
            if user._state != LOCUST_STATE_STOPPING:
                asking.spawn(user.stop, force=False)
        asking.join()
        greenlets = [user._greenlet for user in users if user._greenlet is not None]
        gevent.joinall(greenlets, timeout=self.timeout_s)
        late = [greenlet for greenlet in greenlets if not greenlet.dead]
        if late:
            logger.info(
                f"Not all users finished their tasks & terminated in {self.timeout_s} seconds. Stopping them..."
            )
        self._kill(late)

    def _after_their_request(self, users: list[User]) -> None:
        greenlets = [user._greenlet for user in users if user._greenlet is not None]
        if not greenlets:
            return
        request = self.environment.events.request
        request.add_listener(self._end_with_answer)
        try:
            looked_at = Event()
            look = gevent.get_hub().loop.run_callback(self._end_who_is_in_no_request, greenlets, looked_at)
            try:
                looked_at.wait()
            finally:
                # A user that stops the test may be killed here by another user that does the same.
                look.stop()
            gevent.joinall([greenlet for greenlet in greenlets if greenlet not in self._awaiting_answer])
            gevent.joinall(list(self._awaiting_answer), timeout=tunables.REQUEST_GRACE)
            self._kill([greenlet for greenlet in self._awaiting_answer if not greenlet.dead])
        finally:
            request.remove_listener(self._end_with_answer)

    def _end_who_is_in_no_request(self, greenlets: list[Greenlet[..., Any]], looked_at: Event) -> None:
        """Called by the hub, so that a user cannot start a request between the check and the kill."""
        in_engine = waiting_greenlets()
        for greenlet in greenlets:
            if greenlet.dead:
                continue
            if greenlet in in_engine or _is_in_client(greenlet):
                self._awaiting_answer.add(greenlet)
                continue
            try:
                greenlet.throw(GreenletExit)
            except BaseException:
                gevent.get_hub().handle_error(greenlet, *sys.exc_info())
        looked_at.set()

    def _end_with_answer(self, **kwargs: Any) -> None:
        if getcurrent() in self._awaiting_answer:
            raise GreenletExit

    def _kill(self, greenlets: list[Greenlet[..., Any]]) -> None:
        """Kills greenlets and waits until every `on_stop` has returned."""
        gevent.killall(greenlets, block=True)


def _is_in_client(greenlet: Greenlet[..., Any]) -> bool:
    """Whether a suspended greenlet waits inside one of our HTTP clients, for something other than the engine."""
    frame = greenlet.gr_frame
    while frame is not None:
        if frame.f_globals.get("__name__", "").startswith(_CLIENT_MODULES):
            return True
        frame = frame.f_back
    return False
