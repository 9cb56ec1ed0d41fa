"""Web UIs for the tests of this folder."""

from web_case.fixtures import make_ui

__all__ = ["make_ui"]
