"""A soak, a ramp and a spike side by side: each class brings its own users over time."""

from locust import FastHttpUser, constant_pacing, task


class Resident(FastHttpUser):
    """The soak: 5 users all the time."""

    user_stages = [(5, 5)]
    run_for = "2m"  # the level of the last stage is kept
    wait_time = constant_pacing(1)

    @task
    def home(self):
        self.client.get("/")


class Crowd(FastHttpUser):
    """The ramp: to 10 users and back."""

    start_after = "2s"
    user_stages = [(20, 10), (40, 10), (20, 0)]
    wait_time = constant_pacing(1)

    @task
    def search(self):
        self.client.get("/search", params={"q": "kettle"}, name="/search")


class Rush(FastHttpUser):
    """The spike: 20 users at once, for 10 s, who may finish what they do."""

    start_after = "5s"
    user_stages = [(0, 20), (10, 20)]
    graceful_stop = "5s"
    wait_time = constant_pacing(1)

    @task
    def buy(self):
        self.client.get("/item/1", name="/item/[id]")
