"""Calls over a WebSocket, each recognised by its id, and what the server sends unasked.

locust -f examples/websocket_calls.py --host wss://example.com
"""

import json
from itertools import count

from locust import between, task
from locust.contrib.websocket import WebSocketUser


class Caller(WebSocketUser):
    wait_time = between(0.1, 0.5)
    numbers = count(1)

    def on_start(self):
        self.client.connect("/rpc", name="rpc")

    @task
    def price(self):
        number = next(self.numbers)
        call = {"id": number, "method": "price", "value": 42}
        answer = self.client.round_trip(json.dumps(call), id=number, name="price")
        # None: it failed, which is recorded.
        if answer is not None and json.loads(answer)["result"] != 42:
            raise ValueError(f"a wrong price: {answer}")


class Subscriber(WebSocketUser):
    wait_time = between(0.1, 0.2)

    @task
    def follow(self):
        self.client.connect("/push?count=10", name="news")
        for message in self.client.messages(timeout=30):
            self.last_news = message
