"""XML-RPC by Python's own client, one for each user; every call is a request in the statistics."""

from xmlrpc.client import ServerProxy

from locust import User, between, task


class SumUser(User):
    wait_time = between(0.1, 0.5)

    def on_start(self):
        self.server = ServerProxy(self.host)

    def on_stop(self):
        self.server("close")()

    def call(self, method, *arguments):
        with self.environment.events.request.measure("XML-RPC", method):
            return getattr(self.server, method)(*arguments)

    @task(3)
    def add(self):
        self.call("add", 2, 3)

    @task
    def divide(self):
        self.call("divide", 1, 0)
