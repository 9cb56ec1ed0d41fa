"""Reads thresholds such as `p95(GET /cart) < 300ms for 30s after 1m abort`.

threshold = metric ["(" selection ")"] ["of" selection] comparison limit {modifier}
limit     = number[unit] | "baseline" ["*" number] [("+" | "-") number[unit]]
modifier  = ("for" | "over" | "after") duration | "abort"
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import NoReturn

from locust_rs.thresholds.errors import ThresholdError, nearest
from locust_rs.thresholds.groups import read_group
from locust_rs.thresholds.model import COMPARISONS, Metric, Relative, Selection, Threshold, Unit
from locust_rs.thresholds.own_metrics import metric_of, of_kind
from locust_rs.thresholds.selections import read_selection
from locust_rs.thresholds.words import (
    DURATION_UNITS,
    EXAMPLES,
    METRIC_NAMES,
    METRICS,
    MODIFIERS,
    UNITS,
    VERDICT,
    units_of,
)

_METRIC = re.compile(r"[^\W\d][\w.]*(?:[ \t]+(?!of\b)[^\W\d][\w.]*)*")
_COMPARISON = re.compile(r"[<>=!~]+")
_NUMBER = re.compile(r"\d[\d_]*(?:\.\d+)?")
_BASELINE = re.compile(r"baseline\b", re.IGNORECASE)
_UNIT = re.compile(r"\s*(%|/\s*\w+|[^\W\d]+(?:/\w+)?)")
_WORD = re.compile(r"\S+")
_BEFORE_QUOTE = re.compile(r"(?:[(~f]|\b(?:class|tag))\s*$", re.IGNORECASE)
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]*)")

SHORTEST_WINDOW_S = 1.0
"""Thresholds are evaluated every second."""


def parse(text: str) -> Threshold:
    """Reads one threshold.

    Raises:
        ThresholdError: It is malformed; says where, and what to write instead.
    """
    return _Reader(text).threshold()


class _Reader:
    """Reads a text from left to right; `at` is where the next part begins."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def threshold(self) -> Threshold:
        self._skip_spaces()
        name, metric, fraction = self._metric()
        if metric is Metric.VERDICT:
            window_s, after_s, aborts = self._modifiers(("after", "abort"))
            return Threshold(self._tidy(), metric, "==", 1.0, Unit.COUNT, after_s=after_s, aborts=aborts)
        selection = self._selection(name, metric)
        metric = self._of_own(name, metric, selection)
        comparison = self._comparison()
        relative, limit, unit = self._any_limit(name, metric, is_own=bool(selection.metric))
        modifiers_at = self.at
        has_windows = metric not in (Metric.COUNT, Metric.VALUE)
        window_s, after_s, aborts = self._modifiers(MODIFIERS if has_windows else ("after", "abort"))
        read = Threshold(
            self._tidy(), metric, comparison, limit, unit, fraction, selection, window_s, after_s, aborts, relative
        )
        if aborts and read.is_sum and not after_s and comparison in (">", ">=", "=="):
            self._fail(
                f"Every count begins at 0, so this would end the run at once. Say when it has to be reached, such as "
                f"'{comparison} {'baseline' if relative else f'{limit:g}'} after 1m abort', or leave out 'abort'",
                modifiers_at,
                len(self.text),
            )
        return read

    def _tidy(self) -> str:
        return " ".join(self.text.split())

    def _fail(self, problem: str, start: int, end: int) -> NoReturn:
        raise ThresholdError(problem, self.text, start, end)

    def _skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    # -- metric ------------------------------------------------------------------------------------------------

    def _metric(self) -> tuple[str, Metric, float]:
        found = _METRIC.match(self.text, self.at)
        if found is None:
            if self.at >= len(self.text):
                self._fail("This threshold is empty. Write, for example, 'p95 < 300ms'", 0, len(self.text))
            self._fail("A threshold begins with a metric, such as p95, failures or rate", self.at, self.at + 1)
        start, self.at = self.at, found.end()
        name = " ".join(found[0].lower().split())
        if verdict := re.match(r"generator( is)? ok\b", name):
            # What follows is read as modifiers.
            self.at = start + len(_first_words(found[0], len(verdict[0].split())))
            return VERDICT, Metric.VERDICT, 0.0
        if re.fullmatch(r"p[\d.]*", name):
            return name, Metric.PERCENTILE, self._fraction(name, start)
        metric = METRICS.get(name)
        if metric is None:
            first = name.split()[0]
            if first in METRICS or re.fullmatch(r"p\d[\d.]*", first):
                self._fail(f"Put the endpoint in parentheses: {first}(GET /path)", start + len(first), self.at)
            if instead := of_kind(name):
                self._fail(instead, start, self.at)
            self._fail(f"There is no metric '{name}'{nearest(name, METRIC_NAMES)}", start, self.at)
        return name, metric, 0.5 if metric is Metric.PERCENTILE else 0.0

    def _fraction(self, name: str, start: int) -> float:
        if not re.fullmatch(r"p\d+(\.\d+)?", name):
            self._fail(f"'{name}' is no percentile. Write its number, such as p95 or p99.9", start, self.at)
        percent = float(name[1:])
        if not 0 < percent < 100:
            instead = "min" if percent == 0 else "max"
            self._fail(f"A percentile is between 0 and 100. For p0 and p100 write {instead}", start, self.at)
        # Not `percent / 100`: 99.9 / 100 is more than 0.999, and would ask for a rank too high.
        return float(Decimal(name[1:]) / 100)

    # -- selection ---------------------------------------------------------------------------------------------

    def _selection(self, name: str, metric: Metric) -> Selection:
        self._skip_spaces()
        start = self.at
        has_parentheses = self.text.startswith("(", self.at)
        if has_parentheses:
            inside, begins = self._in_parentheses()
        elif self._has_of():
            inside, begins = self._up_to_comparison()
        else:
            return Selection()
        if not metric.has_selection:
            self._fail(f"'{name}' is about the whole run and cannot be asked for an endpoint", start, self.at)
        selection = read_selection(inside, self.text, begins)
        self._skip_spaces()
        if not has_parentheses or not self._has_of():
            return selection
        return self._in_group(selection, start)

    def _has_of(self) -> bool:
        return bool(re.compile(r"of\b", re.IGNORECASE).match(self.text, self.at))

    def _in_group(self, selection: Selection, start: int) -> Selection:
        """The endpoints of a selection within a class or tag, as in `p95(GET /cart) of class Shopper`."""
        if selection.metric or selection.kind:
            self._fail("Only endpoints can be those of a class or tag", start, self.at)
        inside, begins = self._up_to_comparison()
        inner = inside.strip()
        group = read_group(inner, self.text, begins + len(inside) - len(inside.lstrip()))
        text = f"{selection.text} of {group.text}" if selection.text else group.text
        return replace(selection, text=text, kind=group.kind, group=group.group)

    def _of_own(self, name: str, metric: Metric, selection: Selection) -> Metric:
        """What is measured, if the selection is a metric of the test's own; the metric itself if it is not."""
        if selection.metric:
            own = metric_of(name, metric)
            if own is None:
                problem = (
                    f"'{name}' is about requests. A metric has p95, median, average, min, max, count, rate or value"
                )
                self._fail(problem, 0, self.at)
            return own
        if metric in (Metric.COUNT, Metric.VALUE):
            self._fail(f"'{name}' needs a metric of the test: {name}(metric orders)", 0, self.at)
        return metric

    def _in_parentheses(self) -> tuple[str, int]:
        """The text between the parenthesis here and the one that closes it, and where it begins."""
        begins, closes = self.at + 1, self._closing_parenthesis()
        self.at = closes + 1
        return self.text[begins:closes], begins

    def _closing_parenthesis(self) -> int:
        depth = 0
        for position in _outside_quotes(self.text, self.at):
            depth += {"(": 1, ")": -1}.get(self.text[position], 0)
            if depth == 0:
                return position
        is_quoted = self.text[self.at + 1 :].lstrip(" ~")[:1] in ('"', "'")
        missing = "A quote or the parenthesis" if is_quoted else "This parenthesis"
        problem = f"{missing} is not closed. If the name has one, put the name in quotes"
        raise ThresholdError(problem, self.text, self.at, len(self.text))

    def _up_to_comparison(self) -> tuple[str, int]:
        """The text between `of` and the comparison, and where it begins."""
        begins = self.at + len("of")
        for position in _outside_quotes(self.text, begins):
            if re.compile(r"[<>]|[=!]=|\s=\s").match(self.text, position):
                self.at = position
                return self.text[begins:position], begins
        self.at = len(self.text)
        return self.text[begins:], begins

    # -- comparison and limit ----------------------------------------------------------------------------------

    def _comparison(self) -> str:
        self._skip_spaces()
        found = _COMPARISON.match(self.text, self.at)
        if found is None:
            end = len(self.text) if self.at >= len(self.text) else self.at + len(_WORD.match(self.text, self.at)[0])  # type: ignore[index]  # no space here
            self._fail(f"A comparison is missing here: one of {' '.join(COMPARISONS)}", self.at, end)
        start, self.at = self.at, found.end()
        if found[0] not in COMPARISONS:
            instead = {"=": "==", "=<": "<=", "=>": ">=", "===": "=="}.get(found[0])
            hint = f"Write {instead}" if instead else f"Write one of {' '.join(COMPARISONS)}"
            self._fail(f"'{found[0]}' is no comparison. {hint}", start, self.at)
        return found[0]

    def _any_limit(self, name: str, metric: Metric, *, is_own: bool) -> tuple[Relative | None, float, Unit]:
        self._skip_spaces()
        allowed = units_of(name, metric, is_own=is_own)
        found = _BASELINE.match(self.text, self.at)
        if found is None:
            return None, *self._limit(name, metric, allowed)
        if is_own:
            self._fail("A baseline says nothing about metrics of the test's own. Write a number", self.at, found.end())
        if not (metric.is_time or metric in (Metric.REQUESTS, Metric.FAILURES)):
            self._fail(f"A baseline says nothing about '{name}'. Write a number", self.at, found.end())
        self.at = found.end()
        factor = self._number_behind("*") if self._has("*") else 1.0
        sign = 1.0 if self._has("+") else -1.0 if self._has("-") else 0.0
        if not sign:
            return Relative(factor), 0.0, allowed[0]
        self.at += 1
        self._skip_spaces()
        if metric.is_time and re.compile(r"[\d.]+\s*%").match(self.text, self.at):
            self._fail("For a share of the baseline write, for example, 'baseline * 1.1'", self.at, len(self.text))
        offset, unit = self._limit(name, metric, allowed)
        return Relative(factor, sign * offset), 0.0, unit

    def _has(self, operator: str) -> bool:
        """Whether the next part is this operator, where the reader then stands."""
        self._skip_spaces()
        return self.text.startswith(operator, self.at)

    def _number_behind(self, operator: str) -> float:
        self.at += len(operator)
        self._skip_spaces()
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            self._fail("A number is missing here, such as 1.1", self.at, self.at + 1)
        self.at = found.end()
        return float(found[0].replace("_", ""))

    def _limit(self, name: str, metric: Metric, allowed: tuple[Unit, ...]) -> tuple[float, Unit]:
        self._skip_spaces()
        start = self.at
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            word = _WORD.match(self.text, self.at)
            self._fail(
                f"A number of 0 or more is missing here, such as {EXAMPLES[allowed[0]]}",
                start,
                word.end() if word else start,
            )
        self.at = found.end()
        unit, factor = self._unit(name, allowed, start)
        limit = float(found[0].replace("_", "")) * factor
        if unit is Unit.SHARE and limit > 1 and metric is not Metric.OVERLOAD:
            self._fail("A share is at most 100%", start, self.at)
        return limit, unit

    def _unit(self, name: str, allowed: tuple[Unit, ...], start: int) -> tuple[Unit, float]:
        found, written = _UNIT.match(self.text, self.at), ""
        if found is not None and found[1].lower() not in MODIFIERS:
            written, self.at = "".join(found[1].lower().split()), found.end()
        following = self.text[self.at : self.at + 1]
        if following and not following.isspace():
            end = _WORD.match(self.text, self.at).end()  # type: ignore[union-attr]  # no space here
            self._fail("This does not belong to a number. Write 1000 or 1_000, and 0.5", start, end)
        written = {"µs": "us", "μs": "us", "sec": "s", "/sec": "/s", "/m": "/min"}.get(written, written)
        expected = " or ".join(EXAMPLES[unit] for unit in allowed)
        if written not in UNITS:
            self._fail(
                f"There is no unit '{written}'{nearest(written, [unit for unit in UNITS if unit])} "
                f"A limit of '{name}' is {expected}",
                start,
                self.at,
            )
        unit, factor = UNITS[written]
        if unit not in allowed:
            problem = f"'{written}' is no unit of '{name}'" if written else f"'{name}' needs a unit"
            self._fail(f"{problem}: write {expected}", start, self.at)
        return unit, factor

    # -- modifiers ---------------------------------------------------------------------------------------------

    def _modifiers(self, allowed: tuple[str, ...] = MODIFIERS) -> tuple[float | None, float, bool]:
        seen: dict[str, float] = {}
        self._skip_spaces()
        while self.at < len(self.text):
            found = _WORD.match(self.text, self.at)
            assert found is not None
            start, self.at, word = self.at, found.end(), found[0].lower()
            if word not in allowed:
                windows = "'for 30s' (or 'over 30s'), " if "for" in allowed else ""
                self._fail(
                    f"'{found[0]}' has no meaning here. What can follow is {windows}'after 1m' or 'abort'"
                    f"{nearest(word, allowed)}",
                    start,
                    self.at,
                )
            key = "for" if word == "over" else word
            if key in seen:
                self._fail(f"'{word}' is there twice", start, self.at)
            seen[key] = 0.0 if key == "abort" else self._duration(word, start)
            self._skip_spaces()
        return seen.get("for"), seen.get("after", 0.0), "abort" in seen

    def _duration(self, word: str, word_at: int) -> float:
        self._skip_spaces()
        found = _WORD.match(self.text, self.at)
        if found is None:
            self._fail(f"'{word}' needs a duration, such as 30s or 1m30s", word_at, len(self.text))
        start, self.at = self.at, found.end()
        parts = list(_DURATION.finditer(found[0]))
        if not parts or "".join(part[0] for part in parts) != found[0]:
            self._fail(f"'{found[0]}' is no duration. Write, for example, 30s, 5m or 1m30s", start, self.at)
        unknown = [part[2] for part in parts if part[2].lower() not in DURATION_UNITS]
        if unknown:
            problem = f"There is no unit '{unknown[0]}' of durations" if unknown[0] else "A duration needs a unit"
            self._fail(f"{problem}: s, m or h", start, self.at)
        seconds = sum(float(part[1]) * DURATION_UNITS[part[2].lower()] for part in parts)
        if word != "after" and seconds < SHORTEST_WINDOW_S:
            self._fail("Thresholds are evaluated every second: a window has at least 1s", start, self.at)
        return seconds


def _first_words(text: str, count: int) -> str:
    """The beginning of a text up to the end of a word."""
    ends = [word.end() for word in _WORD.finditer(text)]
    return text[: ends[count - 1]]


def _outside_quotes(text: str, start: int) -> list[int]:
    """The positions from `start` on that are not inside quotes."""
    positions, quote = [], ""
    for position in range(start, len(text)):
        character = text[position]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and _BEFORE_QUOTE.search(text, 0, position):
            quote = character
        else:
            positions.append(position)
    return positions
