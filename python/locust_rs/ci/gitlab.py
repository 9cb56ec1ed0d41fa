"""What a merge request of GitLab shows: the load performance report, and the metrics report."""

from __future__ import annotations

import json
import re
from typing import Any


def load_performance(results: dict[str, Any]) -> str:
    """`artifacts:reports:load_performance`: the keys of k6's summary that GitLab compares.

    A passed check is a request that did not fail.
    """
    total = results["total"]
    times = total["percentiles_ms"]
    document = {
        "metrics": {
            "http_reqs": {"count": total["requests"], "rate": total["rate"]},
            "http_req_waiting": {
                "avg": total["average_ms"] or 0,
                "min": total["min_ms"] or 0,
                "med": times["0.5"] or 0,
                "max": total["max_ms"] or 0,
                "p(90)": times["0.9"] or 0,
                "p(95)": times["0.95"] or 0,
            },
            "checks": {
                "passes": max(0, total["requests"] - total["failures"]),
                "fails": total["failures"],
                "value": round(1 - total["fail_ratio"], 6),
            },
        }
    }
    return json.dumps(document, indent=2) + "\n"


def metrics(results: dict[str, Any]) -> str:
    """`artifacts:reports:metrics`, in the format of OpenMetrics. Rounded, because GitLab compares texts."""
    families: dict[str, list[str]] = {}
    for row in [*results["endpoints"], results["total"]]:
        labels = f'method="{_escaped(row["method"])}",name="{_escaped(row["name"])}"'
        values = {
            "locust_requests": str(row["requests"]),
            "locust_failures": str(row["failures"]),
            "locust_requests_per_second": f"{row['rate']:.1f}",
            "locust_failed_percent": f"{row['fail_ratio'] * 100:.2f}",
            "locust_average_milliseconds": _number(row["average_ms"]),
            "locust_median_milliseconds": _number(row["percentiles_ms"]["0.5"]),
            "locust_p95_milliseconds": _number(row["percentiles_ms"]["0.95"]),
            "locust_p99_milliseconds": _number(row["percentiles_ms"]["0.99"]),
        }
        for family, value in values.items():
            families.setdefault(family, []).append(f"{family}{{{labels}}} {value}\n")
    for threshold in results["thresholds"]:
        value = "1" if threshold["state"] == "passed" else "0"
        line = f'locust_threshold_passed{{threshold="{_escaped(threshold["threshold"])}"}} {value}\n'
        families.setdefault("locust_threshold_passed", []).append(line)
    lines = [f"# TYPE {family} gauge\n{''.join(samples)}" for family, samples in families.items()]
    return "".join([*lines, "# EOF\n"])


def _number(time_ms: float | None) -> str:
    return "NaN" if time_ms is None else f"{time_ms:.0f}" if time_ms >= 10 else f"{time_ms:.1f}"


def _escaped(text: str) -> str:
    return re.sub(r'([\\"])', r"\\\1", text).replace("\n", "\\n")
