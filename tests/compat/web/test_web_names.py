"""The public names of `locust.web` and `locust.html`."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from unittest import mock

import pytest

import locust_rs.html
import locust_rs.web
from locust_rs._tunables import html as html_tunables
from locust_rs._tunables import web as web_tunables

WEB = [
    "AuthArgs", "AuthProvider", "CustomForm", "DEFAULT_CACHE_TIME", "HOST_IS_REQUIRED", "InputField", "WebUI",
    "greenlet_exception_handler", "logger",
]  # fmt: skip
HTML = [
    "DEFAULT_BUILD_PATH",
    "PERCENTILES_FOR_HTML_REPORT",
    "get_html_report",
    "process_html_filename",
    "render_template_from",
]


@pytest.mark.parametrize("name", WEB)
def test_web_has(name: str) -> None:
    assert hasattr(locust_rs.web, name)


@pytest.mark.parametrize("name", HTML)
def test_html_has(name: str) -> None:
    assert hasattr(locust_rs.html, name)


def test_constants_written_in_the_public_module_are_read() -> None:
    with mock.patch("locust_rs.web.HOST_IS_REQUIRED", True), mock.patch("locust_rs.web.DEFAULT_CACHE_TIME", 0.1):
        assert (web_tunables.HOST_IS_REQUIRED, web_tunables.DEFAULT_CACHE_TIME) == (True, 0.1)
    assert (web_tunables.HOST_IS_REQUIRED, web_tunables.DEFAULT_CACHE_TIME) == (False, 2.0)
    with mock.patch("locust_rs.html.PERCENTILES_FOR_HTML_REPORT", [0.5]):
        assert html_tunables.PERCENTILES_FOR_HTML_REPORT == [0.5]


def test_importing_it_imports_no_flask() -> None:
    code = "import locust.web, locust.html, sys; sys.exit(any(m in sys.modules for m in ('flask', 'jinja2')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("r_{u}_{r}_{t}.html", "r_10_2.5_90.html"),
        ("{x}{u}.html", "{x}10.html"),
        ("plain.html", "plain.html"),
        ("a{u:>5}.html", "a{u:>5}.html"),
        ("{", "{"),
        ("%s{r}", "%s2.5"),
    ],
)
def test_html_filename_takes_users_rate_and_time(pattern: str, name: str) -> None:
    options = SimpleNamespace(html_file=pattern, num_users=10, spawn_rate=2.5, run_time=90)
    locust_rs.html.process_html_filename(options)
    assert options.html_file == name


@pytest.mark.parametrize(
    ("users", "rate", "run_time", "name"),
    [
        (1_000_000, 1_000_000.0, 2_592_000, "1000000_1000000_2592000"),
        (1_234_567, 1_234_567.891, 60, "1234567_1234567.891_60"),
        (10, 123_456.5, 5, "10_123456.5_5"),
        (10, 0.0000125, 5, "10_1.25e-05_5"),
    ],
)
def test_html_filename_has_every_digit(users: int, rate: float, run_time: int, name: str) -> None:
    options = SimpleNamespace(html_file="{u}_{r}_{t}", num_users=users, spawn_rate=rate, run_time=run_time)
    locust_rs.html.process_html_filename(options)
    assert options.html_file == name


def test_html_filename_keeps_marks_without_a_value() -> None:
    options = SimpleNamespace(html_file="{u}-{r}-{t}.html", num_users=None, spawn_rate=None, run_time=None)
    locust_rs.html.process_html_filename(options)
    assert options.html_file == "{u}-{r}-{t}.html"
