"""PostgresUser against PostgreSQL: times and failures, transactions, a server that dies and returns."""

from __future__ import annotations

import time

import psycopg

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant, task
from locust_rs.contrib.postgres import PostgresUser
from polling import until
from postgres_queries import BAD, GOOD, OVERSLEPT, sleeping, slow_query_holds_nobody_else
from real_servers import RACES_WITH_SERVERS, Postgres

pytestmark = RACES_WITH_SERVERS


class Clerk(PostgresUser):
    abstract = True
    wait_time = constant(0.02)


def test_ten_users_query_at_once(postgres: Postgres, accounts: psycopg.Connection) -> None:
    around: list[float] = []
    inserted: list[int] = []

    class Booking(Clerk):
        conn_string = postgres.url

        @task
        def book(self) -> None:
            began = time.perf_counter()
            assert self.client.execute_query("select 7 from pg_sleep(0.05)") == [(7,)]
            around.append((time.perf_counter() - began) * 1000)
            self.client.execute_query("insert into accounts values ('me', 1)")
            inserted.append(1)
            assert self.client.execute_query("insert into accounts values ('me', -1)") is None

    with crowd(Booking) as seen:
        seen.wait_for(BAD, 3 * TEN)
        assert len({user.client.connection.info.backend_pid for user in seen.users}) == TEN
    (booked,) = accounts.execute("select count(*) from accounts").fetchone() or ()
    # Users may have been stopped between the answer and the line after it.
    assert len(inserted) <= booked <= len(inserted) + TEN
    assert all('violates check constraint "accounts_balance_check"' in str(r["exception"]) for r in seen.failed)
    slow = [request for request in seen.good if request["response_time"] >= 50]
    assert len(slow) >= len(around)
    assert {request["response_length"] for request in seen.requests} == {0}
    assert min(request["response_time"] for request in slow) <= min(around)
    leaves_no_connection(postgres.port, but=1)


def test_queries_of_a_transaction_count_together_or_not_at_all(
    postgres: Postgres, accounts: psycopg.Connection
) -> None:
    class Transferring(Clerk):
        conn_string = postgres.url

        @task
        def transfer(self) -> None:
            with self.client.connection.transaction(force_rollback=True):
                self.client.execute_query("insert into accounts values ('left', 1)")
            with self.client.transaction():
                self.client.execute_query("insert into accounts values ('right', 1)")
                self.client.execute_query("insert into accounts values ('right', 1)")

    with crowd(Transferring) as seen:
        seen.wait_for(GOOD, 9 * TEN)
    rows = dict(accounts.execute("select owner, count(*) from accounts group by owner").fetchall())
    assert list(rows) == ["right"]
    assert rows["right"] % 2 == 0
    assert seen.failed == []


def test_users_survive_a_server_that_dies_and_returns(postgres: Postgres) -> None:
    class Patient(Clerk):
        conn_string = postgres.url
        wait_time = constant(0.1)

        @task
        def ask(self) -> None:
            self.client.execute_query("select 1")

    with crowd(Patient) as seen:
        seen.wait_for(GOOD, 3 * TEN)
        postgres.kill()
        seen.wait_for_failures(3 * TEN)
        postgres.start()
        before = len(seen.good)
        until(lambda: len(seen.good) >= before + 3 * TEN, "answers of the new server")
        until(lambda: not any(user.client.connection.closed for user in seen.users), "connections of all")
    assert {type(request["exception"]) for request in seen.failed} <= {
        psycopg.OperationalError,
        psycopg.errors.AdminShutdown,
        psycopg.errors.CannotConnectNow,
        psycopg.errors.CrashShutdown,
    }
    leaves_no_connection(postgres.port)


def test_a_stopped_user_leaves_no_query_behind(postgres: Postgres, accounts: psycopg.Connection) -> None:
    class Slow(Clerk):
        conn_string = postgres.url

        @task
        def sleep(self) -> None:
            self.client.execute_query(OVERSLEPT)

    with crowd(Slow) as seen:
        until(lambda: sleeping(accounts) == TEN, "ten slow queries")
    until(lambda: sleeping(accounts) == 0, "the end of the queries")
    assert seen.requests == []


def test_a_slow_query_of_one_user_does_not_hold_the_others(postgres: Postgres, accounts: psycopg.Connection) -> None:
    slow_query_holds_nobody_else(Clerk, postgres.url, accounts)
