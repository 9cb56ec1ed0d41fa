"""The command `locust-rs`, with subcommands that Locust's own command does not have."""

from __future__ import annotations

import importlib
from typing import Any

import click

# The module of a command is imported when the command runs.
_COMMANDS = {
    "demo": ("locust_rs.demo.command:demo", "Run a real load test against a sample shop on this machine."),
    "keys": ("locust_rs.cli.make_keys:keys", "Make key files that encrypt the connections between nodes."),
    "upgrade": ("locust_rs.upgrade.command:upgrade", "Rewrite old locustfiles to today's API."),
    "convert": ("locust_rs.cli.convert:convert", "Write a locustfile from HAR, curl, .http, Postman or OpenAPI."),
    "runs": ("locust_rs.cli.runs:runs", "List, show, label, delete, export and import kept runs."),
    "compare": ("locust_rs.cli.compare:compare", "Compare two runs, and say how certain a difference is."),
    "doctor": ("locust_rs.cli.doctor:doctor", "Check this machine and installation for load generation."),
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][0].partition(":")
        command: Any = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="locust-rs", prog_name="locust-rs")
def main() -> None:
    """Tools that accompany the command `locust`, which runs load tests."""
