"""Fixtures for pytest-style locustfiles."""
