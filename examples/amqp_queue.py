"""AMQP 0.9.1 (RabbitMQ), with pika: publishing with the broker's confirmation, and calls that are answered in a queue.

pip install pika
locust -f examples/amqp_queue.py --host amqp://guest:guest@localhost:5672/
"""

import logging
import uuid

import pika
from pika.exceptions import AMQPError

from locust import User, between, task

# pika tells of every connection that ends.
logging.getLogger("pika").setLevel(logging.CRITICAL)


class AmqpUser(User):
    abstract = True

    def __init__(self, environment):
        super().__init__(environment)
        self.connection = None

    def connect(self):
        """Opens a connection and a queue of the user's own; False if that failed."""
        self.connection = None
        with self.environment.events.request.measure("AMQP", "connect"):
            # pika waits on sockets, which Locust has patched: a slow broker of one user does not hold the others.
            parameters = pika.URLParameters(self.host)
            parameters.socket_timeout = parameters.blocked_connection_timeout = 10
            connection = pika.BlockingConnection(parameters)
            self.channel = connection.channel()
            self.channel.confirm_delivery()
            self.queue = self.channel.queue_declare("", exclusive=True).method.queue
            self.connection = connection
        return self.connection is not None

    def publish(self, name, body):
        """Sends a message to the user's own queue; the time is that until the broker has confirmed it."""
        with self.environment.events.request.measure("AMQP", name, response_length=len(body)):
            self.channel.basic_publish("", self.queue, body, pika.BasicProperties(message_id=str(uuid.uuid4())))

    def take(self, name):
        """Waits for the next message and acknowledges it."""
        body = None
        with self.environment.events.request.measure("AMQP", name) as request:
            for method, _, body in self.channel.consume(self.queue, inactivity_timeout=10):
                if method is None:
                    raise TimeoutError("no message within 10 s")
                self.channel.basic_ack(method.delivery_tag)
                request["response_length"] = len(body)
                break
        return body

    def on_stop(self):
        try:
            if self.connection is not None and self.connection.is_open:
                self.connection.close()
        except AMQPError:
            pass  # the broker has gone


class Sender(AmqpUser):
    wait_time = between(0.1, 0.5)

    @task
    def send_and_take(self):
        # A connection that broke is made anew by the next task.
        if (self.connection is None or not self.connection.is_open) and not self.connect():
            return
        self.publish("publish", b"three apples")
        if self.connection.is_open:
            assert self.take("take") in (b"three apples", None)
