"""What a locustfile may add to a run: a page of the web UI, a listener of all requests, and the verdict at the end."""

from collections import Counter

from locust import HttpUser, constant, events, task

statuses: Counter[int] = Counter()


@events.request.add_listener
def count_status(response, **kwargs):
    statuses[response.status_code if response is not None else 0] += 1


@events.init.add_listener
def add_page(web_ui, **kwargs):
    if web_ui:

        @web_ui.app.route("/statuses")
        def show_statuses():
            return dict(statuses)


@events.quitting.add_listener
def judge(environment, **kwargs):
    if environment.stats.total.num_failures > 0:
        environment.process_exit_code = 3


class Visitor(HttpUser):
    wait_time = constant(0.5)

    @task(9)
    def home(self):
        self.client.get("/")

    @task
    def broken(self):
        self.client.get("/broken")
