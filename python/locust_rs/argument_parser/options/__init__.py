"""Locust's own options, one file per group of the help text."""
