"""Small helpers that users' code imports from `locust.util`."""
