"""The command-line parser: argparse with configuration files, environment variables and hints for typos.

Options are parsed twice: before the locustfile is imported only those needed to find it (`parse_locustfile_option`),
and afterwards all of them, because a locustfile may add some (`get_parser`).
"""

from __future__ import annotations

import argparse
import difflib
import re
from typing import TYPE_CHECKING, Any, NoReturn

import configargparse

from locust_rs.argument_parser.config_files import DEFAULT_CONFIG_FILES, LocustConfigParser, by_precedence
from locust_rs.argument_parser.options import (
    ci,
    common,
    distributed,
    evidence,
    history,
    limits,
    logs,
    other,
    statistics,
    tags,
    web,
)
from locust_rs.event import default as process_wide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SECRET_ARGUMENTS: set[str] = set()
"""Destinations of the arguments that were declared secret, in any parser."""


def secret_values(options: argparse.Namespace | None) -> Iterator[str]:
    """The values of the arguments that are declared secret."""
    for name in SECRET_ARGUMENTS:
        value = getattr(options, name, None)
        for one in value if isinstance(value, list | tuple) else (value,):
            if one is not None:
                yield str(one)


_USAGE = "\nUsage: locust [options] [UserClass ...]\n"

_EPILOG = """Examples:

    locust -f my_test.py -H https://www.example.com

    locust --headless -u 100 -t 20m --processes 4 MyHttpUser AnotherUser

    locust --headless -u 100 -r 10 -t 50 --print-stats --html "test_report_{u}_{r}_{t}.html"
    (The above run would generate an html file with the name "test_report_100_10_50.html")

See documentation for more details, including how to set options using a file or environment variables: \
https://docs.locust.io/en/stable/configuration.html"""


class LocustArgumentParser(configargparse.ArgumentParser):  # type: ignore[misc]  # ConfigArgParse is untyped
    """An argparse parser whose `add_argument` also takes `env_var` and how the web UI shows an argument."""

    def error(self, message: str) -> NoReturn:
        """Prints the message and the option that was probably meant, and exits with code 2."""
        hints = [f"Did you mean '{option}'?\n" for option in self._probably_meant(message)]
        self.exit(2, f"{self.prog}: error: {message}\n{''.join(hints)}")
        raise AssertionError("exit does not return")

    def _probably_meant(self, message: str) -> list[str]:
        found = re.match(r"unrecognized arguments: (.*)", message, re.DOTALL)
        if found is None:
            return []
        known = list(self._option_string_actions)
        unknown = [word.partition("=")[0] for word in found[1].split() if word.startswith("--")]
        close = [difflib.get_close_matches(word, known, n=1) for word in unknown]
        return list(dict.fromkeys(matches[0] for matches in close if matches))

    def add_argument(self, *args: Any, **kwargs: Any) -> argparse.Action:
        """Adds an option, like argparse.

        Args:
            args: Option strings.
            kwargs: Those of argparse and ConfigArgParse, and these: `include_in_web_ui` (default True) shows the
                argument in the start form, `is_secret` masks it there and keeps it out of logs and reports,
                `is_required` makes it mandatory in the form, `is_multiple` lets the form select several of the
                `choices`.
        """
        include_in_web_ui = kwargs.pop("include_in_web_ui", True)
        is_secret = kwargs.pop("is_secret", False)
        is_required = kwargs.pop("is_required", False)
        is_multiple = kwargs.pop("is_multiple", False)
        action: argparse.Action = super().add_argument(*args, **kwargs)
        action.include_in_web_ui = include_in_web_ui  # type: ignore[attr-defined]
        action.is_secret = is_secret  # type: ignore[attr-defined]
        if is_secret:
            SECRET_ARGUMENTS.add(action.dest)
        action.is_required = is_required  # type: ignore[attr-defined]
        action.is_multiple = is_multiple  # type: ignore[attr-defined]
        return action

    def _with(self, *attributes: str) -> dict[str, argparse.Action]:
        return {
            action.dest: action
            for action in self._actions
            if all(getattr(action, attribute, False) for attribute in attributes)
        }

    @property
    def args_included_in_web_ui(self) -> dict[str, argparse.Action]:
        """The arguments that the start form shows, by destination name, including Locust's own common ones."""
        return self._with("include_in_web_ui")

    @property
    def secret_args_included_in_web_ui(self) -> dict[str, argparse.Action]:
        """The arguments in the start form whose value is masked."""
        return self._with("include_in_web_ui", "is_secret")

    @property
    def required_args_included_in_web_ui(self) -> dict[str, argparse.Action]:
        """The arguments in the start form that are mandatory."""
        return self._with("include_in_web_ui", "is_required")

    @property
    def multiple_args_included_in_web_ui(self) -> dict[str, argparse.Action]:
        """The arguments in the start form that take several choices."""
        return self._with("include_in_web_ui", "is_multiple")


