"""Lookups of a name over UDP and TCP. Needs dnspython."""

import os

import dns.message

from locust import between, task
from locust.contrib.dns import DNSUser

SERVER = os.environ.get("NAME_SERVER", "127.0.0.1")
UDP_PORT = int(os.environ.get("UDP_PORT", "53"))
TCP_PORT = int(os.environ.get("TCP_PORT", "53"))


class Resolver(DNSUser):
    wait_time = between(0.1, 0.5)

    @task(9)
    def over_udp(self):
        self.client.udp(dns.message.make_query("example.com", "A"), SERVER, port=UDP_PORT, timeout=5)

    @task
    def over_tcp(self):
        self.client.tcp(dns.message.make_query("example.com", "A"), SERVER, port=TCP_PORT, timeout=5, name="rare")
