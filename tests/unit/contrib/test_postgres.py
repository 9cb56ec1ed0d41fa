"""PostgresUser against a real server."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from locust_rs.contrib.postgres import PostgresClient, PostgresUser
from locust_rs.env import Environment
from locust_rs.event import default


def test_queries_and_failures(postgres_url: str, environment: Environment, requests: list[dict[str, Any]]) -> None:
    class MyUser(PostgresUser):
        conn_string = postgres_url

    user = MyUser(environment)
    assert user.client.execute_query("select 1, 'x'") == [(1, "x")]
    assert user.client.execute_query("create table t (a int)") is None
    assert user.client.execute_query("select nope") is None
    # A failed query does not make the following ones fail.
    assert user.client.execute_query("select count(*) from t") == [(0,)]
    user.on_stop()
    assert user.client.execute_query("select 1") is None

    assert [request["request_type"] for request in requests] == [
        "postgres_success",
        "postgres_success",
        "postgres_failure",
        "postgres_success",
        "postgres_failure",
    ]
    assert {request["name"] for request in requests} == {"execute_query"}
    assert requests[0]["response_time"] > 0
    assert 'column "nope" does not exist' in str(requests[2]["exception"])


def test_a_client_without_user_reports_to_the_events_of_the_process(postgres_url: str) -> None:
    fired: list[dict[str, Any]] = []
    listener = default.events.request.add_listener(lambda **kwargs: fired.append(kwargs))
    client = PostgresClient(postgres_url)
    try:
        client.execute_query("select 1")
    finally:
        client.close()
        default.events.request.remove_listener(listener)
    assert [request["request_type"] for request in fired] == ["postgres_success"]


def test_no_server_and_no_address_are_errors(environment: Environment, free_port: int) -> None:
    class Nowhere(PostgresUser):
        conn_string = f"postgresql://postgres@127.0.0.1:{free_port}/postgres"

    class Nothing(PostgresUser): ...

    with pytest.raises(psycopg.OperationalError):
        Nowhere(environment)
    with pytest.raises(ValueError, match="Nothing has no conn_string"):
        Nothing(environment)
