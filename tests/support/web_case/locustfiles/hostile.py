"""Names, errors, exceptions and log lines that contain scripts."""

import logging

from locust import HttpUser, constant, task

PAYLOADS = [
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{ 7*7 }}${7*7}<!--",
    '=HYPERLINK("http://evil.example")',
    "\u202egpj.exe\u2028\x1b[31m\x00",
]


class Hostile(HttpUser):
    wait_time = constant(0.2)
    host = "http://<img src=x onerror=window.hacked=1>"

    @task
    def say(self):
        for payload in PAYLOADS:
            self.environment.events.request.fire(
                request_type=payload,
                name=payload,
                response_time=1.0,
                response_length=1,
                exception=ValueError(payload),
                context={},
            )
            logging.error(payload)
        raise RuntimeError(PAYLOADS[2])


setattr(Hostile, PAYLOADS[2], task(lambda self: None))
