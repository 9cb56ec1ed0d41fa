"""The pytest plugin, with fixtures that make a locustfile of test functions."""
