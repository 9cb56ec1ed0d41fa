"""Locust's own options: one module per group of the help text."""
