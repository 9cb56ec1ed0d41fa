"""What `locust.html` lets users change."""

PERCENTILES_FOR_HTML_REPORT: list[float] = [0.50, 0.6, 0.70, 0.80, 0.90, 0.95, 0.99, 1.0]
"""Columns of the report's table of response times."""
