"""Reads configuration files: TOML where the name ends in `.toml`, lines of `key = value` otherwise."""

from __future__ import annotations

from typing import IO, Any

from configargparse import ConfigFileParser, DefaultConfigFileParser, TomlConfigParser

DEFAULT_CONFIG_FILES = ("~/.locust.conf", "locust.conf", "pyproject.toml")
"""Where options are looked for without being asked. Which one wins is `by_precedence`'s business."""


class LocustTomlConfigParser(TomlConfigParser):  # type: ignore[misc]  # ConfigArgParse has no type hints
    """Options from the given tables of a TOML file, such as `[tool.locust]`."""


class LocustConfigParser(ConfigFileParser):  # type: ignore[misc]  # ConfigArgParse has no type hints
    """Chooses the format by the file's name."""

    def parse(self, stream: IO[str]) -> dict[str, Any]:
        """Reads one open file into options by key.

        Raises:
            ConfigFileParserException: For a line or table that can't be read.
        """
        parser = (
            LocustTomlConfigParser(["tool.locust"]) if str(stream.name).endswith(".toml") else DefaultConfigFileParser()
        )
        options: dict[str, Any] = parser.parse(stream)
        return options

    def get_syntax_description(self) -> str:
        """One sentence for a plug-in's help text."""
        return "A configuration file has lines of `key = value`, or a [tool.locust] table if its name ends in .toml."


def by_precedence(names: tuple[str, ...] | list[str]) -> list[str]:
    """Sorts default configuration files so that a later one overrides an earlier one.

    Documented: `pyproject.toml`, then `locust.conf`, then `--config`. The user's own `~/.locust.conf` counts
    least. Locust 2.47 itself lets `pyproject.toml` win over `locust.conf`.
    """
    return sorted(names, key=lambda name: 0 if name.startswith("~") else 1 if name.endswith(".toml") else 2)
