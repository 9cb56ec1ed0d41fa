"""Prometheus' text format 0.0.4 and OpenMetrics 1.0, and the choice between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_SPECIAL = re.compile(r'[\\"\n]')
_ESCAPES = {"\\": r"\\", '"': r"\"", "\n": r"\n"}


def wants_open_metrics(accept: str) -> bool:
    """Whether an `Accept` header prefers OpenMetrics to Prometheus' own format, which everyone else gets."""
    wished = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind in wished:
            weights = [piece[2:] for piece in parameters if piece.startswith("q=")]
            wished[kind] = max(wished[kind], _weight(weights[0]) if weights else 1.0)
    open_metrics, plain = wished.values()
    return open_metrics > 0 and open_metrics >= plain


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def escaped(value: object) -> str:
    """A label's value between its quotes."""
    text = str(value)
    return _SPECIAL.sub(lambda found: _ESCAPES[found[0]], text) if _SPECIAL.search(text) else text


def labels(**values: object) -> str:
    """A set of labels in braces."""
    return "{" + ",".join(f'{name}="{escaped(value)}"' for name, value in values.items()) + "}"


class Exposition:
    """A text that is being put together, family by family. Values are numbers, or texts of them.

    Args:
        open_metrics: Whether it is OpenMetrics. The formats differ in how they declare counters, and in the last line.
    """

    def __init__(self, open_metrics: bool) -> None:
        self._open_metrics = open_metrics
        # Encoded family by family: a few small buffers cost less than one for all of it, whose memory is new each time.
        self._families: list[bytes] = []

    def gauge(self, name: str, about: str, value: object) -> None:
        """A gauge without labels."""
        self.gauges(name, about, [("", value)])

    def gauges(self, name: str, about: str, samples: Iterable[tuple[str, object]]) -> None:
        """A gauge with a sample per set of labels."""
        self._add(name, "gauge", about, [f"{name}{label} {value}\n" for label, value in samples])

    def counter(self, name: str, about: str, value: object) -> None:
        """A counter without labels; `name` is without `_total`."""
        self.counters(name, about, [("", value)])

    def counters(self, name: str, about: str, samples: Iterable[tuple[str, object]]) -> None:
        """A counter with a sample per set of labels; `name` is without `_total`."""
        declared = name if self._open_metrics else f"{name}_total"
        self._add(declared, "counter", about, [f"{name}_total{label} {value}\n" for label, value in samples])

    def oddly_named_counter(self, name: str, about: str, value: object) -> None:
        """A counter whose name does not end with `_total`, which OpenMetrics does not let be one."""
        self._add(name, "unknown" if self._open_metrics else "counter", about, [f"{name} {value}\n"])

    def histograms(
        self,
        name: str,
        about: str,
        bounds: Sequence[float],
        samples: Iterable[tuple[str, Sequence[int], float]],
    ) -> None:
        """A histogram with a series per set of labels.

        Args:
            name: Its name.
            about: What it counts.
            bounds: The upper bounds of its buckets, without that of the last one.
            samples: Labels without braces, the counts up to each bound and of all, and the sum.
        """
        ends = [f',le="{bound}"}} ' for bound in (*bounds, "+Inf")]
        lines: list[str] = []
        for label, counts, total in samples:
            start = f"{name}_bucket{{{label}"
            # One text per series: a list of all lines is memory that the process gives back and asks for each time.
            buckets = "".join([f"{start}{end}{count}\n" for end, count in zip(ends, counts, strict=True)])
            lines.append(f"{buckets}{name}_count{{{label}}} {counts[-1]}\n{name}_sum{{{label}}} {total}\n")
        self._add(name, "histogram", about, lines)

    def summaries(self, name: str, about: str, lines: Iterable[str]) -> None:
        """A summary, whose lines are whole."""
        self._add(name, "summary", about, list(lines))

    def _add(self, name: str, kind: str, about: str, lines: list[str]) -> None:
        family = f"# HELP {name} {about}\n# TYPE {name} {kind}\n{''.join(lines)}"
        self._families.append(family.encode("utf-8", "replace"))

    def encode(self) -> bytes:
        """The whole text."""
        return b"".join([*self._families, b"# EOF\n" if self._open_metrics else b""])
