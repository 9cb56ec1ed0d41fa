"""A protocol of your own: its client, and a User that has one. Here a line is sent over TCP, and a line comes back."""

import socket
from urllib.parse import urlsplit

from locust import User, between, task


class LineClient:
    def __init__(self, url, request_event):
        address = urlsplit(url)
        self.connection = socket.create_connection((address.hostname, address.port), timeout=10)
        self.answers = self.connection.makefile("rb")
        self.request_event = request_event

    def ask(self, question):
        with self.request_event.measure("LINE", question) as request:
            self.connection.sendall(f"{question}\n".encode())
            answer = self.answers.readline()
            request["response_length"] = len(answer)
            if not answer:
                raise ConnectionError("the server hung up")


class Asker(User):
    wait_time = between(0.1, 0.5)

    def on_start(self):
        self.client = LineClient(self.host, self.environment.events.request)

    def on_stop(self):
        self.client.answers.close()
        self.client.connection.close()

    @task
    def ask(self):
        self.client.ask("how are you?")
