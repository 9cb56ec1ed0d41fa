"""`--metrics-port`: a headless run, and a master with its worker, are scraped while they run."""

from __future__ import annotations

import re
from typing import Any

import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from polling import GENEROUS_S, until

PORT = re.compile(r"Serving metrics for Prometheus at (http://127\.0\.0\.1:\d+/metrics)")


def served_at(running: Any) -> str:
    running.wait_for("Serving metrics")
    return PORT.search(running.err)[1]


def scrape(url: str) -> dict[str, float]:
    """The values of all samples, by name and labels."""
    answer = requests.get(url, headers={"Accept": "application/openmetrics-text"}, timeout=GENEROUS_S)
    families = text_string_to_metric_families(answer.text)
    return {
        " ".join([sample.name, *map(str, sample.labels.values())]): sample.value
        for family in families
        for sample in family.samples
    }


def users_of_workers(url: str) -> float:
    return sum(value for name, value in scrape(url).items() if name.startswith("locust_worker_detail "))


def test_a_headless_run_is_scraped_while_it_runs(shell) -> None:
    with shell.started(
        "-f", "shop.py", "--headless", "-u", "3", "--metrics-port", "0", "--web-host", "127.0.0.1"
    ) as running:
        url = served_at(running)
        until(lambda: scrape(url)["locust_running"] == 2, "the test runs")
        first = scrape(url)
        until(
            lambda: (
                scrape(url).get("locust_rs_requests_total GET browse", 0)
                > first.get("locust_rs_requests_total GET browse", 0)
            ),
            "requests are counted",
        )
        now = scrape(url)
        assert now["locust_users"] == now["locust_user_count"] == 3
        assert now["locust_rs_users Shopper"] + now["locust_rs_users Visitor"] == 3
        assert now["locust_rs_generator_memory_bytes"] > 1_000_000


def test_a_master_tells_of_its_workers_and_workers_ignore_the_option(shell, free_port: int) -> None:
    common = ["-f", "shop.py", "--metrics-port", "0", "--web-host", "127.0.0.1"]
    master = ["--master", "--headless", "-u", "4", "--master-bind-port", str(free_port), "--expect-workers", "1"]
    with shell.started(*common, *master) as running:
        url = served_at(running)
        assert scrape(url)["locust_workers_count"] == 0
        with shell.inside("worker").started(*common, "--worker", "--master-port", str(free_port)) as worker:
            until(lambda: scrape(url)["locust_workers_running_count"] == 1, "the worker runs")
            until(
                lambda: users_of_workers(url) == scrape(url)["locust_users"] == 4, "a heartbeat has told of all users"
            )
            until(lambda: scrape(url).get("locust_requests_num_requests  Aggregated", 0) > 0, "a report has come")
            now = scrape(url)
            assert now["locust_slave_count"] == now["locust_rs_workers running"] == 1
            assert "Serving metrics" not in worker.err


def test_a_port_in_use_ends_the_run_with_a_message(shell) -> None:
    with shell.started("-f", "shop.py", "--headless", "--metrics-port", "0", "--web-host", "127.0.0.1") as running:
        port = served_at(running).split(":")[2].split("/")[0]
        done = shell.inside("second").run(
            "-f", "shop.py", "--headless", "-t", "1", "--metrics-port", port, "--web-host", "127.0.0.1"
        )
        assert done.code == 1
        assert f"The server of metrics can't listen on 127.0.0.1:{port}" in done.err
        assert "--metrics-port" in done.err
