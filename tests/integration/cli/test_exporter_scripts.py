"""The exporter that people copy into a locustfile: a route of its own, made from `runner.stats`."""

from __future__ import annotations

from typing import Any

import requests
from prometheus_client.parser import text_string_to_metric_families

from polling import GENEROUS_S, until

EXPORTER = """
import itertools
from flask import Response, request
from locust import events, runners, stats as locust_stats

FIGURES = [
    "avg_content_length", "avg_response_time", "current_rps", "current_fail_per_sec", "max_response_time",
    "median_response_time", "min_response_time", "num_failures", "num_requests",
]

@events.init.add_listener
def locust_init(environment, runner, **kwargs):
    if not environment.web_ui or not runner:
        return

    @environment.web_ui.app.route("/export/prometheus")
    def prometheus_exporter():
        if runner.state not in (runners.STATE_SPAWNING, runners.STATE_RUNNING):
            return Response("", mimetype="text/plain")
        lines = [
            f"locust_user_count {runner.user_count}",
            f"locust_fail_ratio {runner.stats.total.fail_ratio}",
            f'locust_state{{state="{runner.state}"}} 1',
        ]
        if isinstance(runner, runners.MasterRunner):
            lines.append(f"locust_slave_count {runner.worker_count}")
        for error in runner.stats.errors.values():
            told = error.to_dict()
            lines.append(
                'locust_errors{path="%s",method="%s",error="%s"} %s'
                % (told["name"], told["method"], str(told["error"]).replace('"', "'"), told["occurrences"])
            )
        for row in itertools.chain(locust_stats.sort_stats(runner.stats.entries), [runner.stats.total]):
            method = "Aggregated" if row.name == "Aggregated" else row.method
            labels = '{path="%s",method="%s"}' % (row.name, method)
            for figure in FIGURES:
                lines.append(f"locust_stats_{figure}{labels} {getattr(row, figure) or 0}")
            lines.append(f"locust_stats_ninetieth_response_time{labels} {row.get_response_time_percentile(0.9)}")
        return Response("\\n".join(lines) + "\\n", mimetype="text/plain")
"""


def samples(url: str) -> dict[str, float]:
    """The values by name and sorted labels."""
    families = text_string_to_metric_families(requests.get(url, timeout=GENEROUS_S).text)
    return {
        " ".join([sample.name, *(value for _, value in sorted(sample.labels.items()))]): sample.value
        for family in families
        for sample in family.samples
    }


def test_a_copied_exporter_says_what_our_own_metrics_say(shell: Any, free_port: int) -> None:
    shell.write("exporter.py", EXPORTER)
    web = ["--web-host", "127.0.0.1", "--web-port", str(free_port)]
    with shell.started("-f", "shop.py,exporter.py", "--autostart", "-u", "3", "-r", "10", *web) as running:
        running.wait_for("All users spawned")
        theirs, ours = (f"http://127.0.0.1:{free_port}{path}" for path in ("/export/prometheus", "/metrics"))
        until(lambda: samples(theirs).get("locust_stats_num_requests GET browse", 0) > 0, "requests are exported")
        exported = samples(theirs)
        own = samples(ours)
        assert exported.keys() - {"locust_errors"} <= own.keys()
        assert exported["locust_user_count"] == own["locust_user_count"] == 3
        assert exported["locust_state running"] == own["locust_state running"] == 1
        # Ours were asked for later.
        for name in ("GET browse", "Aggregated Aggregated"):
            assert 0 < exported[f"locust_stats_num_requests {name}"] <= own[f"locust_stats_num_requests {name}"]
            assert own[f"locust_stats_median_response_time {name}"] == 5
            assert exported[f"locust_stats_median_response_time {name}"] == 5
