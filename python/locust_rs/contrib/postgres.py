"""PostgresUser: tests PostgreSQL with psycopg."""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from gevent.local import local

from locust_rs.contrib._extras import missing_extra
from locust_rs.event import EventHook, default
from locust_rs.user.base import User

try:
    import psycopg
except ModuleNotFoundError as error:
    raise missing_extra("PostgresUser", "postgres", error) from error

from locust_rs.contrib._postgres_pool import SharedPool

CANCEL_S = 2.0
"""How long a client that closes waits for the server to cancel its query."""


class _Client(ABC):
    """Runs queries and reports them; each is a request named `execute_query` and a transaction of its own."""

    def __init__(self, request_event: EventHook | None) -> None:
        self._request_event = request_event

    @abstractmethod
    def _reconnect(self) -> bool:
        """Makes a lost connection anew; whether it did."""

    @abstractmethod
    def _lent(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        """A connection for one query."""

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
            if self._reconnect():
                # The time of a query is not that of connecting.
                start_time, started = time.time(), time.perf_counter()
            with self._lent() as connection:
                rows = _rows(connection, query)
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
    """One connection, which is made anew before the next query if it was lost; the query fails if that is not possible.

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

    def transaction(self) -> AbstractContextManager[psycopg.Transaction]:
        """A block whose queries count together or not at all; an exception that leaves it takes them back.

        Raises:
            psycopg.Error: The transaction could not begin, or not be committed.
        """
        self._reconnect()
        return self.connection.transaction()

    def close(self) -> None:
        """Closes the connection; a query that was interrupted ends on the server too."""
        self._ended = True
        _abandon(self.connection)

    def _reconnect(self) -> bool:
        if not self.connection.closed or self._ended:
            return False
        self.connection = psycopg.connect(self._conn_string, autocommit=True)
        return True

    def _lent(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        return contextlib.nullcontext(self.connection)


class PooledPostgresClient(_Client):
    """Has a connection of a pool for each query, and for each block of `transaction`.

    The time of a query includes the wait for a free connection, or for a new one, as that of an application does.

    Args:
        pool: The connections, which this client has joined; it leaves them when it is closed.
        request_event: The event to fire; None: `locust.events.request`.
    """

    def __init__(self, pool: SharedPool, request_event: EventHook | None = None) -> None:
        super().__init__(request_event)
        self._pool = pool
        self._in_transaction = local()
        self._ended = False

    @property
    def connection(self) -> psycopg.Connection[Any]:
        """The connection of the transaction in whose block the caller is.

        Raises:
            RuntimeError: There is no such block.
        """
        connection: psycopg.Connection[Any] | None = getattr(self._in_transaction, "connection", None)
        if connection is None:
            raise RuntimeError("a client of a pool has a connection in a block of `client.transaction()` only")
        return connection

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Transaction]:
        """A block whose queries count together or not at all; an exception that leaves it takes them back.

        Queries of the same greenlet are in the transaction; a block inside the block is a savepoint.

        Raises:
            psycopg.Error: The transaction could not begin, or not be committed.
        """
        outer = getattr(self._in_transaction, "connection", None)
        with self._lent() as connection, connection.transaction() as transaction:
            self._in_transaction.connection = connection
            try:
                yield transaction
            finally:
                self._in_transaction.connection = outer

    def close(self) -> None:
        """Leaves the pool, whose connections end with its last client."""
        if not self._ended:
            self._ended = True
            self._pool.leave()

    def _reconnect(self) -> bool:
        return False

    def _lent(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        outer = getattr(self._in_transaction, "connection", None)
        if outer is not None:
            return contextlib.nullcontext(outer)
        if self._ended:
            raise psycopg.OperationalError("the client is closed")
        return self._pool.lent()


def _rows(connection: psycopg.Connection[Any], query: str) -> list[Any] | None:
    try:
        cursor = connection.execute(query)
        return None if cursor.description is None else cursor.fetchall()
    except psycopg.Error:
        raise
    except BaseException:
        # A user that was stopped, or a timeout of its own: while the answer is due, the connection refuses all queries.
        _abandon(connection)
        raise


def _abandon(connection: psycopg.Connection[Any]) -> None:
    """Closes a connection; a query that runs on it ends on the server too."""
    try:
        # `cancel` is a blocking call of libpq; psycopg before 3.2 has no other.
        if connection.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE and hasattr(
            connection, "cancel_safe"
        ):
            connection.cancel_safe(timeout=CANCEL_S)
    except psycopg.Error:
        pass
    finally:
        connection.close()


class PostgresUser(User):
    """A User whose `client` runs queries, on a connection of its own or on those that its class shares."""

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
            self.client = PooledPostgresClient(SharedPool.join(type(self), conn_string, self.pool_size), event)

    def on_stop(self) -> None:
        """Closes the connection, or leaves those of the class."""
        self.client.close()
