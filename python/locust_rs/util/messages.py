"""Where messages are explained: docs/messages.md has a heading for each, whose anchor is its name."""

from __future__ import annotations

PAGE = "docs/messages.md"


def see(anchor: str) -> str:
    """The sentence that leads from a message to its explanation.

    Args:
        anchor: The heading in the page, in lower case and with hyphens.
    """
    return f"See {PAGE}#{anchor}"
