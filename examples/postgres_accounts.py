"""Clerks who look up and book accounts in PostgreSQL. Needs psycopg; run it with `--host postgresql://…`."""

import random

from locust import between, events, task
from locust.contrib.postgres import PostgresClient, PostgresUser


@events.test_start.add_listener
def make_table(environment, **kwargs):
    client = PostgresClient(environment.host)
    client.execute_query("create table if not exists accounts (id serial primary key, balance int)")
    client.execute_query("insert into accounts (balance) select 100 from generate_series(1, 50)")
    client.close()


class Clerk(PostgresUser):
    wait_time = between(0.1, 0.5)

    @task(3)
    def look(self):
        self.client.execute_query(f"select balance from accounts where id = {random.randint(1, 50)}")

    @task
    def book(self):
        with self.client.transaction():
            self.client.execute_query("update accounts set balance = balance - 1 where id = 1")
            self.client.execute_query("update accounts set balance = balance + 1 where id = 2")
