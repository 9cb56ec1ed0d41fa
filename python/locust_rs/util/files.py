"""Writes files that are complete at any moment for their readers."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}


def write_file(path: Path, text: str) -> None:
    """Replaces a file in one step, so that a reader sees either the old content or the new one. Creates its folder.

    Some files cannot be replaced, such as one that is mounted into a container, or one that is open on Windows. They
    are written in place. If there is no room for the new content, the old content is kept.

    Args:
        path: The file.
        text: All of its new content; line ends are kept.

    Raises:
        OSError: The file or its folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            beside.write_text(text, encoding="utf-8", newline="")
            beside.replace(path)
        except BaseException:
            # A folder may exist under that name.
            if not beside.is_dir():
                beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        path.write_text(text, encoding="utf-8", newline="")
