"""The file of a journal: read as a whole, and replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgpack

FORMAT = 1


def read(path: Path) -> dict[str, Any] | None:
    """The content of a journal; None if there is none.

    Raises:
        ValueError: It is not whole, or of another version.
        OSError: It cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    found = msgpack.unpackb(content, strict_map_key=False, use_list=True)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError("it is not a journal of this version")
    return found


def replace(path: Path, content: bytes) -> None:
    """Replaces a file in one step, so that it is whole even if the machine fails."""
    temporary = path.with_suffix(".new")
    with open(temporary, "wb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
