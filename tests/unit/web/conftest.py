"""Web UIs for the tests of this folder."""

from web_case.fixtures import client, make_ui, ui

__all__ = ["client", "make_ui", "ui"]
