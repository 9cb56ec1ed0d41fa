"""`HttpUser`, session with cookies, a redirect followed, JSON body. Two requests on the wire for each one reported."""

from locust import HttpUser, task


class Bench(HttpUser):
    def on_start(self):
        self.client.get("/cookie")

    @task
    def post(self):
        body = {"name": "kettle", "quantity": 3, "tags": ["a", "b"]}
        with self.client.post("/redirect", json=body, catch_response=True) as response:
            if response.json()["status"] != "ok":
                response.failure("wrong status")
