"""PostgresUser with `pool_size`: connections that ten users share, also while they are stopped and the server dies."""

from __future__ import annotations

import contextlib
import logging
import time

import gevent
import psycopg
import pytest

from crowd import TEN, connections_to, crowd, leaves_no_connection
from locust_rs import constant, task
from locust_rs.contrib import _postgres_pool
from locust_rs.contrib.postgres import PostgresUser
from locust_rs.env import Environment
from polling import until
from postgres_queries import BAD, GOOD, OVERSLEPT, sleeping, slow_query_holds_nobody_else
from real_servers import RACES_WITH_SERVERS, Postgres

pytestmark = RACES_WITH_SERVERS

SIZE = 3


class Sharing(PostgresUser):
    abstract = True
    wait_time = constant(0.02)
    pool_size = SIZE


def test_ten_users_share_three_connections(postgres: Postgres, accounts: psycopg.Connection) -> None:
    pids: set[int] = set()
    around: list[float] = []

    class Clerk(Sharing):
        conn_string = postgres.url

        @task
        def work(self) -> None:
            began = time.perf_counter()
            ((pid, _),) = self.client.execute_query("select pg_backend_pid(), pg_sleep(0.01)") or [(0, None)]
            around.append((time.perf_counter() - began) * 1000)
            pids.add(pid)
            assert self.client.execute_query("insert into accounts values ('me', -1)") is None

    with crowd(Clerk) as seen:
        seen.wait_for(BAD, 5 * TEN)
    assert 0 not in pids
    assert len(pids) == SIZE
    assert all('violates check constraint "accounts_balance_check"' in str(r["exception"]) for r in seen.failed)
    times = [request["response_time"] for request in seen.good]
    # The wait for a connection is part of the time, which the task sees as well.
    assert len(times) >= len(around)
    assert 10 <= min(times) <= min(around)
    leaves_no_connection(postgres.port, but=1)


def test_a_transaction_holds_its_connection(postgres: Postgres, accounts: psycopg.Connection) -> None:
    class Clerk(Sharing):
        conn_string = postgres.url

        @task
        def transfer(self) -> None:
            with self.client.transaction():
                self.client.execute_query("insert into accounts values ('outer', 1)")
                self.fail_within_a_block()
                # The other users have every chance to take a connection.
                gevent.sleep(0.001)
                self.client.execute_query("insert into accounts values ('outer', 1)")
                assert self.client.connection.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS
            with pytest.raises(RuntimeError, match="has a connection in a block of"):
                _ = self.client.connection
            self.fail_within_a_block()

        def fail_within_a_block(self) -> None:
            with contextlib.suppress(ZeroDivisionError), self.client.transaction():
                self.client.execute_query("insert into accounts values ('undone', 1)")
                raise ZeroDivisionError

    with crowd(Clerk) as seen:
        seen.wait_for(GOOD, 9 * TEN)
    rows = dict(accounts.execute("select owner, count(*) from accounts group by owner").fetchall())
    assert list(rows) == ["outer"]
    assert rows["outer"] % 2 == 0
    assert seen.failed == []
    leaves_no_connection(postgres.port, but=1)


def test_sharing_users_survive_a_server_that_dies_and_returns(postgres: Postgres) -> None:
    class Patient(Sharing):
        conn_string = postgres.url

        @task
        def ask(self) -> None:
            self.client.execute_query("select 1")

        @task
        def book(self) -> None:
            try:
                with self.client.transaction():
                    self.client.execute_query("select 2")
            except psycopg.OperationalError:
                gevent.sleep(0.02)

    with crowd(Patient) as seen:
        seen.wait_for(GOOD, 3 * TEN)
        postgres.kill()
        seen.wait_for_failures(3 * TEN)
        postgres.start()
        before = len(seen.good)
        until(lambda: len(seen.good) >= before + 3 * TEN, "answers of the new server")
        assert connections_to(postgres.port) <= SIZE
    leaves_no_connection(postgres.port)


@pytest.mark.parametrize("within", ["a query", "a transaction"])
def test_stopped_users_leave_neither_query_nor_connection(
    postgres: Postgres, accounts: psycopg.Connection, caplog: pytest.LogCaptureFixture, within: str
) -> None:
    """Three are in a query, seven wait for a connection; both kinds are stopped at once."""

    class Slow(Sharing):
        conn_string = postgres.url

        @task
        def sleep(self) -> None:
            if within == "a query":
                self.client.execute_query(OVERSLEPT)
            with self.client.transaction():
                self.client.execute_query(OVERSLEPT)

    with crowd(Slow) as seen, caplog.at_level(logging.WARNING, "psycopg"):
        until(lambda: sleeping(accounts) == SIZE, "as many slow queries as connections")
    # Not by a collection: what is left open belongs to nobody.
    until(lambda: connections_to(postgres.port) == 1, "the end of the connections")
    until(lambda: sleeping(accounts) == 0, "the end of the queries")
    assert seen.requests == []
    assert [record.getMessage() for record in caplog.records if record.name.startswith("psycopg")] == []


def test_a_slow_query_holds_one_connection_and_no_user(postgres: Postgres, accounts: psycopg.Connection) -> None:
    slow_query_holds_nobody_else(Sharing, postgres.url, accounts)


def test_a_query_that_gets_no_connection_fails(
    postgres: Postgres, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_postgres_pool, "WAIT_S", 0.05)
    failures: list[str] = []
    environment.events.request.add_listener(lambda exception, **kwargs: failures.append(str(exception)))

    class One(Sharing):
        conn_string = postgres.url
        pool_size = 1

    holder, other = One(environment), One(environment)
    with holder.client.transaction():
        assert other.client.execute_query("select 1") is None
    assert other.client.execute_query("select 1") == [(1,)]
    holder.on_stop()
    other.on_stop()
    assert other.client.execute_query("select 1") is None
    assert failures == [
        "no connection became free in 0.05 s: all 1 of the pool are in use", "None", "the client is closed"
    ]  # fmt: skip
    assert connections_to(postgres.port) == 0


def test_a_timeout_of_the_user_does_not_spoil_the_next_query(postgres: Postgres, environment: Environment) -> None:
    for size in (None, 1):

        class Hurried(Sharing):
            conn_string = postgres.url
            pool_size = size

        user = Hurried(environment)
        with gevent.Timeout(0.05, False):
            user.client.execute_query("select pg_sleep(600)")
        assert user.client.execute_query("select 5") == [(5,)]
        user.on_stop()
    assert connections_to(postgres.port) == 0


def test_a_pool_without_places_is_an_error(environment: Environment) -> None:
    class Nobody(Sharing):
        conn_string = "postgresql://127.0.0.1"
        pool_size = 0

    with pytest.raises(ValueError, match="pool_size is 0: it has to be at least 1"):
        Nobody(environment)
