"""Which requests are traced, decided before anything is made for them. Imported only with `--otel`."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, ContextVar
from random import getrandbits, random, randrange
from typing import Any

from opentelemetry import context
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased, Sampler, TraceIdRatioBased

_IDS = 1 << 64
"""The values of that part of a trace id by which samplers decide."""

_NEVER = 1 << 62
"""More requests than a test has."""


class Draw(RandomIdGenerator):  # type: ignore[misc]  # OpenTelemetry is an extra
    """Draws how many requests are not sampled before the next one that is, and the trace id of that one.

    That has the probabilities of an id drawn for each request, with nothing to draw for those that are not sampled. The
    ids are such as the sampler accepts, by the same rule.
    """

    def __init__(self) -> None:
        self.losses_ahead = 0
        self.lost_for: Any = None
        """The session whose method has counted a loss, for the `request` that it may lead to; no other greenlet runs
        between them."""

        self._drawn: int | None = None
        self._bound = _IDS

    def use(self, sampler: Sampler) -> None:
        """Draws as `sampler` would. One of an unknown kind is asked for each request, when its span begins."""
        root = sampler
        if isinstance(sampler, ParentBased) and type(sampler).should_sample is ParentBased.should_sample:
            root = sampler._root
        if root is ALWAYS_OFF:
            self._bound = 0
        elif isinstance(root, TraceIdRatioBased) and type(root).should_sample is TraceIdRatioBased.should_sample:
            self._bound = root.bound
        self.losses_ahead = self._losses()

    def is_won(self) -> bool:
        """Counts a request that has no span above it; whether it is sampled."""
        if self.losses_ahead:
            self.losses_ahead -= 1
            return False
        self._drawn = (getrandbits(64) << 64 | randrange(self._bound)) or None
        self.losses_ahead = self._losses()
        return True

    def generate_trace_id(self) -> int:
        """The id that won, or else any."""
        drawn, self._drawn = self._drawn, None
        return super().generate_trace_id() if drawn is None else drawn

    def _losses(self) -> int:
        """A number from the geometric distribution: by inversion, as many losses as fit before a chance's tail."""
        if self._bound >= _IDS:
            return 0
        if not self._bound:
            return _NEVER
        return min(_NEVER, int(math.log(1.0 - random()) / math.log1p(-self._bound / _IDS)))


def reader_of_context() -> Callable[[], Any]:
    """A function that returns what OpenTelemetry's context has in this greenlet; nothing of it: no span is open.

    The context's own variable is read directly if it can be, at an eighth of the cost.
    """
    variable = getattr(getattr(context, "_RUNTIME_CONTEXT", None), "_current_context", None)
    read: Callable[[], Any] = context.get_current
    if isinstance(variable, ContextVar):
        with suppress(LookupError):
            Context().run(variable.get)
            read = variable.get
    return read
