"""Rounding in which halves are rounded up."""

from __future__ import annotations

import decimal
import math

_EXACT_BELOW = 2.0**53
"""From this value on every float is a whole number."""


def proper_round(val: int | float, digits: int = 0) -> int | float:
    """Rounds to `digits` decimals, and halves towards positive infinity: 0.5 → 1.0 and 2.5 → 3.0.

    Rounds the shortest decimal that is read back as `val`, so 2.675 to two digits is 2.68.
    """
    if not math.isfinite(val) or abs(val) >= _EXACT_BELOW:
        return float(val)
    halves = decimal.ROUND_HALF_UP if val >= 0 else decimal.ROUND_HALF_DOWN
    return float(decimal.Decimal(repr(val)).quantize(decimal.Decimal(1).scaleb(-digits), rounding=halves))
