"""What a message may at most be; read at the time of use, so that a test or a user can change it."""

MAX_MESSAGE_BYTES: int = 32 * 1024 * 1024
"""Larger messages are cut off by ZeroMQ before they take memory. A report of 10,000 endpoints has about 10 MB."""

MAX_ELEMENTS: int = 5_000_000
"""Values in one message, containers and their content counted alike."""
