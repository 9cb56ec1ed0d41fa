"""`/swarm`: what it accepts and refuses, and that a refusal changes nothing."""

from __future__ import annotations

import argparse
import copy
import json
from pathlib import Path
from typing import Any

import pytest

from locust_rs.web import WebUI
from polling import until
from web_case.fixtures import MakeUI

HIDDEN = "••••••••"
NUMBERS = {"user_count": "2", "spawn_rate": "2"}


def declare(parser: Any) -> None:
    parser.add_argument("--my-text", default="", help="It's working")
    parser.add_argument("--my-int", type=int, default=5)
    parser.add_argument("--my-float", type=float, default=0.5)
    parser.add_argument("--my-none")
    parser.add_argument("--my-none-int", type=int)
    parser.add_argument("--my-env", choices=["dev", "prod"], default="dev")
    parser.add_argument("--my-multi", choices=["a", "b", "c"], is_multiple=True, default=["a"])
    parser.add_argument("--my-numbers", default=[1, 2])
    parser.add_argument("--my-hidden", include_in_web_ui=False, default="hidden")
    parser.add_argument("--my-secret", is_secret=True, default="s3cr3t")
    parser.add_argument("--my-secret-int", type=int, is_secret=True, default=77)
    parser.add_argument("--my-bool", default=True)
    parser.add_argument("--my-path", type=Path, default=Path("/data"))
    parser.add_argument("--my-none-float", type=float)
    parser.add_argument("--my-flag", action="store_true")
    parser.add_argument("--my-switch", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--my-json", type=json.loads, default={"a": 1})
    parser.add_argument("--my-json-list", type=json.loads, default=[1])
    parser.add_argument("--my-rates", type=float, nargs="+", default=[0.5])
    parser.add_argument("--my-tags", action="append", default=[])
    parser.add_argument("--my-level", action="count", default=0)
    parser.add_argument("--my-loud", type=str.upper, default="quiet")
    parser.add_argument("--my-pairs", type=lambda text: tuple(text.split("=")), default=("a", "b"))


@pytest.fixture
def ui(make_ui: MakeUI) -> WebUI:
    return make_ui(["--host", "http://target.example"], declare=declare, ui={"userclass_picker_is_active": True})


@pytest.fixture
def started(ui: WebUI, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls that start the runner, which are recorded and not carried out."""
    calls: list[Any] = []
    monkeypatch.setattr(ui.environment.runner, "start", lambda *args: calls.append(args))
    monkeypatch.setattr(ui.environment.runner, "start_shape", lambda: calls.append("shape"))
    return calls


def swarm(client: Any, **form: Any) -> dict[str, Any]:
    answer = client.post("/swarm", data={**NUMBERS, **form})
    assert answer.status_code == 200
    return answer.json


def test_a_start_says_what_it_started(ui: WebUI, client: Any, started: list[Any]) -> None:
    answer = swarm(
        client, user_count="7", spawn_rate="1.5", run_time="1h20m", profile="night", host="http://<b>.example"
    )
    assert answer == {
        "success": True,
        "message": "Swarming started",
        "host": "http://b.example",
        "run_time": 4800,
        "user_classes": ["Admin", "Buyer"],
    }
    ui._swarm_greenlet.join()
    assert started == [(7, 1.5)]
    options = ui.environment.parsed_options
    assert (options.num_users, options.spawn_rate, options.run_time) == (7, 1.5, 4800)
    assert (options.host, options.profile) == ("http://b.example", "night")
    assert (ui.environment.host, ui.environment.profile) == ("http://b.example", "night")


def test_an_empty_host_stays_empty(ui: WebUI, client: Any, started: list[Any]) -> None:
    assert swarm(client, host="")["host"] == ""
    assert (ui.environment.host, ui.environment.parsed_options.host) == ("", "")


def test_picked_classes_are_those_that_run(ui: WebUI, client: Any, started: list[Any]) -> None:
    assert swarm(client, user_classes=["Buyer"])["user_classes"] == ["Buyer"]
    assert [user.__name__ for user in ui.environment.user_classes] == ["Buyer"]
    assert ui.environment.parsed_options.user_classes == ["Buyer"]
    assert swarm(client, user_classes=["Buyer", "Admin"])["user_classes"] == ["Admin", "Buyer"]
    assert ui.environment.parsed_options.user_classes == ["Buyer", "Admin"]


def test_a_picked_shape_steers_without_numbers(ui: WebUI, client: Any, started: list[Any]) -> None:
    answer = client.post("/swarm", data={"shape_class": "Steady"}).json
    assert answer["message"] == "Swarming started using shape class 'Steady'"
    assert "user_classes" not in answer
    assert started == ["shape"]
    assert swarm(client, shape_class="Default")["message"] == "Swarming started"
    assert ui.environment.shape_class is None


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"user_count": ""}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"spawn_rate": ""}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"user_count": "-1"}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"user_count": "9" * 400}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"spawn_rate": "0"}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"spawn_rate": "nan"}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"spawn_rate": "inf"}, "Missing or invalid user_count or spawn_rate from /swarm request"),
        ({"user_count": "x"}, "Invalid user_count value: 'x' (must be an integer)"),
        ({"user_count": "1.5"}, "Invalid user_count value: '1.5' (must be an integer)"),
        ({"spawn_rate": "zz"}, "Invalid spawn_rate value: 'zz' (must be a number)"),
        ({"run_time": "zz"}, "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."),
        ({"run_time": "9" * 29}, "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."),
        ({"iterations": "0"}, "iterations must be a whole number of at least 1, or empty for no limit"),
        ({"iterations": "²"}, "iterations must be a whole number of at least 1, or empty for no limit"),
        ({"iterations": "9" * 29}, "iterations must be a whole number of at least 1, or empty for no limit"),
        ({"arrival_rate": "-1"}, "arrival_rate must be a number of arrivals per second, or empty for the rates of the classes"),
        ({"arrival_rate": "nan"}, "arrival_rate must be a number of arrivals per second, or empty for the rates of the classes"),
        ({"arrival_rate": "many"}, "arrival_rate must be a number of arrivals per second, or empty for the rates of the classes"),
        ({"max_users": "0"}, "max_users must be a whole number of at least 1, or empty for the numbers of the classes"),
        ({"run_time_from_ramp_end": "perhaps"}, "run_time_from_ramp_end must be true or false"),
        ({"run_time": "²"}, "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."),
        ({"user_classes": "Nobody"}, "Unknown user class 'Nobody'. Available: Buyer, Admin"),
        ({"shape_class": "None"}, "Unknown shape_class 'None'. Available: Default, Steady"),
        ({"host": "http://a\r\nX: y"}, "Invalid host: it has line breaks or other control characters"),
        ({"host": "h" * 3000}, "Invalid host: longer than 2000 characters"),
        ({"my_int": "abc"}, "Invalid my_int value: 'abc' (must be int)"),
        ({"my_float": "inf"}, "Invalid my_float value: 'inf' (must be float)"),
        ({"my_env": "moon"}, "Invalid my_env value: 'moon' (must be one of dev, prod)"),
        ({"my_multi": ["a", "z"]}, "Invalid my_multi value: 'z' (must be one of a, b, c)"),
        ({"my_numbers": "1,x"}, "Invalid my_numbers value: '1,x' (must be a list of int)"),
        ({"my_secret_int": "pass"}, "Invalid my_secret_int value: (must be int)"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(
    ui: WebUI, client: Any, started: list[Any], form: dict[str, Any], message: str
) -> None:
    before = copy.deepcopy(vars(ui.environment.parsed_options))
    classes = list(ui.environment.user_classes)
    answer = swarm(client, my_text="changed", profile="changed", **form)
    assert answer == {"success": False, "message": message, "host": "http://target.example"}
    assert vars(ui.environment.parsed_options) == before
    assert (ui.environment.user_classes, ui.environment.profile, started) == (classes, None, [])


@pytest.mark.parametrize(
    "name",
    ["csv_prefix", "html_file", "json_file", "logfile", "locustfile", "web_port", "master_host", "master_bind_port",
     "tls_cert", "config", "build_path", "processes", "my_hidden", "stop_timeout"],
)  # fmt: skip
def test_paths_ports_and_hidden_arguments_cannot_be_changed(
    ui: WebUI, client: Any, started: list[Any], name: str
) -> None:
    before = getattr(ui.environment.parsed_options, name)
    answer = swarm(client, **{name: "/tmp/elsewhere"})
    assert answer["success"] is False
    assert f"'{name}' can't be changed from the web UI" in answer["message"]
    assert getattr(ui.environment.parsed_options, name) == before
    assert started == []


@pytest.mark.parametrize(
    ("name", "sent", "value"),
    [
        ("my_text", "hello", "hello"),
        ("my_int", "7", 7),
        ("my_float", "0.25", 0.25),
        ("my_none", "7", "7"),
        ("my_none_int", "7", 7),
        ("my_env", "prod", "prod"),
        ("my_multi", ["a", "b"], ["a", "b"]),
        ("my_multi", "b,c", ["b", "c"]),
        ("my_numbers", "3,4", [3, 4]),
        ("my_numbers", ["5", "6"], [5, 6]),
        ("my_bool", "true", True),
        ("my_bool", "false", False),
        ("my_path", "/other", Path("/other")),
        ("my_secret", "new", "new"),
        ("my_secret", "", ""),
        ("my_secret", HIDDEN, "s3cr3t"),
        ("my_secret_int", HIDDEN, 77),
        ("my_int", "", 5),
        ("my_none", "", None),
        ("my_none_int", "", None),
        ("my_none_float", "2.5", 2.5),
        ("my_none_float", "", None),
        ("my_env", "", "dev"),
        ("my_bool", "", True),
        ("my_flag", "true", True),
        ("my_switch", "false", False),
        ("my_json", '{"b": [2]}', {"b": [2]}),
        ("my_json", "", {"a": 1}),
        ("my_json_list", "[1, 2]", [1, 2]),
        ("my_json_list", "{}", {}),
        ("my_rates", "1,2.5", [1.0, 2.5]),
        ("my_rates", "", []),
        ("my_tags", "a", ["a"]),
        ("my_tags", ["a,b", "c"], ["a,b", "c"]),
        ("my_level", "3", 3),
        ("my_loud", "a", "A"),
        ("my_loud", "", "QUIET"),
        ("my_pairs", "c=d", ("c", "d")),
        ("my_pairs", "('a', 'b')", ("a", "b")),
    ],
)
def test_custom_arguments_have_their_declared_type(
    ui: WebUI, client: Any, started: list[Any], name: str, sent: Any, value: Any
) -> None:
    assert swarm(client, **{name: sent})["success"]
    converted = getattr(ui.environment.parsed_options, name)
    assert converted == value
    assert type(converted) is type(value)


@pytest.mark.parametrize("before", [None, "text", 7, [1], True])
def test_what_a_value_was_before_does_not_matter(ui: WebUI, client: Any, started: list[Any], before: Any) -> None:
    ui.environment.parsed_options.my_none_float = before
    assert swarm(client, my_none_float="2.5")["success"]
    assert ui.environment.parsed_options.my_none_float == 2.5
    assert "must be float" in swarm(client, my_none_float="null")["message"]
    assert ui.environment.parsed_options.my_none_float == 2.5
    assert swarm(client, my_none_float="")["success"]
    assert ui.environment.parsed_options.my_none_float is None


def test_the_form_as_the_page_shows_it_changes_nothing(ui: WebUI, client: Any, started: list[Any]) -> None:
    ui.update_template_args()
    shown = {name: option["default_value"] for name, option in ui.template_args["extra_options"].items()}
    assert shown["my_json"] == '{"a": 1}'
    before = dict(vars(ui.environment.parsed_options))
    # As web/src/model/swarm.ts writes the fields.
    fields = {
        name: str(value).lower() if isinstance(value, bool) else "" if value is None else value or ""
        for name, value in shown.items()
    }
    assert swarm(client, **fields)["success"]
    after = vars(ui.environment.parsed_options)
    assert {name: after[name] for name in shown} == {name: before[name] for name in shown} | {"my_level": 0}


def test_names_that_mean_nothing_are_ignored(client: Any, started: list[Any]) -> None:
    assert swarm(client, unknown="1")["success"]


def test_limits_are_kept_until_a_form_changes_them(ui: WebUI, client: Any, started: list[Any]) -> None:
    environment = ui.environment
    swarm(client, iterations="40", run_time_from_ramp_end="true")
    assert (environment.iterations, environment.run_time_from_ramp_end) == (40, True)
    swarm(client)
    assert (environment.iterations, environment.run_time_from_ramp_end) == (40, True)
    swarm(client, iterations="", run_time_from_ramp_end="")
    assert (environment.iterations, environment.run_time_from_ramp_end) == (None, False)


def test_arrivals_are_kept_until_a_form_changes_them(ui: WebUI, client: Any, started: list[Any]) -> None:
    arrivals = ui.environment.arrivals
    swarm(client, arrival_rate="12.5", max_users="40")
    assert (arrivals.total, arrivals.max_users) == (12.5, 40)
    swarm(client)
    assert (arrivals.total, arrivals.max_users) == (12.5, 40)
    swarm(client, arrival_rate="", max_users="")
    assert (arrivals.total, arrivals.max_users) == (None, None)


def test_an_argument_of_the_locustfile_takes_the_place_of_a_limit(make_ui: MakeUI) -> None:
    ui = make_ui(declare=lambda parser: parser.add_argument("--iterations", default="few"))
    swarm(ui.app.test_client(), iterations="many", user_count="0")
    assert ui.environment.parsed_options.iterations == "many"
    assert ui.environment.iterations is None


def test_run_time_without_a_value_is_none(ui: WebUI, client: Any, started: list[Any]) -> None:
    swarm(client, run_time="60")
    assert "run_time" not in swarm(client, run_time="")
    assert ui.environment.parsed_options.run_time is None


def test_without_a_runner_nothing_starts(make_ui: MakeUI) -> None:
    answer = make_ui(with_runner=False).app.test_client().post("/swarm", data=NUMBERS)
    assert (answer.status_code, answer.json) == (200, {"success": False, "message": "No runner", "host": None})


def test_the_picker_needs_classes(ui: WebUI, client: Any) -> None:
    ui.environment.available_user_classes = {}
    assert swarm(client)["message"] == "UserClass picker is active but there are no available UserClasses"


def test_without_the_picker_classes_and_shapes_stay(make_ui: MakeUI) -> None:
    ui = make_ui()
    answer = swarm(ui.app.test_client(), user_classes="Nobody", shape_class="Nowhere", user_count="0")
    assert (answer["success"], "user_classes" in answer) == (True, False)


def test_secrets_are_in_no_page(ui: WebUI, client: Any) -> None:
    ui.environment.stats.log_request("GET", "/", 1, 1)
    for path in ("/", "/stats/report", "/stats/requests", "/stats/updates", "/logs"):
        assert "s3cr3t" not in client.get(path).text, path
    option = ui.template_args["extra_options"]["my_secret"]
    assert (option["is_secret"], option["default_value"]) == (True, HIDDEN)


def test_the_form_shows_how_arguments_were_declared(ui: WebUI, client: Any) -> None:
    client.get("/")
    assert ui.template_args["extra_options"]["my_multi"] == {
        "default_value": ["a"],
        "is_secret": False,
        "is_required": False,
        "help_text": None,
        "is_multiple": True,
        "choices": ["a", "b", "c"],
    }
    assert ui.template_args["extra_options"]["my_path"]["default_value"] == "/data"
    assert "my_hidden" not in ui.template_args["extra_options"]
    assert "help" not in ui.template_args["extra_options"]


def test_stop_ends_the_run_and_its_timer(ui: WebUI, client: Any) -> None:
    swarm(client, run_time="60")
    until(lambda: ui.environment.runner.user_count == 2)
    assert client.post("/stop").json == {"success": True, "message": "Test stopped"}
    assert ui.environment.runner.state == "stopped"
    assert ui._run_time_greenlet is None


def test_the_run_time_ends_the_run(ui: WebUI, client: Any) -> None:
    swarm(client, run_time="1")
    timer = ui._run_time_greenlet
    timer.join()
    assert ui.environment.runner.state == "stopped"
