"""Buyers who look up orders in MongoDB. Needs `pip install pymongo`; the server is `MONGODB_URL`."""

import os
import random

from locust import between, events, task
from locust.contrib.mongodb import MongoDBClient, MongoDBUser

URL = os.environ.get("MONGODB_URL", "mongodb://localhost:27017")


@events.test_start.add_listener
def make_orders(environment, **kwargs):
    with MongoDBClient(URL, "shop") as client:
        client.db.orders.drop()
        client.db.orders.insert_many([{"buyer": number % 10, "pieces": number} for number in range(100)])


class Buyer(MongoDBUser):
    conn_string = URL
    db_name = "shop"
    wait_time = between(0.1, 0.5)

    @task
    def list_orders(self):
        self.client.execute_query("orders", {"buyer": random.randrange(10)})
