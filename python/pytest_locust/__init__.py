"""The pytest plugin: fixtures that make a locustfile of plain test functions."""
