"""An SDK that brings its own requests session is given the user's: zeep, which speaks SOAP (`pip install zeep`)."""

import zeep
from zeep.transports import Transport

from locust import HttpUser, constant, task


class Calculator(HttpUser):
    wait_time = constant(0.5)

    def on_start(self):
        self.sums = zeep.Client(f"{self.host}/wsdl", transport=Transport(session=self.client)).service

    @task
    def add(self):
        with self.client.rename_request("Add"):
            assert self.sums.Add(2, 3) == 5
