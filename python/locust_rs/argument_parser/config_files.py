"""Reads configuration files: TOML if the name ends in `.toml`, otherwise lines of `key = value`."""

from __future__ import annotations

from typing import IO, Any

from configargparse import ConfigFileParser, DefaultConfigFileParser, TomlConfigParser

DEFAULT_CONFIG_FILES = ("~/.locust.conf", "locust.conf", "pyproject.toml")
"""Files that are read if they exist. `by_precedence` defines which one wins."""


class LocustTomlConfigParser(TomlConfigParser):  # type: ignore[misc]  # ConfigArgParse has no type hints
    """Options from the given tables of a TOML file, such as `[tool.locust]`."""


class LocustConfigParser(ConfigFileParser):  # type: ignore[misc]  # ConfigArgParse has no type hints
    """Chooses the format by the file's name."""

    def parse(self, stream: IO[str]) -> dict[str, Any]:
        """Reads options by key from an open file.

        Raises:
            ConfigFileParserException: A line or a table is malformed.
        """
        parser = (
            LocustTomlConfigParser(["tool.locust"]) if str(stream.name).endswith(".toml") else DefaultConfigFileParser()
        )
        options: dict[str, Any] = parser.parse(stream)
        return options

    def get_syntax_description(self) -> str:
        """Describes the format in one sentence, for a plug-in's help text."""
        return "A configuration file has lines of `key = value`, or a [tool.locust] table if its name ends in .toml."


def by_precedence(names: tuple[str, ...] | list[str]) -> list[str]:
    """Sorts default configuration files so that a later one overrides an earlier one.

    The documented order is `pyproject.toml`, then `locust.conf`, then `--config`; the user's `~/.locust.conf` comes
    before all of them. In Locust 2.47 itself `pyproject.toml` overrides `locust.conf`.
    """
    return sorted(names, key=lambda name: 0 if name.startswith("~") else 1 if name.endswith(".toml") else 2)
