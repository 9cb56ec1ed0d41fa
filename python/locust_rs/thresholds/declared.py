"""Thresholds that a locustfile declares when it is imported; the command line gives them to its environment."""

from __future__ import annotations

from locust_rs.thresholds.parser import parse

DECLARED: list[str] = []


def add(*texts: str) -> None:
    """Declares thresholds for the test of this locustfile.

        from locust import thresholds

        thresholds.add("p95(GET /cart) < 300ms", "failures < 1%")

    Raises:
        ThresholdError: One of them is malformed.
    """
    for text in texts:
        parse(text)
    DECLARED.extend(texts)