def get_empty_argument_parser(
    add_help: bool = True, default_config_files: Sequence[str] = DEFAULT_CONFIG_FILES
) -> LocustArgumentParser:
    """A parser for `--locustfile` and `--config` alone.

    Args:
        add_help: Whether `--help` is an option.
        default_config_files: Files to read if they exist; `by_precedence` defines which one wins.
    """
    parser = LocustArgumentParser(
        default_config_files=by_precedence(list(default_config_files)),
        config_file_parser_class=LocustConfigParser,
        add_env_var_help=False,
        add_config_file_help=False,
        add_help=add_help,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS,
        description=_USAGE,
        epilog=_EPILOG,
    )
    parser._optionals.title = "Common options"
    common.add_locustfile_options(parser)
    return parser


def setup_parser_arguments(parser: LocustArgumentParser) -> None:
    """Adds all of Locust's own options to a parser that has `--locustfile` and `--config`."""
    common.add_common_options(parser)
    web.add_web_options(parser)
    distributed.add_master_options(parser)
    distributed.add_worker_options(parser)
    tags.add_tag_options(parser)
    statistics.add_statistics_options(parser)
    ci.add_ci_options(parser)
    logs.add_log_options(parser)
    other.add_other_options(parser)
    other.add_user_classes(parser)


def get_parser(default_config_files: Sequence[str] = DEFAULT_CONFIG_FILES) -> LocustArgumentParser:
    """The complete parser, with the options that locustfiles and plug-ins add on `init_command_line_parser`."""
    parser = get_empty_argument_parser(default_config_files=default_config_files)
    setup_parser_arguments(parser)
    process_wide.events.init_command_line_parser.fire(parser=parser)
    limits.add_limit_options(parser)
    history.add_history_options(parser)
    evidence.add_evidence_options(parser)
    return parser


def parse_locustfile_option(args: list[str] | None = None) -> argparse.Namespace:
    """Reads the options that are needed to find the locustfile, and answers `--help` and `--version`.

    Args:
        args: Command line; None: that of the process.

    Returns:
        `locustfile, config, worker, master, master_host, master_port` and `curve_key`.
    """
    parser = get_empty_argument_parser(add_help=False)
    distributed.add_worker_switch(parser)
    distributed.add_master_switch(parser)
    distributed.add_master_address(parser)
    distributed.add_encryption_options(parser)
    parser.add_argument("-h", "--help", action="store_true", default=False)
    parser.add_argument("--version", "-V", action="store_true", default=False)
    options: argparse.Namespace = parser.parse_known_args(args)[0]
    if options.help or options.version:
        # The complete parser answers and exits, like argparse; the locustfile is not imported for that.
        get_parser().parse_args(args)
    return options


def parse_options(args: list[str] | None = None) -> argparse.Namespace:
    """Reads all options from the command line, the environment and the configuration files.

    Ends the process with code 2 and a message if an option is invalid.
    """
    parser = get_parser()
    options: argparse.Namespace = parser.parse_args(args)
    if options.stats_history_enabled and options.csv_prefix is None:
        parser.error("'--csv-full-history' requires '--csv'.")
    return options
