"""Converted locustfiles in the tests: a server that records, locust that runs, and a corpus of inputs."""
