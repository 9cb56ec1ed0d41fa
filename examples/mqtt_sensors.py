"""Sensors that publish their temperature to an MQTT broker on this machine. Needs paho-mqtt."""

import os
import time

from locust import between, task
from locust.contrib.mqtt import MqttUser


class Sensor(MqttUser):
    host = os.environ.get("BROKER", "localhost")
    port = int(os.environ.get("BROKER_PORT", "1883"))
    wait_time = between(0.1, 0.5)

    def on_start(self):
        # The client connects in the background.
        while not self.client.is_connected():
            time.sleep(0.05)
        self.client.subscribe("rooms/+/orders", qos=1)

    @task
    def tell(self):
        self.client.publish("rooms/1/temperature", b"21.5", qos=1)
