"""PostgreSQL, for those files that need it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from locust_rs.env import Environment
from real_servers import Postgres, pick_port, running_postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres(pick_port()) as running:
        yield running


@pytest.fixture
def accounts(postgres: Postgres) -> Iterator[psycopg.Connection]:
    """A connection beside the test, and an empty table."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("drop table if exists accounts")
        connection.execute("create table accounts (owner text, balance int check (balance >= 0))")
        yield connection


@pytest.fixture
def environment() -> Environment:
    return Environment()
