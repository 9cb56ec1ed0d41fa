"""`FastHttpUser` with checks of the server's responses."""

from locust import FastHttpUser, constant_throughput, task


class ApiUser(FastHttpUser):
    wait_time = constant_throughput(5)

    @task
    def read(self):
        with self.client.get("/api/status", catch_response=True) as response:
            if response.status_code == 200 and response.json().get("status") != "ok":
                response.failure("the service does not feel well")

    @task
    def write(self):
        with self.rest("POST", "/api/orders", json={"article": 17}) as response:
            if response.js is not None and "id" not in response.js:
                response.failure("no id in the answer")
