"""Follows the waits of gevent's sockets, to measure how late clients in Python continue.

A client that measures time in Python (`requests`, geventhttpclient, a custom one) continues when the event loop
switches to its greenlet. `_core` asks the system when the response really arrived; see `take_socket_lateness`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gevent._socketcommon
import gevent.select
import gevent.socket

from locust_rs._core import socket_wait_begins, socket_wait_ended, turn_ended

_READS = 1  # libev's and libuv's flag

_NO_SOCKET = -1


def follow_socket_waits() -> None:
    """Follows the waits of all sockets of this process from now on. May be called again."""
    _replace(gevent._socketcommon.SocketMixin, "_wait", _followed_wait)
    _replace(gevent.socket, "wait_read", _followed_wait_read)
    _replace(gevent.select.poll, "poll", _followed_poll)
    _replace(gevent.select, "SelectResult.select", _followed_select)
    _replace(gevent.select, "_g_sleep", _followed_turn)


def _replace(owner: Any, path: str, follow: Callable[[Any], Any]) -> None:
    """Replaces a function with a follower, once; does nothing if this gevent lacks the function."""
    *way, name = path.split(".")
    for step in way:
        owner = getattr(owner, step, None)
    function = getattr(owner, name, None)
    if function is not None and not hasattr(function, "follows"):
        follower = follow(function)
        follower.follows = function
        setattr(owner, name, follower)


def _followed_wait(wait: Callable[..., Any]) -> Callable[..., Any]:
    """The method with which a gevent socket, with or without TLS, waits until it is ready."""

    def _wait(self: Any, watcher: Any, timeout_exc: Any = None) -> Any:
        begun = socket_wait_begins(watcher.fd) if watcher is not None else 0
        result = wait(self, watcher, timeout_exc)
        if begun:
            socket_wait_ended(watcher.fd, begun, bool(watcher.events & _READS))
        return result

    return _wait


def _followed_wait_read(wait_read: Callable[..., Any]) -> Callable[..., Any]:
    """`gevent.socket.wait_read`, which makes clients in C cooperative."""

    def followed(fileno: int, *args: Any, **kwargs: Any) -> Any:
        begun = socket_wait_begins(fileno)
        result = wait_read(fileno, *args, **kwargs)
        if begun:
            socket_wait_ended(fileno, begun, True)
        return result

    return followed


def _followed_poll(poll: Callable[..., Any]) -> Callable[..., Any]:
    """`poll.poll` of `select`. Even without waiting it lets the event loop run once."""

    def followed(self: Any, timeout: Any = None) -> Any:
        begun = socket_wait_begins(_NO_SOCKET)
        ready = poll(self, timeout)
        if begun and timeout == 0:
            turn_ended(begun)
        elif begun and ready:
            socket_wait_ended(ready[0][0], begun, True)
        return ready

    return followed


def _followed_select(select: Callable[..., Any]) -> Callable[..., Any]:
    """The part of `select.select` that waits."""

    def followed(self: Any, rlist: Any, wlist: Any, timeout: Any) -> Any:
        begun = socket_wait_begins(_NO_SOCKET)
        ready = select(self, rlist, wlist, timeout)
        if begun and ready[0]:
            first = ready[0][0]
            socket_wait_ended(first if isinstance(first, int) else first.fileno(), begun, True)
        return ready

    return followed


def _followed_turn(sleep: Callable[..., Any]) -> Callable[..., Any]:
    """The run of the event loop that `select.select` allows if there is nothing to wait for."""

    def followed() -> Any:
        begun = socket_wait_begins(_NO_SOCKET)
        result = sleep()
        if begun:
            turn_ended(begun)
        return result

    return followed
