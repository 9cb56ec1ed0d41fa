"""`/metrics`: what exporters' dashboards read, locust-rs' own metrics, formats, access, and what parsers say of it."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any

import pytest
import requests
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from locust_rs._tunables import web as tunables
from locust_rs.web import WebUI
from locust_rs.web.metrics.exposition import wants_open_metrics
from locust_rs.web.metrics_server import MetricsServer
from web_case.fixtures import MakeUI

OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

# What Prometheus 2.42 and 3 send.
OF_PROMETHEUS = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
OF_PROMETHEUS_3 = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.5,*/*;q=0.2"

# Names and labels that dashboard 11985 and the other users of locust_exporter read.
LOCUST_EXPORTER = {
    **dict.fromkeys(
        [
            "locust_up", "locust_running", "locust_users", "locust_workers_count", "locust_workers_running_count",
            "locust_workers_hatching_count", "locust_workers_missing_count", "locust_requests_fail_ratio",
            "locust_requests_current_response_time_percentile_95", "locust_total_scrapes",
            "locust_requests_current_response_time_percentile_50",
        ],
        set(),
    ),
    **dict.fromkeys(
        [
            f"locust_requests_{name}"
            for name in (
                "num_requests", "num_failures", "avg_response_time", "min_response_time", "max_response_time",
                "median_response_time", "current_rps", "current_fail_per_sec", "avg_content_length",
                "response_time_percentile_95", "response_time_percentile_99",
            )
        ],
        {"method", "name"},
    ),
}  # fmt: skip

# Those that dashboard 12081 reads.
BOOMER = {
    **dict.fromkeys(["locust_user_count", "locust_slave_count", "locust_fail_ratio"], set()),
    "locust_state": {"state"},
    **dict.fromkeys(
        [
            f"locust_stats_{name}"
            for name in (
                "avg_content_length", "avg_response_time", "current_rps", "current_fail_per_sec", "max_response_time",
                "ninetieth_response_time", "median_response_time", "min_response_time", "num_failures", "num_requests",
            )
        ],
        {"method", "path"},
    ),
    "locust_errors": {"method", "name", "path", "error"},
}  # fmt: skip


def log_some(ui: WebUI) -> None:
    stats = ui.environment.stats
    for response_time in (3, 30, 40, 900, 20_000):
        stats.log_request("GET", "/a", response_time, 100)
    stats.log_request("POST", "/b", None, 7)
    stats.log_error("GET", "/a", ValueError("broken"))


def scraped(client: Any, accept: str = OPEN_METRICS) -> dict[str, Metric]:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    parse = parse_open_metrics if answer.headers["Content-Type"] == OPEN_METRICS else parse_prometheus
    return {family.name: family for family in parse(answer.text)}


def samples(family: Metric) -> dict[tuple[Any, ...], float]:
    """{(name of the sample, sorted labels): value}; none may be there twice."""
    found = [((sample.name, *sorted(sample.labels.items())), sample.value) for sample in family.samples]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.parametrize(
    ("accept", "open_metrics"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("text/plain", False),
        ("application/openmetrics-text", True),
        ("Application/OpenMetrics-Text; version=1.0.0", True),
        (OF_PROMETHEUS, True),
        (OF_PROMETHEUS_3, True),
        ("application/openmetrics-text;q=0.3, text/plain;q=0.7", False),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;q=high", False),
    ],
)
def test_the_accept_header_chooses_the_format(client: Any, accept: str, open_metrics: bool) -> None:
    assert wants_open_metrics(accept) == open_metrics
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.headers["Content-Type"] == (OPEN_METRICS if open_metrics else PROMETHEUS)
    assert answer.text.endswith("# EOF\n") == open_metrics
    assert answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize("accept", [OPEN_METRICS, PROMETHEUS], ids=["openmetrics", "prometheus"])
@pytest.mark.parametrize("known", [LOCUST_EXPORTER, BOOMER], ids=["locust_exporter", "boomer"])
def test_the_exporters_metrics_have_their_labels(
    ui: WebUI, client: Any, accept: str, known: dict[str, set[str]]
) -> None:
    log_some(ui)
    families = scraped(client, accept)
    assert {name: {label for sample in families[name].samples for label in sample.labels} for name in known} == known


def test_rows_of_the_exporters_have_the_values_of_stats_requests(ui: WebUI, client: Any) -> None:
    log_some(ui)
    rows = {row["name"]: row for row in client.get("/stats/requests").json["stats"]}
    families = scraped(client)
    for key in ("num_requests", "num_failures", "avg_response_time", "max_response_time", "median_response_time"):
        assert samples(families[f"locust_requests_{key}"]) == {
            (f"locust_requests_{key}", ("method", rows[name]["method"]), ("name", name)): rows[name][key]
            for name in ("/a", "/b", "Aggregated")
        }
        method = {"/a": "GET", "/b": "POST", "Aggregated": "Aggregated"}
        assert samples(families[f"locust_stats_{key}"]) == {
            (f"locust_stats_{key}", ("method", method[name]), ("path", name)): rows[name][key] for name in method
        }
    assert [sample.value for sample in families["locust_stats_ninetieth_response_time"].samples] == [20_000, 0, 20_000]


def test_errors_carry_the_labels_of_both_exporters(ui: WebUI, client: Any) -> None:
    log_some(ui)
    [error] = scraped(client)["locust_errors"].samples
    assert error.labels == {"method": "GET", "name": "/a", "path": "/a", "error": "ValueError('broken')"}
    assert error.value == 1


def test_response_times_are_a_histogram_in_seconds(ui: WebUI, client: Any) -> None:
    log_some(ui)
    of_a = [
        sample for sample in scraped(client)["locust_rs_response_time_seconds"].samples if sample.labels["name"] == "/a"
    ]
    counts = {sample.labels["le"]: sample.value for sample in of_a if "le" in sample.labels}
    assert counts == {
        "0.005": 1, "0.01": 1, "0.025": 1, "0.05": 3, "0.1": 3, "0.25": 3, "0.5": 3, "1.0": 4, "2.5": 4, "5.0": 4,
        "10.0": 4, "+Inf": 5,
    }  # fmt: skip
    rest = {sample.name: sample.value for sample in of_a if "le" not in sample.labels}
    assert rest == {"locust_rs_response_time_seconds_count": 5, "locust_rs_response_time_seconds_sum": 20.973}


def test_counters_count_requests_without_a_response_time_too(ui: WebUI, client: Any) -> None:
    log_some(ui)
    families = scraped(client)
    counted = {
        name: {sample.labels["name"]: sample.value for sample in families[f"locust_rs_{name}"].samples}
        for name in ("requests", "failures", "response_bytes")
    }
    assert counted == {
        "requests": {"/a": 5, "/b": 1},
        "failures": {"/a": 1, "/b": 0},
        "response_bytes": {"/a": 500, "/b": 7},
    }


def test_the_state_of_the_test_is_told_in_each_ones_words(ui: WebUI, client: Any) -> None:
    told = {}
    for state in ("ready", "spawning", "running", "stopped"):
        ui.environment.runner.update_state(state)
        families = scraped(client)
        [boomers] = families["locust_state"].samples
        assert (boomers.labels["state"], boomers.value) == (state, 1)
        told[state] = families["locust_running"].samples[0].value
        own = {sample.labels["state"]: sample.value for sample in families["locust_rs_state"].samples}
        assert [name for name, value in own.items() if value] == [state]
    assert told == {"ready": 0, "spawning": 1, "running": 2, "stopped": 0}
    ui.environment.runner.update_state("ready")


def test_scrapes_are_counted(client: Any) -> None:
    assert [scraped(client)["locust_total_scrapes"].samples[0].value for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    "name",
    [
        'a"b', "back\\slash", "two\nlines", "curly{braces}", "a,b=c", '"num_requests":7,', "Ünï→", "", "{0}", "%s",
        'method="x",name="y"', "# EOF",
    ],
)  # fmt: skip
@pytest.mark.parametrize("accept", [OPEN_METRICS, PROMETHEUS], ids=["openmetrics", "prometheus"])
def test_names_may_be_anything(ui: WebUI, client: Any, name: str, accept: str) -> None:
    ui.environment.stats.log_request("GET", name, 12, 100)
    ui.environment.stats.log_error("GET", name, name)
    families = scraped(client, accept)
    assert families["locust_requests_num_requests"].samples[0].labels == {"method": "GET", "name": name}
    assert families["locust_stats_num_requests"].samples[0].labels == {"method": "GET", "path": name}
    assert families["locust_errors"].samples[0].labels["error"] == name
    assert families["locust_rs_requests"].samples[0].labels["name"] == name


def test_no_series_is_there_twice(ui: WebUI, client: Any) -> None:
    stats = ui.environment.stats
    for method, name in (("GET", "1"), ("GET", 1), ("", "Aggregated"), ("Aggregated", "Aggregated")):
        stats.log_request(method, name, 12, 100)
    for family in scraped(client).values():
        samples(family)


def test_all_endpoints_are_there(ui: WebUI, client: Any) -> None:
    for number in range(tunables.MAX_ROWS_IN_STATS_REQUESTS + 100):
        ui.environment.stats.log_request("GET", f"/{number}", 1, 1)
    families = scraped(client)
    assert len(families["locust_requests_num_requests"].samples) == tunables.MAX_ROWS_IN_STATS_REQUESTS + 101
    assert len(families["locust_rs_requests"].samples) == tunables.MAX_ROWS_IN_STATS_REQUESTS + 100


def test_without_a_runner_there_are_metrics(make_ui: MakeUI) -> None:
    families = scraped(make_ui(with_runner=False).app.test_client())
    assert families["locust_up"].samples[0].value == 1
    assert families["locust_state"].samples[0].labels == {"state": "missing"}


def test_stats_requests_has_the_keys_that_the_exporter_reads(ui: WebUI, client: Any) -> None:
    for response_time in (10, 20, 30):
        ui.environment.stats.log_request("GET", "/", response_time, 1)
    report = client.get("/stats/requests").json
    assert isinstance(report["current_response_time_percentile_50"], int)
    assert isinstance(report["current_response_time_percentile_95"], int)


def test_promtool_accepts_it_and_has_nothing_to_say_of_our_own_names(ui: WebUI, client: Any) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is missing: install Debian's package prometheus")
    log_some(ui)
    done = subprocess.run(
        [promtool, "check", "metrics"],
        input=client.get("/metrics").text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    remarks = done.stdout + done.stderr
    # 3 stands for remarks about names, 1 for a text that cannot be read.
    assert done.returncode == 3, remarks
    named = {line.split()[0] for line in remarks.splitlines()}
    assert named <= {*LOCUST_EXPORTER, *BOOMER}, remarks


def test_a_locustfiles_own_route_is_called_instead(ui: WebUI, client: Any) -> None:
    @ui.app.route("/metrics")
    def metrics() -> str:
        return "mine"

    assert client.get("/metrics").text == "mine"


def test_it_is_under_the_base_path(make_ui: MakeUI) -> None:
    client = make_ui(ui={"web_base_path": "base"}).app.test_client()
    assert client.get("/base/metrics").status_code == 200
    assert client.get("/metrics").status_code == 404


class Serving:
    """A `MetricsServer` that listens."""

    def __init__(self, ui: WebUI, **settings: Any) -> None:
        self.made = MetricsServer(ui.environment, "127.0.0.1", 0, **settings)
        self.made.start()
        assert self.made.server is not None
        self.url = f"http://127.0.0.1:{self.made.server.server_port}"

    def __enter__(self) -> str:
        return self.url

    def __exit__(self, *_: object) -> None:
        assert self.made.server is not None
        self.made.server.stop()


def test_the_server_of_metrics_serves_nothing_else(ui: WebUI) -> None:
    with Serving(ui) as url:
        answer = requests.get(f"{url}/metrics", timeout=60)
        assert answer.status_code == 200
        assert "locust_up 1" in answer.text
        assert {requests.get(url + path, timeout=60).status_code for path in ("/", "/stats/requests", "/login")} == {404}
        assert requests.post(f"{url}/swarm", data={"user_count": 1}, timeout=60).status_code == 404


def test_the_server_of_metrics_refuses_foreign_names(ui: WebUI) -> None:
    with Serving(ui) as url:
        refused = requests.get(f"{url}/metrics", headers={"Host": "attacker.example"}, timeout=60)
        assert refused.status_code == 403
        assert "--web-allow-host" in refused.json()["message"]


@pytest.mark.parametrize("web_login", [False, True], ids=["basic", "login"])
def test_the_server_of_metrics_asks_for_the_password(
    ui: WebUI, monkeypatch: pytest.MonkeyPatch, web_login: bool
) -> None:
    monkeypatch.setattr(tunables, "FAILED_LOGIN_DELAY_S", 0)
    monkeypatch.setenv("LOCUST_USER_NAME", "anna")
    monkeypatch.setenv("LOCUST_PASSWORD", "secret")
    with Serving(ui, web_login=web_login) as url:
        for auth, code in ((None, 401), (("anna", "wrong"), 401), (("anna", "secret"), 200)):
            assert requests.get(f"{url}/metrics", auth=auth, timeout=60).status_code == code


def test_a_port_in_use_is_told_with_its_option(ui: WebUI) -> None:
    with Serving(ui) as url:
        taken = MetricsServer(ui.environment, "127.0.0.1", int(url.rpartition(":")[2]))
        with pytest.raises(OSError, match="server of metrics can't listen.*--metrics-port"):
            taken.start()
