"""PostgresUser: tests PostgreSQL with psycopg."""

from __future__ import annotations

import contextlib
import time
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


class PostgresClient:
    """One connection; each query is a request named `execute_query` and a transaction of its own.

    A connection that was lost is made anew before the next query, which fails if that is not possible.

    Args:
        conn_string: A connection string or URL in psycopg's format.
        request_event: The event to fire; None: `locust.events.request`.

    Raises:
        psycopg.OperationalError: The connection failed.
    """

    def __init__(self, conn_string: str, request_event: EventHook | None = None) -> None:
        self.connection = psycopg.connect(conn_string, autocommit=True)
        self._conn_string = conn_string
        self._request_event = request_event
        self._ended = False

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
            if self.connection.closed and not self._ended:
                self.connection = psycopg.connect(self._conn_string, autocommit=True)
                # The time of a query is not that of connecting.
                start_time, started = time.time(), time.perf_counter()
            cursor = self.connection.execute(query)
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

    def close(self) -> None:
        """Closes the connection; a query that was interrupted ends on the server too."""
        self._ended = True
        connection = self.connection
        if connection.info.transaction_status is psycopg.pq.TransactionStatus.ACTIVE:
            with contextlib.suppress(psycopg.Error):
                _cancel(connection)
        connection.close()


def _cancel(connection: psycopg.Connection[Any]) -> None:
    # `cancel` is a blocking call of libpq; psycopg before 3.2 has no other.
    if hasattr(connection, "cancel_safe"):
        connection.cancel_safe(timeout=CANCEL_S)


class PostgresUser(User):
    """A User with its own connection, `client`."""

    abstract = True

    conn_string: str
    """The database; if it is not set, the User's `host`."""

    client: PostgresClient

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        conn_string = getattr(self, "conn_string", None) or self.host
        if not conn_string:
            raise ValueError(
                f"{type(self).__name__} has no conn_string: set it to something like "
                '"postgresql://user:password@localhost:5432/database"'
            )
        self.client = PostgresClient(conn_string, self.environment.events.request)

    def on_stop(self) -> None:
        """Closes the connection."""
        self.client.close()
