"""Tests in pytest's form, each of which is a User's task: `locust -f test_as_pytest.py`, or `pytest --host …`."""

import time


def test_home(session):
    session.get("/").raise_for_status()
    time.sleep(0.5)


def test_search(fastsession):
    with fastsession.get("/search?q=lamp", name="/search", catch_response=True) as response:
        if "results" not in response.json():
            response.failure("no results")
    time.sleep(0.5)
