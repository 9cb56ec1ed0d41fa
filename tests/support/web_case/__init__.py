"""Shared code of the tests of the web UI: users, environments in this process, real processes, a counting target."""
