"""Options of the web UI: where it listens, how it starts, and who may see it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from locust_rs.argument_parser.value_types import ErrorRaisingAction, port_number

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_web_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Web UI options`."""
    group = parser.add_argument_group("Web UI options")
    group.add_argument(
        "--web-host",
        default="",
        metavar="<ip>",
        env_var="LOCUST_WEB_HOST",
        help="Host to bind the web interface to. Defaults to '*' (all interfaces)",
    )
    group.add_argument(
        "--web-allow-host",
        metavar="<name>",
        nargs="*",
        env_var="LOCUST_WEB_ALLOW_HOST",
        help="Names, as of a reverse proxy, under which a web interface that is bound to a loopback address answers "
        "beside localhost and the name of this machine.",
    )
    group.add_argument(
        "--web-host-display-name",
        type=str,
        env_var="LOCUST_WEB_HOST_DISPLAY_NAME",
        help=argparse.SUPPRESS,
    )
    group.add_argument(
        "--web-port",
        "-P",
        type=port_number,
        default=8089,
        metavar="<port number>",
        env_var="LOCUST_WEB_PORT",
        help="Port on which to run web host",
    )
    group.add_argument(
        "--metrics-port",
        type=port_number,
        metavar="<port number>",
        env_var="LOCUST_METRICS_PORT",
        help="Port on which to serve metrics for Prometheus at /metrics, which the web UI does too. For runs without "
        "a web UI; --web-host, --web-login, --tls-cert and --tls-key apply. Workers ignore it.",
    )
    group.add_argument(
        "--headless",
        action="store_true",
        env_var="LOCUST_HEADLESS",
        help="Disable the web interface, and start the test immediately. Use -u and -t to control user count "
        "and run time",
    )
    group.add_argument(
        "--autostart",
        action="store_true",
        env_var="LOCUST_AUTOSTART",
        help="Starts the test immediately (like --headless, but without disabling the web UI)",
    )
    group.add_argument(
        "--autoquit",
        type=int,
        default=-1,
        metavar="<seconds>",
        env_var="LOCUST_AUTOQUIT",
        help="Quits Locust entirely, X seconds after the run is finished. Only used together with --autostart. "
        "The default is to keep Locust running until you shut it down using CTRL+C",
    )
    # Lets a command line override `headless = true` of a configuration file.
    group.add_argument("--headful", action="store_true", env_var="LOCUST_HEADFUL", help=argparse.SUPPRESS)
    group.add_argument(
        "--web-auth",
        type=str,
        metavar="<username:password>",
        action=ErrorRaisingAction,
        message="The --web-auth parameters has been replaced with --web-login. "
        "See https://docs.locust.io/en/stable/extending-locust.html#authentication for details",
        env_var="LOCUST_WEB_AUTH",
        help=argparse.SUPPRESS,
    )
    _add_access_options(group)
    group.add_argument(
        "--class-picker",
        action="store_true",
        default=False,
        env_var="LOCUST_USERCLASS_PICKER",
        help="Enable select boxes in the web interface to choose from all available User classes and Shape classes",
    )
    group.add_argument("--build-path", type=str, default="", env_var="LOCUST_BUILD_PATH", help=argparse.SUPPRESS)
    group.add_argument(
        "--legacy-ui",
        nargs=0,
        default=False,
        action=ErrorRaisingAction,
        message="--legacy-ui is no longer supported, remove the parameter to continue",
        env_var="LOCUST_LEGACY_UI",
        help=argparse.SUPPRESS,
    )
    group.add_argument(
        "--web-base-path",
        type=str,
        default="",
        env_var="LOCUST_WEB_BASE_PATH",
        help="Base path for the web interface (e.g., '/locust'). Default is empty (root path).",
    )


def _add_access_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--web-login",
        action="store_true",
        default=False,
        env_var="LOCUST_WEB_LOGIN",
        help="Protects the web interface with a login page. See "
        "https://docs.locust.io/en/stable/extending-locust.html#authentication",
    )
    group.add_argument(
        "--tls-cert",
        default="",
        metavar="<filename>",
        env_var="LOCUST_TLS_CERT",
        help="Optional path to TLS certificate to use to serve over HTTPS",
    )
    group.add_argument(
        "--tls-key",
        default="",
        metavar="<filename>",
        env_var="LOCUST_TLS_KEY",
        help="Optional path to TLS private key to use to serve over HTTPS",
    )
