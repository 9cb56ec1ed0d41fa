"""The vocabulary of thresholds: names of metrics, and units with their factors."""

from __future__ import annotations

from locust_rs.thresholds.model import Metric, Unit

METRICS: dict[str, Metric] = {
    "average": Metric.AVERAGE,
    "avg": Metric.AVERAGE,
    "mean": Metric.AVERAGE,
    "max": Metric.MAX,
    "min": Metric.MIN,
    "median": Metric.PERCENTILE,
    "rate": Metric.REQUESTS,
    "requests": Metric.REQUESTS,
    "failures": Metric.FAILURES,
    "exceptions": Metric.EXCEPTIONS,
    "late starts": Metric.LATE_STARTS,
    "dropped starts": Metric.DROPPED_STARTS,
    "dropped": Metric.DROPPED_STARTS,
    "overload": Metric.OVERLOAD,
    "count": Metric.COUNT,
    "value": Metric.VALUE,
}

VERDICT = "generator is ok"
"""The threshold that asks for the generator's own verdict; the only one without a limit."""

METRIC_NAMES = ("p95", "p99.9", *METRICS, VERDICT)
"""Names to suggest; any percentile can be written like the first two."""

UNITS: dict[str, tuple[Unit, float]] = {
    "us": (Unit.MS, 0.001),
    "ms": (Unit.MS, 1.0),
    "s": (Unit.MS, 1000.0),
    "min": (Unit.MS, 60_000.0),
    "%": (Unit.SHARE, 0.01),
    "/s": (Unit.PER_SECOND, 1.0),
    "/min": (Unit.PER_SECOND, 1 / 60),
    "/h": (Unit.PER_SECOND, 1 / 3600),
    "": (Unit.COUNT, 1.0),
}
"""What stands behind a number: the unit of the value, and the factor."""

EXAMPLES: dict[Unit, str] = {
    Unit.MS: "300ms or 1.5s",
    Unit.SHARE: "1%",
    Unit.PER_SECOND: "500/s",
    Unit.COUNT: "a plain number such as 1000",
}

DURATION_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}

MODIFIERS = ("for", "over", "after", "abort")


def units_of(name: str, metric: Metric, *, is_own: bool = False) -> tuple[Unit, ...]:
    """The units that a metric can have, the usual one first.

    Args:
        name: The metric as it was written: `rate` is always per second.
        metric: The metric.
        is_own: Whether it is about a metric of the test's own.
    """
    if is_own:
        if name == "rate":
            return (Unit.PER_SECOND,)
        return (Unit.COUNT, Unit.PER_SECOND) if metric is Metric.COUNT else (Unit.COUNT, Unit.MS)
    if metric.is_time:
        return (Unit.MS,)
    if name == "rate":
        return (Unit.PER_SECOND,)
    return {
        Metric.REQUESTS: (Unit.COUNT, Unit.PER_SECOND),
        Metric.FAILURES: (Unit.SHARE, Unit.COUNT, Unit.PER_SECOND),
        Metric.EXCEPTIONS: (Unit.COUNT,),
        Metric.LATE_STARTS: (Unit.SHARE, Unit.COUNT),
        Metric.DROPPED_STARTS: (Unit.SHARE, Unit.COUNT),
        Metric.OVERLOAD: (Unit.SHARE,),
    }[metric]
