"""Journeys as Python; `locustfile` is the entry."""
