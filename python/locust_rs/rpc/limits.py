"""Limits of a message; read at the time of use, so that a test or a user can change them."""

MAX_MESSAGE_BYTES: int = 32 * 1024 * 1024
"""ZeroMQ refuses larger messages before they take memory. A report of 10,000 endpoints has about 10 MB."""

MAX_ELEMENTS: int = 5_000_000
"""Values in one message, counting containers as well as their content."""
