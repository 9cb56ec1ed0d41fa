"""Kafka, with confluent-kafka: sending with the broker's acknowledgement, and the time until a reader has the record.

pip install confluent-kafka
locust -f examples/kafka_topic.py --host localhost:9092
"""

import time

import gevent
from confluent_kafka import OFFSET_END, Consumer, KafkaException, Producer, TopicPartition
from gevent.event import AsyncResult

from locust import User, between, task

TOPIC = "orders"


class KafkaUser(User):
    abstract = True

    def settings(self, **more):
        return {"bootstrap.servers": self.host, "log_level": 0, **more}

    def report(self, name, response_time, response_length=0, exception=None):
        self.environment.events.request.fire(
            request_type="Kafka",
            name=name,
            response_time=response_time,
            response_length=response_length,
            exception=exception,
            context=self.context(),
        )


class Sender(KafkaUser):
    wait_time = between(0.1, 0.5)

    def on_start(self):
        # One for all users of the process: each producer has threads of its own.
        if not hasattr(self.environment, "kafka_producer"):
            settings = self.settings(acks="all", **{"message.timeout.ms": 5_000})
            self.environment.kafka_producer = Producer(settings)
        self.producer = self.environment.kafka_producer

    @task
    def order(self):
        delivered = AsyncResult()
        self.producer.produce(TOPIC, b"three apples", on_delivery=lambda error, record: delivered.set((error, record)))
        # A poll that waits would hold all users, since it waits in C.
        while not delivered.ready():
            self.producer.poll(0)
            gevent.sleep(0.005)
        error, record = delivered.get()
        # The client has taken the time itself, in seconds.
        self.report(f"send {TOPIC}", record.latency() * 1000, len(record), KafkaException(error) if error else None)


class Reader(KafkaUser):
    fixed_count = 1

    def on_start(self):
        self.consumer = Consumer(self.settings(**{"group.id": "locust", "enable.auto.commit": False}))
        # The topic is made by the first record that is sent to it.
        while not (known := self.in_thread(self.consumer.list_topics, TOPIC, timeout=10).topics[TOPIC].partitions):
            gevent.sleep(0.1)
        self.consumer.assign([TopicPartition(TOPIC, number, OFFSET_END) for number in known])

    def in_thread(self, call, *args, **kwargs):
        """For calls that wait in C and would hold all users."""
        return gevent.get_hub().threadpool.spawn(call, *args, **kwargs).get()

    @task
    def read(self):
        record = self.consumer.poll(0)
        if record is None:
            gevent.sleep(0.005)
        elif record.error():
            self.report(f"read {TOPIC}", 0, exception=KafkaException(record.error()))
        else:
            _, sent_ms = record.timestamp()
            self.report(f"read {TOPIC}", max(time.time() * 1000 - sent_ms, 0), len(record.value()))

    def on_stop(self):
        self.in_thread(self.consumer.close)
