"""Runs Locust as `python -m locust`."""

from locust_rs.main import main

main()
