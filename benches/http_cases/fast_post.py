"""`FastHttpUser`, POST with JSON, cookies set, `catch_response` with a check of `response.json()`."""

from locust import FastHttpUser, task


class Bench(FastHttpUser):
    def on_start(self):
        self.client.get("/cookie")

    @task
    def post(self):
        body = {"name": "kettle", "quantity": 3, "tags": ["a", "b"]}
        with self.client.post("/json", json=body, catch_response=True) as response:
            if response.json()["status"] != "ok":
                response.failure("wrong status")
