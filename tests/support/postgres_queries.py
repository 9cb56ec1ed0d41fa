"""Slow queries of users of PostgreSQL, beside connections of their own or shared ones."""

from __future__ import annotations

import psycopg
from gevent.event import Event

from crowd import TEN, crowd
from locust_rs import task
from locust_rs.contrib.postgres import PostgresUser
from polling import until

GOOD, BAD = "postgres_success execute_query", "postgres_failure execute_query"
"""What a crowd has seen of a query."""

OVERSLEPT = "select 'overslept' from pg_sleep(600)"
"""A query that no test waits for."""


def sleeping(connection: psycopg.Connection) -> int:
    """How many of these queries run on the server."""
    query = "select count(*) from pg_stat_activity where query like '%overslept%' and state = 'active'"
    return connection.execute(query).fetchone()[0] - 1  # type: ignore[index]  # a count is one row; its own query is one


def slow_query_holds_nobody_else(user_class: type[PostgresUser], url: str, accounts: psycopg.Connection) -> None:
    """One user's query waits for a lock that the test holds, while the other users go on."""
    began = Event()
    answers: list[object] = []

    class Mixed(user_class):  # type: ignore[misc, valid-type]  # a class that the caller chooses
        conn_string = url

        @task
        def ask(self) -> None:
            if began.is_set():
                self.client.execute_query("select 1")
            else:
                began.set()
                answers.append(self.client.execute_query("select pg_advisory_lock(7)"))

    accounts.execute("select pg_advisory_lock(7)")
    with crowd(Mixed) as seen:
        began.wait()
        seen.wait_for(GOOD, 10 * TEN)
        assert answers == []
        accounts.execute("select pg_advisory_unlock(7)")
        until(lambda: len(answers) == 1, "the slow answer")
