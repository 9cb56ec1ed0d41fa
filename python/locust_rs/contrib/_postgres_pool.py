"""Connections to PostgreSQL that users of a class share, in psycopg's pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from locust_rs.contrib._extras import missing_extra

try:
    from psycopg_pool import ConnectionPool
except ModuleNotFoundError as error:
    raise missing_extra("pool_size of PostgresUser", "postgres", error) from error


class SharedPool:
    """A pool that is opened by its first user and closed by its last.

    Args:
        conn_string: A connection string or URL in psycopg's format.
        size: The most connections.
    """

    _known: dict[tuple[str, int], SharedPool] = {}

    def __init__(self, conn_string: str, size: int) -> None:
        self._key = (conn_string, size)
        self._users = 0
        # Connections are made when they are needed, so that a server that is not there fails queries, and not users.
        self._pool = ConnectionPool(
            conn_string, min_size=0, max_size=size, kwargs={"autocommit": True}, open=False, name="locust"
        )

    @classmethod
    def join(cls, conn_string: str, size: int) -> SharedPool:
        """The pool for these connections; call `leave` when it is no longer needed."""
        key = (conn_string, size)
        pool = cls._known.get(key)
        if pool is None:
            pool = cls._known[key] = cls(conn_string, size)
            pool._pool.open()
        pool._users += 1
        return pool

    def leave(self) -> None:
        """Closes the pool if nobody else uses it."""
        self._users -= 1
        if not self._users:
            del self._known[self._key]
            self._pool.close()

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a block; waits for a free one, up to 30 s.

        Raises:
            psycopg.OperationalError: None became free in time.
        """
        connection = self._pool.getconn()
        try:
            yield connection
        finally:
            self._pool.putconn(connection)
