"""Each user has an account of its own, on whatever worker it runs: the master hands out parts of the list."""

from locust import HttpUser, constant, events, task
from locust.runners import MasterRunner, WorkerRunner

accounts: list[str] = []


@events.init.add_listener
def listen_for_accounts(environment, runner, **kwargs):
    if isinstance(runner, WorkerRunner):
        runner.register_message("accounts", lambda msg, **kwargs: accounts.extend(msg.data))


@events.test_start.add_listener
def hand_out_accounts(environment, **kwargs):
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return
    workers = list(runner.clients) if isinstance(runner, MasterRunner) else []
    # Enough for the largest share, when the users cannot be shared equally.
    names = [f"user{number}" for number in range(environment.parsed_options.num_users + len(workers))]
    for position, worker in enumerate(workers):
        runner.send_message("accounts", names[position :: len(workers)], worker)
    if not workers:
        accounts.extend(names)


class Member(HttpUser):
    wait_time = constant(1)

    def on_start(self):
        self.client.post("/login", json={"username": accounts.pop()})

    @task
    def look(self):
        self.client.get("/inbox")
