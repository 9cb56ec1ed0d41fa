"""PostgresUser: tests PostgreSQL with psycopg."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from locust_rs.contrib._extras import missing_extra
from locust_rs.event import EventHook, default
from locust_rs.user.base import User

try:
    import psycopg
except ModuleNotFoundError as error:
    raise missing_extra("PostgresUser", "postgres", error) from error

CANCEL_S = 2.0
"""How long a client that closes waits for the server to cancel its query."""


class _Client(ABC):
    """Runs queries and reports them; each is a request named `execute_query` and a transaction of its own."""

    def __init__(self, request_event: EventHook | None) -> None:
        self._request_event = request_event

    @abstractmethod
    def _borrowed(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection for one query."""

    @abstractmethod
    def _renews(self) -> bool:
        """Connects again if the connection was lost; whether it did."""

    def execute_query(self, query: str) -> list[Any] | None:
        """Runs a query; a failure is reported, not raised.

        Returns:
            The rows; None if the query returns none or fails.
        """
        rows: list[Any] | None = None
        exception: Exception | None = None
        start_time = time.time()
        started = time.perf_counter()
        try:
            if self._renews():
                # The time of a query is not that of connecting.
                start_time, started = time.time(), time.perf_counter()
            with self._borrowed() as connection:
                cursor = connection.execute(query)
                if cursor.description is not None:
                    rows = cursor.fetchall()
        except psycopg.Error as failure:
            exception = failure
        (self._request_event or default.events.request).fire(
            request_type="postgres_failure" if exception else "postgres_success",
            name="execute_query",
            response_time=(time.perf_counter() - started) * 1000,
            response_length=0,
            exception=exception,
            context={},
            start_time=start_time,
        )
        return rows


class PostgresClient(_Client):
    """One connection, which is made anew before the next query if it was lost; a query fails if that is not possible.

    Args:
        conn_string: A connection string or URL in psycopg's format.
        request_event: The event to fire; None: `locust.events.request`.

    Raises:
        psycopg.OperationalError: The connection failed.
    """

    def __init__(self, conn_string: str, request_event: EventHook | None = None) -> None:
        super().__init__(request_event)
        self.connection = psycopg.connect(conn_string, autocommit=True)
        self._conn_string = conn_string
        self._ended = False

    def _renews(self) -> bool:
        if not self.connection.closed or self._ended:
            return False
        self.connection = psycopg.connect(self._conn_string, autocommit=True)
        return True

    def _borrowed(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        return nullcontext(self.connection)

    def transaction(self) -> AbstractContextManager[Any]:
        """A block whose queries count together or not at all; an exception that leaves it takes them back."""
        return self.connection.transaction()

    def close(self) -> None:
        """Closes the connection; a query that was interrupted ends on the server too."""
        self._ended = True
        connection = self.connection
        _cancel_running(connection)
        connection.close()


class PooledPostgresClient(_Client):
    """Takes a connection of a pool for each query, and for each block of `transaction`.

    The time of a query includes the wait for a free connection, as that of an application with such a pool does.

    Args:
        conn_string: A connection string or URL in psycopg's format.
        pool_size: The most connections of all clients with this string and size.
        request_event: The event to fire; None: `locust.events.request`.
    """

    def __init__(self, conn_string: str, pool_size: int, request_event: EventHook | None = None) -> None:
        from locust_rs.contrib._postgres_pool import SharedPool

        super().__init__(request_event)
        self._pool = SharedPool.join(conn_string, pool_size)
        self._held: psycopg.Connection[Any] | None = None
        self._ended = False

    def _renews(self) -> bool:
        return False

    @contextmanager
    def _borrowed(self) -> Iterator[psycopg.Connection[Any]]:
        if self._held is not None:
            yield self._held
            return
        with self._pool.connection() as connection:
            try:
                yield connection
            except BaseException:
                _cancel_running(connection)
                raise

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """A block whose queries count together or not at all; an exception that leaves it takes them back.

        Raises:
            psycopg.OperationalError: No connection became free in time.
        """
        with self._borrowed() as connection, connection.transaction() as block:
            self._held = connection
            try:
                yield block
            finally:
                self._held = None

    def close(self) -> None:
        """Leaves the pool, which the last client closes."""
        if not self._ended:
            self._ended = True
            self._pool.leave()


def _cancel_running(connection: psycopg.Connection[Any]) -> None:
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE:
        with contextlib.suppress(psycopg.Error):
            _cancel(connection)


def _cancel(connection: psycopg.Connection[Any]) -> None:
    # `cancel` is a blocking call of libpq; psycopg before 3.2 has no other.
    if hasattr(connection, "cancel_safe"):
        connection.cancel_safe(timeout=CANCEL_S)


class PostgresUser(User):
    """A User whose `client` runs queries, on a connection of its own or on those that the class shares."""

    abstract = True

    conn_string: str
    """The database; if it is not set, the User's `host`."""

    pool_size: int | None = None
    """The most connections of all users of the class together, as an application has; None: each has its own."""

    client: PostgresClient | PooledPostgresClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conn_string = getattr(self, "conn_string", None) or self.host
        if not conn_string:
            raise ValueError(
                f"{type(self).__name__} has no conn_string: set it to something like "
                '"postgresql://user:password@localhost:5432/database"'
            )
        event = self.environment.events.request
        if self.pool_size is None:
            self.client = PostgresClient(conn_string, event)
        else:
            self.client = PooledPostgresClient(conn_string, self.pool_size, event)

    def on_stop(self) -> None:
        """Closes the connection, or leaves the pool."""
        self.client.close()
