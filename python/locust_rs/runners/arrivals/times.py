"""Times of arrivals on their way to a worker: eight bytes each, little-endian."""

from __future__ import annotations

import math
import struct


def pack_times(times: list[float]) -> bytes:
    """Packs times."""
    return struct.pack(f"<{len(times)}d", *times)


def unpack_times(packed: bytes) -> list[float]:
    """Unpacks what `pack_times` made, from a peer that may send anything.

    Raises:
        ValueError: It is malformed.
    """
    if not isinstance(packed, bytes) or len(packed) % 8:
        raise ValueError("its times are not packed numbers")
    times = list(struct.unpack(f"<{len(packed) // 8}d", packed))
    if not all(map(math.isfinite, times)):
        raise ValueError("its times are not finite")
    return times
