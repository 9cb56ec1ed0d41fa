"""Every option, environment variable and configuration key with its parsed value, and the messages for invalid ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from locust_rs import argument_parser
from locust_rs.argument_parser import get_parser, parse_options, ui_extra_args_dict
from locust_rs.argument_parser.options.ci import RESULT_FILES
from locust_rs.event import default

VECTORS = Path(__file__).parents[2] / "vectors"
CASES: list[dict[str, Any]] = json.loads((VECTORS / "options.json").read_text())


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder and an empty home; no `LOCUST_…` variables."""
    import os

    for name in [name for name in os.environ if name.startswith("LOCUST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.argv", ["locust"])
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_option_is_parsed(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in case["env"].items():
        monkeypatch.setenv(name, value)
    if case["conf"]:
        Path("locust.conf").write_text(case["conf"])
    if case["toml"]:
        Path("pyproject.toml").write_text(case["toml"])
    assert vars(parse_options(case["args"]))[case["dest"]] == case["value"]


def test_every_option_has_a_case() -> None:
    refused = {"web_auth", "legacy_ui", "expect_slaves", "slave", "help", "version", "config"}
    added = {"web_allow_host", "master_allow", "curve_key", "exit_code_on_overload", "precise", "metrics_port"}
    added |= {"stats_by_tag"}
    added |= {"thresholds", "exit_code_on_threshold", *RESULT_FILES.values()}
    added |= {"iteration_limit", "run_time_from_ramp_end", "intended_start", "drain_timeout", "journal"}
    added |= {"history_folder", "no_history", "baseline", "fail_on_regression"}
    added |= {"no_evidence", "redact"}
    added |= {"arrival_rates", "max_users", "arrival_seed"}
    tested = {case["dest"] for case in CASES}
    assert {action.dest for action in get_parser()._actions} - refused - added == tested


def test_every_documented_variable_has_a_case() -> None:
    tested = {name for case in CASES for name in case["env"]}
    known = {action.env_var for action in get_parser()._actions if getattr(action, "env_var", None)}
    added = {"LOCUST_WEB_ALLOW_HOST", "LOCUST_MASTER_ALLOW", "LOCUST_CURVE_KEY", "LOCUST_JOURNAL"}
    added |= {"LOCUST_EXIT_CODE_ON_OVERLOAD", "LOCUST_PRECISE", "LOCUST_METRICS_PORT", "LOCUST_STATS_BY_TAG"}
    added |= {"LOCUST_THRESHOLD", "LOCUST_EXIT_CODE_ON_THRESHOLD"}
    added |= {"LOCUST_ITERATIONS", "LOCUST_TIME_FROM_RAMP_END", "LOCUST_INTENDED_START", "LOCUST_DRAIN_TIMEOUT"}
    added |= {"LOCUST_HISTORY", "LOCUST_NO_HISTORY", "LOCUST_BASELINE", "LOCUST_FAIL_ON_REGRESSION"}
    added |= {"LOCUST_NO_EVIDENCE", "LOCUST_REDACT"}
    added |= {"LOCUST_ARRIVAL_RATE", "LOCUST_MAX_USERS", "LOCUST_ARRIVAL_SEED"}
    added |= {f"LOCUST_{option.strip('-').replace('-', '_').upper()}" for option in RESULT_FILES}
    assert known - tested == {"LOCUST_WEB_AUTH", "LOCUST_LEGACY_UI", *added}


@pytest.mark.parametrize(
    ("arguments", "variables", "rates"),
    [
        (["--arrival-rate", "200"], {}, [("", 200.0)]),
        (["--arrival-rate", "A=1.5", "--arrival-rate", "B=0"], {}, [("A", 1.5), ("B", 0.0)]),
        ([], {"LOCUST_ARRIVAL_RATE": "20"}, [("", 20.0)]),
        ([], {}, None),
    ],
    ids=["one", "by class", "variable", "without"],
)
def test_rates_of_arrivals(
    arguments: list[str], variables: dict[str, str], rates: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert parse_options(arguments).arrival_rates == rates


@pytest.mark.parametrize("rate", ["fast", "-1", "nan", "=5", "A=", "A=inf"])
def test_a_rate_of_arrivals_that_is_none_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["--arrival-rate", rate])
    assert "must be a number of arrivals per second, or CLASS=number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "variables", "limit"),
    [
        (["-i", "5"], {}, 5),
        (["--iterations", "5"], {}, 5),
        ([], {"LOCUST_ITERATIONS": "7"}, 7),
        ([], {}, None),
    ],
    ids=["-i", "--iterations", "variable", "without"],
)
def test_limit_of_iterations(
    arguments: list[str], variables: dict[str, str], limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert parse_options(arguments).iteration_limit == limit


def test_options_between_nodes() -> None:
    options = parse_options(["--master-allow", "10.0.0.0/8", "::1", "--curve-key", "k"])
    assert (options.master_allow, options.curve_key) == (["10.0.0.0/8", "::1"], "k")


@pytest.mark.parametrize(
    ("home", "toml", "conf", "extra", "users"),
    [
        ("1", None, None, None, 1),
        ("1", "2", None, None, 2),
        ("1", "2", "3", None, 3),
        ("1", None, "3", None, 3),
        (None, "2", "3", None, 3),
        ("1", "2", "3", "4", 4),
    ],
)
def test_later_files_override_earlier_ones(
    home: str | None, toml: str | None, conf: str | None, extra: str | None, users: int
) -> None:
    for path, text in (("home/.locust.conf", home), ("locust.conf", conf), ("extra.conf", extra)):
        if text:
            Path(path).write_text(f"users = {text}\n")
    if toml:
        Path("pyproject.toml").write_text(f"[tool.locust]\nusers = {toml}\n")
    assert parse_options(["--config", "extra.conf"] if extra else []).num_users == users


def test_config_may_name_a_toml_file() -> None:
    Path("my.toml").write_text("[tool.locust]\nusers = 3\n")
    assert parse_options(["--config", "my.toml"]).num_users == 3


def test_config_users_may_name_a_file() -> None:
    Path("users.json").write_text('[{"user_class_name": "A", "x": [1]}]')
    assert parse_options(["--config-users", "users.json"]).config_users == [[{"user_class_name": "A", "x": [1]}]]


REFUSED = [
    (["-u", "x"], "argument -u/--users: invalid int value: 'x'"),
    (["-u", "-1"], "argument -u/--users: must be 0 or more, not -1"),
    (["-r", "0"], "argument -r/--spawn-rate: must be > 0"),
    (["--web-port", "65536"], "argument --web-port/-P: 65536 is not a port: the highest is 65535"),
    (["--master-port", "-1"], "argument --master-port: must be 0 or more, not -1"),
    (["--master-bind-port", "http"], "argument --master-bind-port: invalid int value: 'http'"),
    (["-r", "-1"], "argument -r/--spawn-rate: must be > 0"),
    (["-r", "inf"], "argument -r/--spawn-rate: must be a finite number"),
    (["-r", "nan"], "argument -r/--spawn-rate: must be a finite number"),
    (["-t", "1d"], "argument -t/--run-time: Invalid time span format. Valid formats: 20, 20s, 3m, 2h, 1h20m"),
    (["-s", "1.5"], "argument -s/--stop-timeout: Invalid time span format."),
    (["--expect-workers", "0"], "Invalid --expect-workers argument (0), must be a positive number"),
    (["-L", "LOUD"], "argument --loglevel/-L: invalid choice: 'LOUD'"),
    (["--web-auth", "a:b"], "The --web-auth parameters has been replaced with --web-login. See https://"),
    (["--legacy-ui"], "--legacy-ui is no longer supported, remove the parameter to continue"),
    (["--expect-slaves"], "The --expect-slaves parameter has been renamed --expect-workers"),
    (["--slave"], "The --slave parameter has been renamed --worker"),
    (["--head"], "ambiguous option: --head could match --headless, --headful"),
    (["--hedless"], "unrecognized arguments: --hedless\nDid you mean '--headless'?\n"),
    (["--hatch-rate", "4"], "unrecognized arguments: --hatch-rate\nDid you mean '--spawn-rate'?\n"),
    (["A", "--headless", "B"], "unrecognized arguments: B\n"),
    (["--csv-full-history"], "'--csv-full-history' requires '--csv'."),
    (["--config", "nope.conf"], "Unable to open config file: nope.conf"),
    (["--config-users", "{"], "The --config-users argument must be a valid JSON string or file: "),
    (["--config-users", "nope.json"], "No such file or directory: 'nope.json'"),
    (["--config-users", '{"weight": 1}'], "The user config must specify a user_class_name"),
    (["--config-users", "5"], "The user config must be a JSON object or an array of objects, not 5"),
]


@pytest.mark.parametrize(("args", "message"), REFUSED, ids=[" ".join(args) for args, _ in REFUSED])
def test_invalid_values_are_refused(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(args)
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("locust: error: ")
    assert message in error


@pytest.mark.parametrize("key", ["usrs = 4", "spawn_rate = 5", "L = debug"])
def test_unknown_configuration_keys_are_refused(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("locust.conf").write_text(f"{key}\n")
    with pytest.raises(SystemExit):
        parse_options([])
    assert "Did you mean '" in capsys.readouterr().err


def test_hidden_options_are_not_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse_options(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--headful", "--build-path", "--web-auth", "--legacy-ui", "--slave", "--web-host-display-name"):
        assert option not in shown
    for option in ("--headless", "--master-allow", "--curve-key", "--json-file"):
        assert option in shown


@pytest.fixture
def custom_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    """The arguments of the documentation's example."""

    def add(parser: argument_parser.LocustArgumentParser) -> None:
        parser.add_argument("--my-argument", type=str, env_var="LOCUST_MY_ARGUMENT", default="", help="It's working")
        parser.add_argument("--env", choices=["dev", "staging", "prod"], default="dev", help="Environment")
        parser.add_argument("--endpoints", choices=["a", "b"], is_multiple=True, default=["a"], help="Endpoints")
        parser.add_argument("--invisible", include_in_web_ui=False, default="I am invisible")
        parser.add_argument("--password", is_secret=True, default="I am a secret")
        parser.add_argument("--flag", default=True)
        parser.add_argument("--required", is_required=True, default="I am required")
        group = parser.add_argument_group("Of a plug-in")
        group.add_argument("--of-plugin", env_var="OF_PLUGIN", default="x")

    handlers = list(default.events.init_command_line_parser._handlers)
    monkeypatch.setattr(default.events.init_command_line_parser, "_handlers", [*handlers, add])


@pytest.mark.usefixtures("custom_arguments")
def test_custom_arguments_for_the_web_ui() -> None:
    shown = ui_extra_args_dict([])
    assert list(shown) == ["my_argument", "env", "endpoints", "password", "flag", "required"]
    assert shown["env"] == {
        "default_value": "dev",
        "is_secret": False,
        "is_required": False,
        "help_text": "Environment",
        "is_multiple": False,
        "choices": ["dev", "staging", "prod"],
    }
    assert shown["endpoints"]["is_multiple"]
    assert shown["password"]["is_secret"]
    assert shown["required"]["is_required"]


@pytest.mark.usefixtures("custom_arguments")
def test_custom_arguments_are_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_MY_ARGUMENT", "from the environment")
    monkeypatch.setenv("OF_PLUGIN", "y")
    options = parse_options(["--env", "prod"])
    assert (options.my_argument, options.env, options.of_plugin) == ("from the environment", "prod", "y")


@pytest.mark.usefixtures("custom_arguments")
def test_choices_of_custom_arguments_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_options(["--env", "moon"])
    assert "argument --env: invalid choice: 'moon'" in capsys.readouterr().err
