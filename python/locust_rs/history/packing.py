"""A document as bytes, and back."""

from __future__ import annotations

import json
import zlib
from typing import Any

from locust_rs.history.errors import HistoryError


def pack_document(document: dict[str, Any]) -> bytes:
    """A document, compressed."""
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def unpack_document(packed: bytes, number: int) -> dict[str, Any]:
    """The document of `pack_document`; empty if it is none.

    Args:
        packed: Its bytes.
        number: The run that it belongs to.

    Raises:
        HistoryError: The bytes are damaged.
    """
    try:
        document = json.loads(zlib.decompress(packed))
    except (ValueError, TypeError, zlib.error) as error:
        raise HistoryError(
            f"run {number} is damaged ({error}): delete it with 'locust-rs runs delete {number}'"
        ) from None
    return document if isinstance(document, dict) else {}
