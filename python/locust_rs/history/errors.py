"""The error of a history that cannot be read or written: what is wrong, and what to do."""

from __future__ import annotations

from locust_rs.exception import ConfigurationError


class HistoryError(ConfigurationError):
    """A file of runs or an exported run cannot be used, or has no such run."""


class NoSuchRun(HistoryError):
    """The history has no run of this name."""
