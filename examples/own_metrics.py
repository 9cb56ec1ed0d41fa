"""Figures of your own beside the requests: a counter, a gauge and a trend, merged over workers.

Thresholds may ask for them: `--threshold "count(metric refusals) == 0" --threshold "p95(metric basket_value) < 500"`.
"""

from locust import HttpUser, between, task


class Shopper(HttpUser):
    wait_time = between(0.5, 1)

    def on_start(self):
        metrics = self.environment.metrics
        self.orders = metrics.counter("orders", about="Orders that the shop took")
        self.refusals = metrics.counter("refusals", about="Orders that it refused")
        self.basket = metrics.trend("basket_value", unit="EUR", about="What a basket was worth")

    @task
    def order(self):
        answer = self.client.post("/orders", json={"product": 17, "pieces": 2})
        if answer.ok:
            self.orders.add(1, shop="de")
            self.basket.add(19.9 * answer.json()["pieces"])
        else:
            self.refusals.add(1, status=answer.status_code)
