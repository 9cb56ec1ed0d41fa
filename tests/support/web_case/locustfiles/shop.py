"""Users of the counting target, with custom arguments; runs on stock Locust too."""

from locust import HttpUser, User, constant, events, task


class Buyer(HttpUser):
    wait_time = constant(0.1)
    weight = 3

    @task(3)
    def hello(self):
        self.client.get("/hello")

    @task
    def bad(self):
        self.client.get("/bad?token=hidden-in-evidence", name="/bad")
        metrics = getattr(self.environment, "metrics", None)  # stock Locust has none
        if metrics is not None:
            metrics.trend("basket", unit="items").add(3, shop="de")

    @task
    def boom(self):
        raise ValueError("<b>boom</b>")


class Idle(User):
    wait_time = constant(0.1)
    host = "http://idle.example"

    @task
    def nothing(self):
        pass


@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--my-text", default="", help="It's working")
    parser.add_argument("--my-int", type=int, default=5)
    parser.add_argument("--my-none")
    parser.add_argument("--my-env", choices=["dev", "prod"], default="dev", help="Environment")
    parser.add_argument("--my-multi", choices=["a", "b", "c"], is_multiple=True, default=["a"])
    parser.add_argument("--my-hidden", include_in_web_ui=False, default="hidden")
    parser.add_argument("--my-bool", default=True)
    parser.add_argument("--my-required", is_required=True, default="r")
