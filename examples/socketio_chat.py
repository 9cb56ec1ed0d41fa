"""Guests of a chat over Socket.IO: they enter a room, talk, and ask with `call`, which waits for the answer."""

from locust import between, task
from locust.contrib.socketio import SocketIOUser


class Guest(SocketIOUser):
    wait_time = between(0.1, 0.5)
    options = {"reconnection_attempts": 3}

    def on_start(self):
        self.sio.connect(self.host)
        self.sio.call("enter", "kitchen")

    @task(3)
    def talk(self):
        self.sio.emit("say", {"room": "kitchen", "text": "hello"})

    @task
    def ask(self):
        self.sio.call("square", 12)
