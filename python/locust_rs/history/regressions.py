"""Which differences fail a run: those that are certain, and large enough to matter."""

from __future__ import annotations

from locust_rs.history.compare import Comparison
from locust_rs.history.differences import Difference
from locust_rs.history.findings import change_text, finding, share_text

LEAST_SHARES = {"typical": 0.05, "0.95": 0.1}
"""By how much a time has to be longer: two runs of the same target differ by some per cent, from day to day."""

LEAST_MS = 0.5
"""Below this the machines' own noise is larger than what a target does."""

LEAST_MORE_FAILURES = 0.001
"""By what share of the requests more have to fail."""

EXPECTED_REQUESTS = 20.0
"""How often an endpoint should have been requested, going by the baseline, before its absence counts."""


def regressions(comparison: Comparison) -> dict[str, str]:
    """`METHOD name` of each endpoint that has become worse, and what is worse."""
    found = {}
    for difference in comparison.differences:
        worse = _worse(difference, comparison)
        if worse:
            found[difference.endpoint] = worse
    return found


def unjudged(comparison: Comparison) -> str:
    """Why nothing can be said about any endpoint; empty if something can."""
    if not any(difference.is_in_both for difference in comparison.differences):
        return "the runs have no endpoint in common"
    judged = [one for one in comparison.differences if one.times or one.failures or one.before is None]
    if judged:
        return ""
    return finding(next(one for one in comparison.differences if one.is_in_both))


def _worse(difference: Difference, comparison: Comparison) -> str:
    if difference.after is None:
        return _missed(difference, comparison)
    worse = []
    for measure, least in LEAST_SHARES.items():
        change = difference.times.get(measure)
        is_worse = change is not None and change.direction > 0 and change.share >= least
        if change is not None and is_worse and change.after_ms - change.before_ms >= LEAST_MS:
            worse.append(change_text(measure, change))
    more = difference.after.share - (difference.before.share if difference.before is not None else 0.0)
    if difference.failures > 0 and more >= LEAST_MORE_FAILURES:
        worse.append(f"failures {share_text(difference)}")
    return "; ".join(worse)


def _missed(difference: Difference, comparison: Comparison) -> str:
    before, after = comparison.total.before, comparison.total.after
    if difference.before is None or before is None or after is None or not before.requests:
        return ""
    expected = difference.before.requests / before.requests * after.requests
    return "was not requested at all" if expected >= EXPECTED_REQUESTS else ""
