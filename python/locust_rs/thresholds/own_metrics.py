"""Thresholds about metrics of the test's own, such as `p95(metric checkout_total{shop=de}) < 2s`."""

from __future__ import annotations

import re

from locust_rs.metrics import Counter, Gauge, Metrics, Trend
from locust_rs.metrics.tags import NAME, Tags, checked_tags, tags_text
from locust_rs.stats.entry import StatsEntry
from locust_rs.thresholds.errors import ThresholdError, nearest
from locust_rs.thresholds.model import Metric, Selection, Threshold

_WRITTEN = re.compile(r"metric\s+(?P<name>[^\s{}]+)\s*(?:\{(?P<tags>[^{}]*)\})?", re.IGNORECASE)

FIGURES = {
    "counter": "count(metric {name}) or rate(metric {name})",
    "gauge": "value(metric {name})",
    "trend": "p95, median, average, min, max or count, such as p95(metric {name})",
}
"""What can be asked of each kind."""


def read_own_metric(inner: str, text: str, begins: int) -> Selection:
    """Reads `metric NAME{tag=value}`.

    Args:
        inner: What stands in the parentheses.
        text: The whole threshold.
        begins: Where `inner` begins in it.

    Raises:
        ThresholdError: It is malformed.
    """
    end = begins + len(inner)
    found = _WRITTEN.fullmatch(inner)
    if found is None:
        problem = "A metric is written as metric checkout_total or metric checkout_total{shop=de}"
        raise ThresholdError(f"{problem}. If this is the name of an endpoint, put it in quotes", text, begins, end)
    name = found["name"]
    if not NAME.fullmatch(name):
        start = begins + found.start("name")
        raise ThresholdError("A metric's name has letters, digits and _", text, start, start + len(name))
    tags = _read_tags(found["tags"] or "", text, begins + max(found.start("tags"), 0))
    return Selection(f"metric {name}{{{tags_text(tags)}}}" if tags else f"metric {name}", metric=name, tags=tags)


def _read_tags(written: str, text: str, begins: int) -> Tags:
    tags: dict[str, object] = {}
    for pair in written.split(",") if written.strip() else ():
        name, sign, value = pair.partition("=")
        start = begins + len(pair) - len(pair.lstrip())
        if not sign or not NAME.fullmatch(name.strip()):
            raise ThresholdError("Tags are written as {shop=de, kind=card}", text, start, begins + len(pair))
        try:
            checked_tags({name.strip(): value})
        except ValueError as error:
            raise ThresholdError(str(error), text, start, begins + len(pair)) from None
        tags[name.strip()] = value.strip()
        begins += len(pair) + 1
    return checked_tags(tags)


def of_kind(written: str) -> str:
    """What to write instead of `counter orders` and the like; empty if it is none of them."""
    kind, _, name = written.partition(" ")
    if kind == "metric":
        return f"Say what has to hold of it, such as p95(metric {name}), count(metric {name}) or value(metric {name})"
    return f"Of a {kind} write {FIGURES[kind].format(name=name)}" if name and kind in FIGURES else ""


def metric_of(name: str, metric: Metric) -> Metric | None:
    """What a threshold's metric measures of one of the test's own; None if it is about requests only.

    Args:
        name: As it was written: `rate` is that of a counter.
        metric: What it measures of requests.
    """
    if metric.is_time or metric in (Metric.COUNT, Metric.VALUE):
        return metric
    return Metric.COUNT if name == "rate" else None


def _series(metric: Counter | Gauge | Trend, selection: Selection) -> list[Tags]:
    wanted = set(selection.tags)
    return [tags for tags in metric.series if wanted <= set(tags)]


def own_row(metrics: Metrics, selection: Selection) -> StatsEntry | None:
    """The values of a trend as one row; None if there is no such trend."""
    trend = metrics.get(selection.metric)
    if not isinstance(trend, Trend):
        return None
    series = _series(trend, selection)
    return trend.row(series[0]) if len(series) == 1 else trend.together(series)


def own_value(metrics: Metrics, threshold: Threshold) -> float | None:
    """The sum of a counter, the number of a trend's values or the value of a gauge; None if nothing was measured."""
    selection = threshold.selection
    metric = metrics.get(selection.metric)
    if isinstance(metric, Gauge) and threshold.metric is Metric.VALUE:
        series = _series(metric, selection)
        return metric.together(series) if series else None
    if threshold.metric is not Metric.COUNT:
        return None
    if isinstance(metric, Counter):
        # A counter that the test knows and never counted is 0; one without such tags may be misspelled.
        series = _series(metric, selection)
        return sum(map(metric.value, series)) if series or not selection.tags else None
    row = own_row(metrics, selection)
    return float(row.num_requests) if row is not None and row.num_requests else None


def why_unmeasured(metrics: Metrics, threshold: Threshold) -> str:
    """Why a threshold has no value."""
    selection = threshold.selection
    metric = metrics.get(selection.metric)
    if metric is None:
        known = [one.name for one in metrics]
        return f"no metric is called '{selection.metric}'{nearest(selection.metric, known)}".rstrip(".")
    fits = {"counter": Metric.COUNT, "gauge": Metric.VALUE}.get(metric.kind)
    if threshold.metric is not fits and (fits or threshold.metric is Metric.VALUE):
        return f"'{metric.name}' is a {metric.kind}: ask for {FIGURES[metric.kind].format(name=metric.name)}"
    if selection.tags and not any(set(selection.tags) <= set(tags) for tags in metric.series):
        return f"'{metric.name}' has no values with {tags_text(selection.tags)}"
    when = " in that time" if threshold.window_s or threshold.after_s else ""
    return f"the {metric.kind} '{metric.name}' has no values{when}"
