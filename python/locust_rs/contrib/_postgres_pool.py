"""Connections to PostgreSQL that the users of a class share.

psycopg's own pool is not used: it connects in workers of its own, and a user that is stopped at the moment in which a
connection is handed to it leaves that connection with nobody. Here the user that waits for a place connects by itself,
so a connection is always in a frame that closes it or in the pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from gevent.lock import BoundedSemaphore

WAIT_S = 30.0
"""How long a query waits for a free connection."""


class SharedPool:
    """At most so many connections, which are made when they are needed and closed when the last client has left.

    Args:
        conn_string: A connection string or URL in psycopg's format.
        size: The most connections.

    Raises:
        ValueError: The size is less than 1.
    """

    _of_class: dict[tuple[type, str], SharedPool] = {}

    def __init__(self, conn_string: str, size: int) -> None:
        if size < 1:
            raise ValueError(f"pool_size is {size}: it has to be at least 1, or None for a connection of each user")
        self._conn_string = conn_string
        self._size = size
        self._places = BoundedSemaphore(size)
        self._idle: list[psycopg.Connection[Any]] = []
        self._clients = 0

    @classmethod
    def join(cls, user_class: type, conn_string: str, size: int) -> SharedPool:
        """Returns the pool that users of a class share for a connection string; it is left by `leave`."""
        key = (user_class, conn_string)
        pool = cls._of_class.get(key)
        if pool is None:
            pool = cls._of_class[key] = cls(conn_string, size)
        pool._clients += 1
        return pool

    def leave(self) -> None:
        """Closes the connections if nobody else uses them; one that is lent is closed when it returns."""
        self._clients -= 1
        if self._clients:
            return
        for key in [key for key, pool in self._of_class.items() if pool is self]:
            del self._of_class[key]
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def lent(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a block, the one that was used last or a new one.

        Raises:
            psycopg.OperationalError: None became free in time, or a new one could not be made.
        """
        if not self._places.acquire(timeout=WAIT_S):
            raise psycopg.OperationalError(
                f"no connection became free in {WAIT_S:g} s: all {self._size} of the pool are in use"
            )
        try:
            connection = self._idle.pop() if self._idle else psycopg.connect(self._conn_string, autocommit=True)
            try:
                yield connection
            finally:
                self._take_back(connection)
        finally:
            self._places.release()

    def _take_back(self, connection: psycopg.Connection[Any]) -> None:
        # One that is lost, or still in a transaction that the test began by itself, is not for others.
        is_idle = connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        if is_idle and self._clients:
            self._idle.append(connection)
        else:
            connection.close()
